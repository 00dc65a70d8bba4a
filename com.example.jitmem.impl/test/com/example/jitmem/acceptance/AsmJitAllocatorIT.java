// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.api.allocator.JitAllocatorOption.ALIGN_BLOCK_SIZE_TO_LARGE_PAGE;
import static com.example.jitmem.api.allocator.JitAllocatorOption.DISABLE_INITIAL_PADDING;
import static com.example.jitmem.api.allocator.JitAllocatorOption.FILL_UNUSED_MEMORY;
import static com.example.jitmem.api.allocator.JitAllocatorOption.IMMEDIATE_RELEASE;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_DUAL_MAPPING;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_LARGE_PAGES;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_MULTIPLE_POOLS;
import static com.example.jitmem.testing.Services.parameters;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.acceptance.VerifiedAllocator.Entry;
import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.Services;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What AsmJit's own test does to its allocator, in the same order and with the same random
/// numbers, with more checks: every byte of every span, both views, and the statistics.
@OnLinux
class AsmJitAllocatorIT {
  /// How many spans a step allocates. AsmJit's own number is 100,000.
  private static final int COUNT = Integer.getInteger("jitmem.test.asmjit.count", 5000);

  private static final long SIZE_SEED = 100;
  private static final long MIB = 1024 * 1024;

  @Test
  void anUnusedAllocatorCanBeReset() {
    try (OwnedJitAllocator allocator = Services.allocator()) {
      allocator.reset(ResetPolicy.SOFT);
      allocator.reset(ResetPolicy.HARD);
      assertThat(allocator.statistics().reservedBytes()).isZero();
    }
  }

  @Test
  void aSpanIsFoundByItsAddress() {
    try (OwnedJitAllocator allocator = Services.allocator()) {
      Span span = allocator.alloc(100);
      Span found = allocator.query(span.rx()).orElseThrow();
      assertThat(span.byteSize()).isGreaterThanOrEqualTo(100);
      assertThat(found.rx().address()).isEqualTo(span.rx().address());
      assertThat(found.byteSize()).isEqualTo(span.byteSize());
    }
  }

  @TestFactory
  Stream<DynamicTest> everyConfigurationKeepsSpansApart() {
    return configurations().entrySet().stream()
        .map(
            configuration ->
                DynamicTest.dynamicTest(
                    configuration.getKey(), () -> runAllSteps(configuration.getValue())));
  }

  private static Map<String, JitAllocatorParameters> configurations() {
    Map<String, JitAllocatorParameters> all = new LinkedHashMap<>();
    all.put("no options", parameters());
    all.put("blocks of 16 MiB", parameters().withBlockByteSize(16 * MIB));
    all.put("granules of 256 bytes", parameters().withGranuleByteSize(256));
    for (JitAllocatorOption[] options :
        new JitAllocatorOption[][] {
          {USE_MULTIPLE_POOLS},
          {FILL_UNUSED_MEMORY},
          {IMMEDIATE_RELEASE},
          {DISABLE_INITIAL_PADDING},
          {USE_LARGE_PAGES},
          {USE_LARGE_PAGES, FILL_UNUSED_MEMORY},
          {USE_LARGE_PAGES, ALIGN_BLOCK_SIZE_TO_LARGE_PAGE},
          {USE_DUAL_MAPPING},
          {USE_DUAL_MAPPING, FILL_UNUSED_MEMORY}
        }) {
      all.put(List.of(options).toString(), parameters(options));
    }
    return all;
  }

  private static void runAllSteps(JitAllocatorParameters parameters) {
    try (Run run = new Run(parameters)) {
      run.randomSizes();
      run.shrinking();
      run.oneSize();
    }
  }

  /// One configuration's run.
  private static final class Run implements AutoCloseable {
    private final VerifiedAllocator allocator;
    private final AsmJitRandom random = new AsmJitRandom(SIZE_SEED);
    private final List<Entry> live = new ArrayList<>();

    Run(JitAllocatorParameters parameters) {
      allocator = new VerifiedAllocator(parameters);
      Set<JitAllocatorOption> certain = new HashSet<>(parameters.options());
      certain.removeAll(Set.of(USE_LARGE_PAGES, ALIGN_BLOCK_SIZE_TO_LARGE_PAGE));
      assertThat(allocator.parameters().options()).containsAll(certain);
    }

    void randomSizes() {
      allocRandom(COUNT);
      releaseFromStart();
      allocRandom(COUNT);
      random.shuffle(live);
      long full = allocator.reservedBytes();
      releaseFirst(COUNT / 2);
      allocRandom(COUNT / 2);
      assertThat(allocator.reservedBytes())
          .as("memory after half of the spans was replaced by others of the same sizes")
          .isLessThanOrEqualTo(full + full / 4 + 2 * allocator.parameters().blockByteSize());
      releaseFromEnd();
    }

    void shrinking() {
      alloc(COUNT / 2, 256);
      live.replaceAll(allocator::shrinkToOneByte);
      live.forEach(allocator::verify);
      allocator.checkFigures();
      alloc(COUNT - COUNT / 2, 64);
      live.forEach(allocator::verify);
      releaseFromStart();
    }

    void oneSize() {
      alloc(COUNT, 256);
      random.shuffle(live);
      long full = allocator.reservedBytes();
      releaseFirst(COUNT / 2);
      alloc(COUNT / 2, 256);
      assertThat(allocator.reservedBytes())
          .as("memory after half of the spans was replaced by as many of the same size")
          .isLessThanOrEqualTo(full);
      releaseFromEnd();
    }

    private void allocRandom(int count) {
      for (int i = 0; i < count; i++) {
        live.add(allocator.alloc(random.nextInt(1024) + 8));
      }
      allocator.checkFigures();
    }

    private void alloc(int count, long byteSize) {
      for (int i = 0; i < count; i++) {
        live.add(allocator.alloc(byteSize));
      }
      allocator.checkFigures();
    }

    private void releaseFirst(int count) {
      List<Entry> first = live.subList(0, count);
      first.forEach(allocator::release);
      first.clear();
      allocator.checkFigures();
    }

    private void releaseFromStart() {
      releaseFirst(live.size());
    }

    private void releaseFromEnd() {
      live.reversed().forEach(allocator::release);
      live.clear();
      allocator.checkFigures();
    }

    @Override
    public void close() {
      allocator.close();
    }
  }
}
