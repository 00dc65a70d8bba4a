// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.api.allocator.JitAllocatorOption.IMMEDIATE_RELEASE;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_DUAL_MAPPING;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// How many mappings an allocator has after spans came and went at random.
@OnLinux
class ChurnedMappingsIT {
  private static final int SPANS = 60_000;
  private static final int REPLACEMENTS = 200_000;
  private static final int LARGEST = 4096;

  /// Mappings of an allocator that are not the memory of spans: what is reserved, and guards.
  private static final long FIXED = 40;

  private static final double PER_GIB = 300;

  static Stream<List<JitAllocatorOption>> options() {
    return Stream.of(
        List.of(USE_DUAL_MAPPING),
        List.of(USE_DUAL_MAPPING, IMMEDIATE_RELEASE),
        List.of(),
        List.of(IMMEDIATE_RELEASE));
  }

  @DisabledIfSystemProperty(
      named = OnLinux.EMULATED,
      matches = "true",
      disabledReason = "qemu-user lists mappings by books of its own, which it does not join")
  @ParameterizedTest
  @MethodSource("options")
  void mappingsStayFew(List<JitAllocatorOption> options) throws IOException {
    Random random = new Random(1);
    long before = mappingCount();
    try (OwnedJitAllocator allocator =
        Services.allocator(options.toArray(JitAllocatorOption[]::new))) {
      Span[] spans = new Span[SPANS];
      for (int i = 0; i < SPANS; i++) {
        spans[i] = allocator.alloc(1 + random.nextInt(LARGEST));
      }
      for (int i = 0; i < REPLACEMENTS; i++) {
        int victim = random.nextInt(SPANS);
        spans[victim].close();
        spans[victim] = allocator.alloc(1 + random.nextInt(LARGEST));
      }
      double gibibytes = allocator.statistics().reservedBytes() / (double) (1 << 30);
      long mappings = mappingCount() - before;
      assertThat(mappings - FIXED).as("mappings").isLessThan((long) (PER_GIB * gibibytes));
      for (int i = 0; i < SPANS; i += 2) {
        spans[i].close();
      }
      assertThat(mappingCount() - before - FIXED)
          .as("mappings after half of the spans have gone")
          .isLessThan((long) (PER_GIB * gibibytes));
    }
  }

  private static long mappingCount() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.count();
    }
  }
}
