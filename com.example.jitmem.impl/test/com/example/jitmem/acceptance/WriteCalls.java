// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.acceptance.RefusedCall.none;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanWriter;
import com.example.jitmem.api.allocator.WriteFunction;
import com.example.jitmem.api.allocator.WriteScope;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.testing.OtherThread;
import java.lang.foreign.MemorySegment;

/// Wrong calls of what writes code.
final class WriteCalls {
  private static final CachePolicy POLICY = CachePolicy.DEFAULT;
  private static final WriteFunction<RuntimeException> ALL = MemorySegment::byteSize;
  private static final SpanWriter<Object, RuntimeException> ALL_WITH_CONTEXT =
      (target, _) -> target.byteSize();

  private static final String COPY = "write(Span,long,MemorySegment";
  private static final String FUNCTION = "write(Span,WriteFunction";
  private static final String WRITER = "write(Span,Object,SpanWriter";

  private WriteCalls() {}

  static void addTo(RefusedCall.Table table, Scene scene) {
    OwnedJitAllocator allocator = scene.allocator;
    addWrites(
        table,
        scene,
        "JitAllocator.%s,CachePolicy)"::formatted,
        new Writes() {
          @Override
          public void copy(Span span, long offset, MemorySegment source) {
            allocator.write(span, offset, source, POLICY);
          }

          @Override
          public void function(Span span, WriteFunction<RuntimeException> writer) {
            allocator.write(span, writer, POLICY);
          }

          @Override
          public void writer(
              Span span, Object context, SpanWriter<Object, RuntimeException> writer) {
            allocator.write(span, context, writer, POLICY);
          }
        });
    WriteScope scope = allocator.openWriteScope(POLICY);
    addWrites(
        table,
        scene,
        "WriteScope.%s)"::formatted,
        new Writes() {
          @Override
          public void copy(Span span, long offset, MemorySegment source) {
            scope.write(span, offset, source);
          }

          @Override
          public void function(Span span, WriteFunction<RuntimeException> writer) {
            scope.write(span, writer);
          }

          @Override
          public void writer(
              Span span, Object context, SpanWriter<Object, RuntimeException> writer) {
            scope.write(span, context, writer);
          }
        });
    addPolicies(table, scene);
    addScopeOfAnotherThread(table, scene, scope);
    addClosedScope(table, scene);
  }

  /// The three forms of writing, which an allocator and a scope share.
  private interface Writes {
    void copy(Span span, long offset, MemorySegment source);

    void function(Span span, WriteFunction<RuntimeException> writer);

    void writer(Span span, Object context, SpanWriter<Object, RuntimeException> writer);
  }

  /// Makes the name of a method from what an allocator's and a scope's have in common.
  private interface Names {
    String of(String method);
  }

  private static void addWrites(RefusedCall.Table table, Scene scene, Names names, Writes writes) {
    addCopies(table, scene, names.of(COPY), writes);
    addSpans(table, scene, names, writes);
    String function = names.of(FUNCTION);
    String writer = names.of(WRITER);
    for (long returned : new long[] {0, -1, Long.MIN_VALUE, 193, 1L << 32, Long.MAX_VALUE}) {
      table
          .refusesArgument(
              function, "returns " + returned, () -> writes.function(scene.live, _ -> returned))
          .refusesArgument(
              writer,
              "returns " + returned,
              () -> writes.writer(scene.arenaSpan, "context", (_, _) -> returned));
    }
    table
        .refusesNull(function, () -> writes.function(none(), ALL))
        .refusesNull(function, () -> writes.function(scene.live, none()))
        .refusesNull(writer, () -> writes.writer(none(), "context", ALL_WITH_CONTEXT))
        .refusesNull(writer, () -> writes.writer(scene.live, "context", none()))
        .refuses(
            function,
            "writer throws",
            ArithmeticException.class,
            () ->
                writes.function(
                    scene.live,
                    _ -> {
                      throw new ArithmeticException("by the test");
                    }))
        .refuses(
            function,
            "writes beyond the span",
            IndexOutOfBoundsException.class,
            () -> writes.function(scene.live, target -> target.asSlice(1, 192).byteSize()));
  }

  private static void addCopies(RefusedCall.Table table, Scene scene, String copy, Writes writes) {
    for (long offset : new long[] {-1, 177, 192, 193, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE}) {
      table.refuses(
          copy,
          "16 bytes at offset " + offset,
          IndexOutOfBoundsException.class,
          () -> writes.copy(scene.live, offset, scene.bytes));
    }
    for (long offset : new long[] {-1, 193}) {
      table.refuses(
          copy,
          "nothing at offset " + offset,
          IndexOutOfBoundsException.class,
          () -> writes.copy(scene.live, offset, MemorySegment.NULL));
    }
    MemorySegment tooLong = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    table
        .refuses(
            copy,
            "source of 2^63-1 bytes",
            IndexOutOfBoundsException.class,
            () -> writes.copy(scene.live, 1, tooLong))
        .refusesNull(copy, () -> writes.copy(none(), 0, scene.bytes))
        .refusesNull(copy, () -> writes.copy(scene.live, 0, none()))
        .refusesState(copy, "closed source", () -> writes.copy(scene.live, 0, scene.closedSegment))
        .refusesThread(copy, () -> writes.copy(scene.live, 0, scene.segmentElsewhere));
  }

  private static void addSpans(RefusedCall.Table table, Scene scene, Names names, Writes writes) {
    String copy = names.of(COPY);
    String function = names.of(FUNCTION);
    String writer = names.of(WRITER);
    table
        .refusesState(copy, "ended span", () -> writes.copy(scene.ended, 0, scene.bytes))
        .refusesArgument(copy, "foreign span", () -> writes.copy(scene.foreign, 0, scene.bytes))
        .refusesArgument(copy, "impostor", () -> writes.copy(scene.impostor, 0, scene.bytes))
        .refusesState(function, "ended span", () -> writes.function(scene.ended, ALL))
        .refusesArgument(function, "foreign span", () -> writes.function(scene.foreign, ALL))
        .refusesArgument(function, "impostor", () -> writes.function(scene.impostor, ALL))
        .refusesState(writer, "ended span", () -> writes.writer(scene.ended, "", ALL_WITH_CONTEXT))
        .refusesArgument(
            writer, "foreign span", () -> writes.writer(scene.foreign, "", ALL_WITH_CONTEXT))
        .refusesArgument(
            writer, "impostor", () -> writes.writer(scene.impostor, "", ALL_WITH_CONTEXT));
  }

  private static void addPolicies(RefusedCall.Table table, Scene scene) {
    OwnedJitAllocator allocator = scene.allocator;
    table
        .refusesNull(
            "JitAllocator.write(Span,long,MemorySegment,CachePolicy)",
            () -> allocator.write(scene.live, 0, scene.bytes, none()))
        .refusesNull(
            "JitAllocator.write(Span,WriteFunction,CachePolicy)",
            () -> allocator.write(scene.live, ALL, none()))
        .refusesNull(
            "JitAllocator.write(Span,Object,SpanWriter,CachePolicy)",
            () -> allocator.write(scene.live, "", ALL_WITH_CONTEXT, none()))
        .refusesNull(
            "JitAllocator.openWriteScope(CachePolicy)", () -> allocator.openWriteScope(none()))
        .refusesState(
            "JitAllocator.openWriteScope(CachePolicy)",
            "closed allocator",
            () -> scene.closed.openWriteScope(POLICY))
        .refusesState(
            "JitAllocator.write(Span,long,MemorySegment,CachePolicy)",
            "closed allocator",
            () -> scene.closed.write(scene.ofClosed, 0, scene.bytes, POLICY));
  }

  private static void addScopeOfAnotherThread(
      RefusedCall.Table table, Scene scene, WriteScope open) {
    WriteScope scope = OtherThread.call(() -> scene.allocator.openWriteScope(POLICY));
    table
        .refusesThread(
            "WriteScope.write(Span,long,MemorySegment)",
            () -> scope.write(scene.live, 0, scene.bytes))
        .refusesThread("WriteScope.write(Span,WriteFunction)", () -> scope.write(scene.live, ALL))
        .refusesThread(
            "WriteScope.write(Span,Object,SpanWriter)",
            () -> scope.write(scene.live, "", ALL_WITH_CONTEXT))
        .refusesThread("WriteScope.flush()", scope::flush)
        .refusesThread("WriteScope.close()", scope::close)
        .refusesThread("WriteScope.policy()", scope::policy)
        .refusesThread("WriteScope.allocator()", scope::allocator)
        .refusesThread("WriteScope.close()", () -> OtherThread.run(open::close));
  }

  private static void addClosedScope(RefusedCall.Table table, Scene scene) {
    WriteScope scope = scene.allocator.openWriteScope(POLICY);
    scope.close();
    table
        .refusesState(
            "WriteScope.write(Span,long,MemorySegment)",
            "closed scope",
            () -> scope.write(scene.live, 0, scene.bytes))
        .refusesState(
            "WriteScope.write(Span,WriteFunction)",
            "closed scope",
            () -> scope.write(scene.live, ALL))
        .refusesState(
            "WriteScope.write(Span,Object,SpanWriter)",
            "closed scope",
            () -> scope.write(scene.live, "", ALL_WITH_CONTEXT))
        .refusesState("WriteScope.flush()", "closed scope", scope::flush);
  }
}
