// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.api.allocator.JitAllocator.MAX_SPAN_BYTE_SIZE;
import static com.example.jitmem.api.allocator.JitAllocatorOption.DISABLE_INITIAL_PADDING;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_DUAL_MAPPING;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.runtime.CallSafety;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.OtherThread;
import com.example.jitmem.testing.ProcessMaps;
import com.example.jitmem.testing.Services;
import com.example.jitmem.testing.WaitingCall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What ends when, and what does not.
@OnLinux
class LifetimeIT {
  @Test
  void segmentsOutliveAClosedAllocator() {
    OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING);
    List<MemorySegment> segments = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Span span = allocator.alloc(5000);
      MachineCode.writeConstant(allocator, span, i);
      segments.add(span.rx());
    }
    MethodHandle last =
        Services.runtime(allocator).bind(segments.getLast(), MachineCode.CONSTANT_TYPE);
    allocator.close();
    for (int round = 0; round < 3; round++) {
      System.gc();
      for (int i = 0; i < 200; i++) {
        assertThat(segments.get(i).get(JAVA_BYTE, MachineCode.CONSTANT_OFFSET)).isEqualTo((byte) i);
      }
      assertThat(MachineCode.call(last)).isEqualTo(199);
    }
  }

  @Test
  void closedAllocatorStillTellsItsFigures() {
    OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING);
    Span span = allocator.alloc(100);
    allocator.close();
    allocator.close();
    assertThat(span.isLive()).isFalse();
    span.close();
    assertThat(allocator.statistics().spanCount()).isZero();
    assertThat(allocator.statistics().peakSpanCount()).isEqualTo(1);
    assertThat(allocator.statistics().peakUsedBytes()).isEqualTo(128);
    assertThat(allocator.parameters().options()).containsExactly(USE_DUAL_MAPPING);
    assertThat(allocator.requestedParameters()).isEqualTo(allocator.parameters());
    assertThat(allocator.codeWriting()).isNotNull();
  }

  @Test
  void spansEndWithTheirArena() {
    try (OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING)) {
      Used used;
      try (Arena arena = Arena.ofShared()) {
        used = useIn(arena, allocator);
      }
      used.checkEnded(allocator);
      try (Arena arena = Arena.ofConfined()) {
        used = useIn(arena, allocator);
      }
      used.checkEnded(allocator);
    }
  }

  @Test
  void spanOfAConfinedArenaBelongsToItsThread() {
    try (OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING)) {
      try (Arena arena = Arena.ofConfined()) {
        Span span = allocator.alloc(100, arena);
        MachineCode.writeConstant(allocator, span, 9);
        MemorySegment rx = span.rx();
        assertThatExceptionOfType(WrongThreadException.class)
            .isThrownBy(() -> OtherThread.call(() -> rx.get(JAVA_BYTE, 0)));
        assertThatExceptionOfType(WrongThreadException.class)
            .isThrownBy(
                () -> OtherThread.run(() -> MachineCode.writeConstant(allocator, span, 10)));
        assertThat(MachineCode.run(allocator, span)).isEqualTo(9);
      }
    }
  }

  @Test
  void spanOfTheGlobalArenaNeverEnds() {
    OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING);
    Span span = allocator.alloc(100, Arena.global());
    MachineCode.writeConstant(allocator, span, 9);
    assertThatIllegalStateException().isThrownBy(allocator::close);
    assertThatIllegalStateException().isThrownBy(() -> allocator.reset(ResetPolicy.HARD));
    assertThat(MachineCode.run(allocator, span)).isEqualTo(9);
  }

  @Test
  void arenaIsClosedWithItsGroupAndTheGroupWithItsArena() {
    try (OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING)) {
      CodeGroup byGroup = allocator.openGroup();
      Span first = byGroup.alloc(100);
      byGroup.close();
      byGroup.close();
      assertThat(byGroup.arena().scope().isAlive()).isFalse();
      CodeGroup byArena = allocator.openGroup();
      Span second = byArena.alloc(SpanRequest.of(100).withArena(byArena.arena()));
      byArena.arena().close();
      byArena.close();
      assertThatIllegalStateException().isThrownBy(() -> byArena.alloc(1));
      assertThat(first.isLive() || second.isLive()).isFalse();
      assertThat(allocator.statistics().spanCount()).isZero();
    }
  }

  @Test
  void codeCannotEndWhileAThreadIsInsideIt() throws Throwable {
    try (OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING);
        CodeGroup group = allocator.openGroup()) {
      JitRuntime runtime = Services.runtime(allocator);
      MemorySegment code = MemorySegment.ofArray(MachineCode.waitForOrder());
      JitFunction own = runtime.add(code, MachineCode.WAIT_TYPE, FunctionOptions.defaults());
      JitFunction grouped =
          runtime.add(
              code, MachineCode.WAIT_TYPE, FunctionOptions.defaults().withArena(group.arena()));
      checkRefusedDuringCall(own, own::close);
      checkRefusedDuringCall(grouped, group::close);
      checkRefusedDuringCall(grouped, group.arena()::close);
      checkRefusedDuringCall(grouped, allocator::close);
      own.close();
      own.close();
      assertThat(allocator.statistics().spanCount()).isEqualTo(1);
    }
  }

  @Test
  void checkedFunctionRefusesCallsAfterItsEnd() {
    try (OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING)) {
      for (CallSafety safety : new CallSafety[] {CallSafety.PROTECTED, CallSafety.CHECKED}) {
        JitFunction function =
            Services.runtime(allocator)
                .add(
                    MemorySegment.ofArray(MachineCode.constant(3)),
                    MachineCode.CONSTANT_TYPE,
                    FunctionOptions.defaults().withSafety(safety));
        MethodHandle handle = function.handle();
        assertThat(MachineCode.call(handle)).isEqualTo(3);
        function.close();
        assertThatIllegalStateException().isThrownBy(() -> MachineCode.call(handle));
        assertThat(allocator.statistics().spanCount()).isZero();
      }
    }
  }

  @Test
  void checkedFunctionEndsWithItsMemory() {
    try (OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING)) {
      JitFunction function =
          Services.runtime(allocator)
              .add(
                  MemorySegment.ofArray(MachineCode.constant(3)),
                  MachineCode.CONSTANT_TYPE,
                  FunctionOptions.defaults().withSafety(CallSafety.CHECKED));
      assertThat(MachineCode.call(function.handle())).isEqualTo(3);
      allocator.reset(ResetPolicy.HARD);
      assertThatIllegalStateException().isThrownBy(() -> MachineCode.call(function.handle()));
      function.close();
    }
  }

  @Test
  void hugeSpansComeAndGoWithoutBeingTouched() {
    try (OwnedJitAllocator allocator =
        Services.allocator(USE_DUAL_MAPPING, DISABLE_INITIAL_PADDING)) {
      for (long byteSize : new long[] {1L << 30, MAX_SPAN_BYTE_SIZE, MAX_SPAN_BYTE_SIZE - 1}) {
        Span span = allocator.alloc(byteSize);
        assertThat(span.byteSize()).isBetween(byteSize, byteSize + 63);
        MachineCode.writeConstant(allocator, span, 1);
        allocator.write(
            span,
            span.byteSize() - 1,
            MemorySegment.ofArray(new byte[] {(byte) 0xC3}),
            CachePolicy.DEFAULT);
        assertThat(MachineCode.run(allocator, span)).isEqualTo(1);
        assertThat(span.rx().get(JAVA_BYTE, span.byteSize() - 1)).isEqualTo((byte) 0xC3);
        ProcessMaps.read().checkAccess(span.rx().address(), span.byteSize(), "r", "x");
        span.close();
      }
      assertThat(allocator.statistics().spanCount()).isZero();
    }
  }

  @Test
  void alignedSpansAreAligned() {
    try (OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING)) {
      LiveRanges ranges = new LiveRanges();
      long used = 0;
      for (long alignment = 1; alignment <= SpanRequest.MAX_BYTE_ALIGNMENT; alignment *= 2) {
        for (long byteSize : new long[] {1, 100, 100_000}) {
          Span span =
              allocator.alloc(SpanRequest.of(byteSize).withByteAlignment(alignment).withName("a"));
          ranges.add(span);
          used += span.byteSize();
          assertThat(span.rx().address() % alignment).isZero();
          assertThat(span.byteSize()).isEqualTo((byteSize + 63) / 64 * 64);
          assertThat(span.name()).contains("a");
        }
      }
      ranges.checkExecutable();
      assertThat(allocator.statistics().usedBytes()).isEqualTo(used);
    }
  }

  @Test
  void hundredThousandTinySpansComeAndGo() {
    try (OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING)) {
      LiveRanges ranges = new LiveRanges();
      List<Span> spans = new ArrayList<>();
      for (int i = 0; i < 100_000; i++) {
        Span span = allocator.alloc(1);
        ranges.add(span);
        spans.add(span);
      }
      assertThat(allocator.statistics().spanCount()).isEqualTo(100_000);
      assertThat(allocator.statistics().usedBytes()).isEqualTo(6_400_000);
      ranges.checkExecutable();
      spans.forEach(Span::close);
      assertThat(allocator.statistics().reservedBytes())
          .isLessThanOrEqualTo(allocator.parameters().blockByteSize());
    }
  }

  /// What was taken from a span that ends with an arena.
  private record Used(Span span, MemorySegment rx, MethodHandle function) {
    void checkEnded(OwnedJitAllocator allocator) {
      assertThat(span.isLive()).isFalse();
      assertThat(allocator.query(rx)).isEmpty();
      assertThatIllegalStateException().isThrownBy(() -> rx.get(JAVA_BYTE, 0));
      assertThatIllegalStateException().isThrownBy(() -> MachineCode.call(function));
      assertThat(allocator.statistics().usedBytes()).isZero();
    }
  }

  private static Used useIn(Arena arena, OwnedJitAllocator allocator) {
    Span span = allocator.alloc(100, arena);
    MachineCode.writeConstant(allocator, span, 9);
    MethodHandle function = Services.runtime(allocator).bind(span.rx(), MachineCode.CONSTANT_TYPE);
    assertThat(MachineCode.call(function)).isEqualTo(9);
    return new Used(span, span.rx(), function);
  }

  /// Calls a function on another thread, tries to end it meanwhile, and lets it return.
  private static void checkRefusedDuringCall(JitFunction function, Runnable end) {
    try (WaitingCall call = new WaitingCall(function.handle())) {
      assertThatIllegalStateException().isThrownBy(end::run);
      assertThat(call.finish(17)).isEqualTo(17);
    }
    assertThat(function.span().isLive()).isTrue();
  }
}
