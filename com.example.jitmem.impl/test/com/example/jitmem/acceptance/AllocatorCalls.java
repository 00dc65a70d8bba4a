// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.acceptance.RefusedCall.none;
import static com.example.jitmem.api.allocator.JitAllocator.MAX_SPAN_BYTE_SIZE;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.testing.Services;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Wrong calls of what allocates, finds and ends spans.
final class AllocatorCalls {
  private static final long[] WRONG_SIZES = {
    0, -1, Long.MIN_VALUE, MAX_SPAN_BYTE_SIZE + 1, 1L << 31, Long.MAX_VALUE - 63, Long.MAX_VALUE
  };

  private AllocatorCalls() {}

  static void addTo(RefusedCall.Table table, Scene scene) {
    addAlloc(table, scene);
    addRelease(table, scene);
    addShrink(table, scene);
    addEnd(table, scene);
    addGroup(table, scene);
    addSpan(table, scene);
  }

  private static void addAlloc(RefusedCall.Table table, Scene scene) {
    OwnedJitAllocator allocator = scene.allocator;
    for (long byteSize : WRONG_SIZES) {
      String wrong = "size " + byteSize;
      table
          .refusesArgument("JitAllocator.alloc(long)", wrong, () -> allocator.alloc(byteSize))
          .refusesArgument(
              "JitAllocator.alloc(long,Arena)",
              wrong,
              () -> allocator.alloc(byteSize, scene.arena));
    }
    SpanRequest request = SpanRequest.of(100);
    table
        .refusesState("JitAllocator.alloc(long)", "closed allocator", () -> scene.closed.alloc(64))
        .refusesNull("JitAllocator.alloc(long,Arena)", () -> allocator.alloc(64, none()))
        .refusesState(
            "JitAllocator.alloc(long,Arena)",
            "closed arena",
            () -> allocator.alloc(64, scene.closedArena))
        .refusesState(
            "JitAllocator.alloc(long,Arena)",
            "closed allocator",
            () -> scene.closed.alloc(64, scene.arena))
        .refusesThread(
            "JitAllocator.alloc(long,Arena)", () -> allocator.alloc(64, scene.confinedElsewhere))
        .refusesNull("JitAllocator.alloc(SpanRequest)", () -> allocator.alloc(none()))
        .refusesState(
            "JitAllocator.alloc(SpanRequest)",
            "closed allocator",
            () -> scene.closed.alloc(request))
        .refusesState(
            "JitAllocator.alloc(SpanRequest)",
            "closed arena",
            () -> allocator.alloc(request.withArena(scene.closedArena)))
        .refusesThread(
            "JitAllocator.alloc(SpanRequest)",
            () -> allocator.alloc(request.withArena(scene.confinedElsewhere)))
        .refusesArgument(
            "JitAllocator.alloc(SpanRequest)",
            "more than a region",
            () ->
                allocator.alloc(
                    SpanRequest.of(MAX_SPAN_BYTE_SIZE)
                        .withByteAlignment(SpanRequest.MAX_BYTE_ALIGNMENT)));
  }

  private static void addRelease(RefusedCall.Table table, Scene scene) {
    String release = "JitAllocator.release(MemorySegment)";
    OwnedJitAllocator allocator = scene.allocator;
    MemorySegment rx = scene.live.rx();
    table
        .refusesNull(release, () -> allocator.release(none()))
        .refusesArgument(release, "null address", () -> allocator.release(MemorySegment.NULL))
        .refusesArgument(release, "heap segment", () -> allocator.release(scene.bytes))
        .refusesArgument(release, "inside", () -> allocator.release(rx.asSlice(64)))
        .refusesArgument(release, "misaligned", () -> allocator.release(rx.asSlice(1)))
        .refusesArgument(release, "already released", () -> allocator.release(scene.endedRx))
        .refusesArgument(release, "of another one", () -> allocator.release(scene.foreign.rx()))
        .refusesArgument(release, "foreign memory", () -> allocator.release(scene.closedSegment))
        .refuses(
            release,
            "span with an arena",
            UnsupportedOperationException.class,
            () -> allocator.release(scene.arenaSpan.rx()))
        .refusesState(release, "closed allocator", () -> scene.closed.release(scene.ofClosedRx))
        .refusesNull("JitAllocator.query(MemorySegment)", () -> allocator.query(none()))
        .refusesState(
            "JitAllocator.query(MemorySegment)",
            "closed allocator",
            () -> scene.closed.query(scene.ofClosedRx));
  }

  private static void addShrink(RefusedCall.Table table, Scene scene) {
    String shrink = "JitAllocator.shrink(Span,long)";
    OwnedJitAllocator allocator = scene.allocator;
    for (long byteSize : new long[] {0, -1, Long.MIN_VALUE, 193, 1L << 32, Long.MAX_VALUE}) {
      table
          .refusesArgument(shrink, "size " + byteSize, () -> allocator.shrink(scene.live, byteSize))
          .refusesArgument(
              shrink,
              "size " + byteSize + " with an arena",
              () -> allocator.shrink(scene.arenaSpan, byteSize));
    }
    table
        .refusesNull(shrink, () -> allocator.shrink(none(), 1))
        .refusesState(shrink, "ended span", () -> allocator.shrink(scene.ended, 1))
        .refusesArgument(shrink, "foreign span", () -> allocator.shrink(scene.foreign, 1))
        .refusesArgument(shrink, "impostor", () -> allocator.shrink(scene.impostor, 1))
        .refusesState(shrink, "closed allocator", () -> scene.closed.shrink(scene.ofClosed, 1));
  }

  private static void addEnd(RefusedCall.Table table, Scene scene) {
    for (ResetPolicy policy : ResetPolicy.values()) {
      table
          .refusesState(
              "JitAllocator.reset(ResetPolicy)",
              policy + " with a span in an arena",
              () -> scene.allocator.reset(policy))
          .refusesState(
              "JitAllocator.reset(ResetPolicy)",
              policy + " on a closed allocator",
              () -> scene.closed.reset(policy));
    }
    table
        .refusesNull("JitAllocator.reset(ResetPolicy)", () -> scene.other.reset(none()))
        .refusesState(
            "OwnedJitAllocator.close()", "a span has an arena", () -> scene.allocator.close())
        .refusesState(
            "JitAllocator.openGroup()", "closed allocator", () -> scene.closed.openGroup())
        .refusesNull(
            "JitAllocatorFactory.create(JitAllocatorParameters)",
            () -> Services.allocatorFactory().create(none()));
  }

  private static void addGroup(RefusedCall.Table table, Scene scene) {
    CodeGroup ended = scene.allocator.openGroup();
    ended.close();
    CodeGroup group = scene.allocator.openGroup();
    for (long byteSize : WRONG_SIZES) {
      table.refusesArgument(
          "CodeGroup.alloc(long)", "size " + byteSize, () -> group.alloc(byteSize));
    }
    SpanRequest request = SpanRequest.of(64);
    table
        .refusesState("CodeGroup.alloc(long)", "closed group", () -> ended.alloc(64))
        .refusesState("CodeGroup.alloc(SpanRequest)", "closed group", () -> ended.alloc(request))
        .refusesNull("CodeGroup.alloc(SpanRequest)", () -> group.alloc(none()))
        .refusesArgument(
            "CodeGroup.alloc(SpanRequest)",
            "another arena",
            () -> group.alloc(request.withArena(scene.arena)))
        .refusesArgument(
            "CodeGroup.alloc(SpanRequest)",
            "the global arena",
            () -> group.alloc(request.withArena(Arena.global())));
  }

  private static void addSpan(RefusedCall.Table table, Scene scene) {
    Span endedWithArena;
    try (Arena arena = Arena.ofShared()) {
      endedWithArena = scene.allocator.alloc(64, arena);
    }
    table
        .refusesState("Span.rx()", "ended span", () -> scene.ended.rx())
        .refusesState("Span.rx()", "ended arena", () -> endedWithArena.rx())
        .refusesState("Span.rx()", "closed allocator", () -> scene.ofClosed.rx())
        .refusesState("Span.byteSize()", "ended span", () -> scene.ended.byteSize())
        .refusesState("Span.byteSize()", "ended arena", () -> endedWithArena.byteSize())
        .refuses(
            "Span.close()",
            "span with an arena",
            UnsupportedOperationException.class,
            () -> scene.arenaSpan.close());
  }
}
