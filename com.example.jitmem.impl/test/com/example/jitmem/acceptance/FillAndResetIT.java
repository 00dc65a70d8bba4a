// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.api.allocator.JitAllocatorOption.FILL_UNUSED_MEMORY;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_DUAL_MAPPING;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.Statistics;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.ProcessMaps;
import com.example.jitmem.testing.Services;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Memory without code holds the pattern, and a reset leaves an allocator as good as new.
@OnLinux
class FillAndResetIT {
  private static final int PATTERN = 0x12345678;
  private static final long MIB = 1024 * 1024;

  private static final JitAllocatorParameters[] FILLING = {
    Services.parameters(FILL_UNUSED_MEMORY),
    Services.parameters(USE_DUAL_MAPPING, FILL_UNUSED_MEMORY),
    Services.parameters(USE_DUAL_MAPPING, FILL_UNUSED_MEMORY).withFillPattern(PATTERN)
  };

  @TestFactory
  Stream<DynamicTest> newMemoryHoldsThePattern() {
    return inEachFillingAllocator(allocator -> checkPattern(allocator, allocator.alloc(MIB).rx()));
  }

  @TestFactory
  Stream<DynamicTest> releasedCodeIsReplacedWhereItIsExecuted() {
    return inEachFillingAllocator(
        allocator -> {
          Span neighbour = allocator.alloc(64);
          Span span = fillWithCode(allocator, allocator.alloc(4096));
          MemorySegment rx = span.rx();
          Span otherNeighbour = allocator.alloc(64);
          span.close();
          ProcessMaps.read().checkAccess(rx.address(), rx.byteSize(), "r", "x");
          checkPattern(allocator, rx);
          assertThat(neighbour.isLive() && otherNeighbour.isLive()).isTrue();
        });
  }

  @TestFactory
  Stream<DynamicTest> shrunkCodeIsReplacedWhereItIsExecuted() {
    return inEachFillingAllocator(
        allocator -> {
          Span span = fillWithCode(allocator, allocator.alloc(4096));
          MemorySegment rx = span.rx();
          Span neighbour = allocator.alloc(64);
          allocator.shrink(span, 100);
          checkCode(rx.asSlice(0, 128));
          checkPattern(allocator, rx.asSlice(128));

          allocator.write(span, _ -> 1, CachePolicy.DEFAULT);
          checkCode(rx.asSlice(0, 64));
          checkPattern(allocator, rx.asSlice(64));
          assertThat(neighbour.isLive()).isTrue();
        });
  }

  @TestFactory
  Stream<DynamicTest> softResetReplacesTheCodeAndNotTheFreeMemory() {
    return inEachFillingAllocator(
        allocator -> {
          long byteSize = allocator.parameters().blockByteSize() / 2;
          fillWithCode(allocator, allocator.alloc(byteSize));
          Span released = fillWithCode(allocator, allocator.alloc(4096));
          fillWithCode(allocator, allocator.alloc(4096));
          released.close();
          allocator.reset(ResetPolicy.SOFT);

          Span all = allocator.alloc(allocator.parameters().blockByteSize() - 4096);
          checkPattern(allocator, all.rx());
        });
  }

  @TestFactory
  Stream<DynamicTest> recommittedMemoryHoldsThePattern() {
    return inEachFillingAllocator(
        allocator -> {
          for (int round = 0; round < 3; round++) {
            Span span = allocator.alloc(MIB);
            checkPattern(allocator, span.rx());
            fillWithCode(allocator, span);
            span.close();
          }
          allocator.reset(ResetPolicy.HARD);
          checkPattern(allocator, allocator.alloc(MIB).rx());
        });
  }

  @TestFactory
  Stream<DynamicTest> resetClearsTheFigures() {
    return Stream.of(ResetPolicy.values())
        .map(
            policy -> DynamicTest.dynamicTest(policy.name(), () -> checkFiguresAfterReset(policy)));
  }

  @TestFactory
  Stream<DynamicTest> oneEmptyBlockIsKeptAgainAfterReset() {
    return Stream.of(ResetPolicy.values())
        .map(
            policy ->
                DynamicTest.dynamicTest(
                    policy.name(),
                    () -> {
                      try (OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING)) {
                        allocator.alloc(64).close();
                        assertThat(allocator.statistics().blockCount()).isEqualTo(1);
                        allocator.reset(policy);
                        allocator.alloc(64).close();
                        assertThat(allocator.statistics().blockCount()).isEqualTo(1);
                      }
                    }));
  }

  @Test
  void memoryThatIsNotFilledKeepsItsLengthOnly() {
    try (OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING)) {
      Span span = fillWithCode(allocator, allocator.alloc(4096));
      allocator.shrink(span, 64);
      assertThat(span.rx().byteSize()).isEqualTo(64);
      checkCode(span.rx());
    }
  }

  private static void checkFiguresAfterReset(ResetPolicy policy) {
    for (JitAllocatorOption[] options :
        new JitAllocatorOption[][] {
          {USE_DUAL_MAPPING}, {}, {USE_DUAL_MAPPING, JitAllocatorOption.IMMEDIATE_RELEASE}
        }) {
      try (OwnedJitAllocator allocator = Services.allocator(options)) {
        List<Span> spans =
            IntStream.range(0, 500).mapToObj(i -> allocator.alloc(64 + 64 * (i % 9))).toList();
        spans.get(7).close();
        allocator.reset(policy);

        Statistics statistics = allocator.statistics();
        boolean keepsOne =
            policy == ResetPolicy.SOFT
                && !allocator.parameters().hasOption(JitAllocatorOption.IMMEDIATE_RELEASE);
        assertThat(statistics.spanCount()).isZero();
        assertThat(statistics.ownSpanCount()).isZero();
        assertThat(statistics.usedBytes()).isZero();
        assertThat(statistics.ownUsedBytes()).isZero();
        assertThat(statistics.blockCount()).isEqualTo(keepsOne ? 1 : 0);
        assertThat(spans).noneMatch(Span::isLive);

        Span span = allocator.alloc(64);
        assertThat(allocator.statistics().spanCount()).isEqualTo(1);
        spans.forEach(Span::close);
        assertThat(span.isLive()).isTrue();
      }
    }
  }

  private static Span fillWithCode(OwnedJitAllocator allocator, Span span) {
    allocator.write(
        span, target -> target.fill((byte) 0x5A).byteSize(), CachePolicy.FLUSH_AFTER_WRITE);
    return span;
  }

  private static void checkCode(MemorySegment rx) {
    for (long offset = 0; offset < rx.byteSize(); offset++) {
      assertThat(rx.get(JAVA_BYTE, offset)).as("byte %d", offset).isEqualTo((byte) 0x5A);
    }
  }

  private static void checkPattern(OwnedJitAllocator allocator, MemorySegment rx) {
    int pattern = allocator.parameters().fillPattern().orElse(MachineCode.TRAP);
    for (long offset = 0; offset < rx.byteSize(); offset += Integer.BYTES) {
      if (rx.get(JAVA_INT_UNALIGNED, offset) != pattern) {
        throw new AssertionError(
            "Byte %d of %d holds %x instead of the pattern %x"
                .formatted(offset, rx.byteSize(), rx.get(JAVA_INT_UNALIGNED, offset), pattern));
      }
    }
  }

  /// A test of one allocator.
  @FunctionalInterface
  private interface AllocatorTest {
    void run(OwnedJitAllocator allocator);
  }

  private static Stream<DynamicTest> inEachFillingAllocator(AllocatorTest test) {
    return Stream.of(FILLING)
        .map(
            parameters ->
                DynamicTest.dynamicTest(
                    parameters.toString(),
                    () -> {
                      try (OwnedJitAllocator allocator =
                          Services.allocatorFactory().create(parameters)) {
                        test.run(allocator);
                      }
                    }));
  }
}
