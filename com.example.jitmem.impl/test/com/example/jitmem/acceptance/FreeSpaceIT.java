// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.api.allocator.JitAllocatorOption.DISABLE_INITIAL_PADDING;
import static com.example.jitmem.api.allocator.JitAllocatorOption.IMMEDIATE_RELEASE;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_DUAL_MAPPING;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_MULTIPLE_POOLS;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.Statistics;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.Services;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What is free is found again, given back, and never more than there is. AsmJit 1.21 gets each of
/// these wrong.
@OnLinux
class FreeSpaceIT {
  private static final JitAllocatorOption[][] CONFIGURATIONS = {
    {USE_DUAL_MAPPING},
    {},
    {USE_DUAL_MAPPING, IMMEDIATE_RELEASE},
    {USE_DUAL_MAPPING, DISABLE_INITIAL_PADDING}
  };

  private static final long MIB = 1024 * 1024;

  /// The orders in which spans are released.
  private enum Order {
    FIRST_IN_FIRST_OUT,
    LAST_IN_FIRST_OUT,
    RANDOM;

    void arrange(List<Span> spans) {
      switch (this) {
        case FIRST_IN_FIRST_OUT -> {}
        case LAST_IN_FIRST_OUT -> Collections.reverse(spans);
        case RANDOM -> Collections.shuffle(spans, new Random(1));
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> spanNeverReachesBeyondItsBlock() {
    return inEachConfiguration(
        allocator -> {
          for (int distance : new int[] {1, 2, 3, 30, 62, 63}) {
            FullBlock block = new FullBlock(allocator);
            int last = block.spanCount() - 1;
            block.release(block.span(last));
            block.release(block.span(last - distance));
            block.alloc(128);
            block.alloc(64);
            block.alloc(64);
            allocator.reset(ResetPolicy.HARD);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> freeTailOfOnceFullBlockIsUsedAgain() {
    return inEachConfiguration(
        allocator -> {
          FullBlock block = new FullBlock(allocator);
          int last = block.spanCount() - 1;
          block.release(block.span(last));
          block.release(block.span(last - 1));
          long reserved = allocator.statistics().reservedBytes();

          assertThat(block.contains(block.alloc(128))).isTrue();
          assertThat(allocator.statistics().reservedBytes()).isEqualTo(reserved);
        });
  }

  @TestFactory
  Stream<DynamicTest> neighboursReleasedInAnyOrderAreOneFreeRange() {
    int[][] orders = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    return inEachConfiguration(
        allocator -> {
          for (int[] order : orders) {
            FullBlock block = new FullBlock(allocator);
            int middle = block.spanCount() / 2;
            long address = block.span(middle).rx().address();
            for (int index : order) {
              block.release(block.span(middle + index));
            }
            assertThat(block.alloc(3 * 64).rx().address()).isEqualTo(address);
            allocator.reset(ResetPolicy.HARD);
          }
        });
  }

  @Test
  void spansOfAllSizesFitIntoABlockThatWasFullOfSmallOnes() {
    try (OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING)) {
      FullBlock block = new FullBlock(allocator);
      List<Span> order = new ArrayList<>(block.spans());
      Span kept = order.remove(0);
      Collections.shuffle(order, new Random(2));
      order.forEach(block::release);
      long free = (block.spanCount() - 1) * 64L;
      for (long byteSize = 64; byteSize <= free; byteSize *= 2) {
        Span span = block.alloc(byteSize);
        assertThat(block.contains(span)).as("span of %d bytes", byteSize).isTrue();
        block.release(span);
      }
      Span all = block.alloc(free);
      assertThat(block.contains(all)).isTrue();
      assertThat(kept.isLive()).isTrue();
    }
  }

  @TestFactory
  Stream<DynamicTest> spanThatIsOneGranuleTooLargeForAHoleGoesElsewhere() {
    return inEachConfiguration(
        allocator -> {
          FullBlock block = new FullBlock(allocator);
          int next = 1;
          for (int granules : new int[] {1, 2, 3, 5, 9, 17, 33, 40, 65, 100, 129, 200}) {
            long address = block.span(next).rx().address();
            block.spans().subList(next, next + granules).forEach(block::release);
            assertThat(block.contains(block.alloc((granules + 1) * 64L))).isFalse();
            assertThat(block.alloc(granules * 64L).rx().address()).isEqualTo(address);
            next += granules + 1;
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> emptyBlocksAreGivenBackInEveryOrderOfRelease() {
    return Stream.of(Order.values())
        .map(
            order ->
                DynamicTest.dynamicTest(
                    order.name(),
                    () -> {
                      assertThat(blocksLeftAfterReleasing(20_000, order, IMMEDIATE_RELEASE))
                          .isZero();
                      assertThat(blocksLeftAfterReleasing(1, order, IMMEDIATE_RELEASE)).isZero();
                      assertThat(blocksLeftAfterReleasing(20_000, order)).isEqualTo(1);
                      assertThat(blocksLeftAfterReleasing(1, order)).isEqualTo(1);
                      assertThat(blocksLeftAfterReleasing(2_000, order, USE_MULTIPLE_POOLS))
                          .isLessThanOrEqualTo(3);
                    }));
  }

  @Test
  void hugeRequestDoesNotInflateLaterGrowth() {
    try (OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING)) {
      Span first = allocator.alloc(64);
      Span huge = allocator.alloc(JitAllocator.MAX_SPAN_BYTE_SIZE);
      long reserved = allocator.statistics().reservedBytes();
      assertThat(reserved).isGreaterThan(JitAllocator.MAX_SPAN_BYTE_SIZE);

      List<Span> small = IntStream.range(0, 20_000).mapToObj(_ -> allocator.alloc(64)).toList();
      assertThat(allocator.statistics().reservedBytes() - reserved)
          .as("growth for 20,000 spans of 64 bytes")
          .isLessThan(4 * MIB);

      huge.close();
      assertThat(allocator.statistics().reservedBytes()).isLessThan(8 * MIB);
      small.forEach(Span::close);
      first.close();
      assertThat(allocator.statistics().reservedBytes())
          .isLessThanOrEqualTo(allocator.parameters().blockByteSize());
    }
  }

  @Test
  void hugeSpanAloneLeavesOneSmallBlock() {
    try (OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING)) {
      allocator.alloc(1024 * MIB).close();
      Statistics statistics = allocator.statistics();
      assertThat(statistics.reservedBytes())
          .isLessThanOrEqualTo(allocator.parameters().blockByteSize());
      assertThat(statistics.blockCount()).isLessThanOrEqualTo(1);
      assertThat(statistics.peakUsedBytes()).isEqualTo(1024 * MIB);
    }
  }

  @Test
  void freshAllocatorAnswersWithItsParametersAndWorks() {
    try (OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING)) {
      assertThat(allocator.parameters()).isEqualTo(Services.parameters(USE_DUAL_MAPPING));
      assertThat(allocator.requestedParameters()).isEqualTo(allocator.parameters());
      assertThat(allocator.statistics().reservedBytes()).isZero();
      assertThat(allocator.statistics().spanCount()).isZero();
      Span span = allocator.alloc(9);
      MachineCode.writeConstant(allocator, span, 42);
      assertThat(MachineCode.run(allocator, span)).isEqualTo(42);
    }
  }

  private static long blocksLeftAfterReleasing(
      int count, Order order, JitAllocatorOption... options) {
    try (OwnedJitAllocator allocator = Services.allocator(options)) {
      List<Span> spans = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        spans.add(allocator.alloc(1024));
      }
      order.arrange(spans);
      spans.forEach(Span::close);
      Statistics statistics = allocator.statistics();
      assertThat(statistics.spanCount()).isZero();
      assertThat(statistics.usedBytes()).isZero();
      assertThat(statistics.reservedBytes())
          .isEqualTo(statistics.blockCount() * allocator.parameters().blockByteSize());
      return statistics.blockCount();
    }
  }

  private static Stream<DynamicTest> inEachConfiguration(Consumer<OwnedJitAllocator> test) {
    return Stream.of(CONFIGURATIONS)
        .map(
            options ->
                DynamicTest.dynamicTest(
                    List.of(options).toString(),
                    () -> {
                      try (OwnedJitAllocator allocator = Services.allocator(options)) {
                        test.accept(allocator);
                      }
                    }));
  }
}
