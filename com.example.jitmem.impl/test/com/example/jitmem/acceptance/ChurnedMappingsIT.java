// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.api.allocator.JitAllocatorOption.IMMEDIATE_RELEASE;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_DUAL_MAPPING;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.Services;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// How many mappings an allocator has after spans came and went at random.
@OnLinux
class ChurnedMappingsIT {
  /// Spans that share blocks, and spans of some blocks, whose memory goes one by one.
  enum Spans {
    SMALL(60_000, 1, 4096),
    LARGE(2_000, 32 << 10, 288 << 10);

    final int count;
    final int smallest;
    final int largest;

    Spans(int count, int smallest, int largest) {
      this.count = count;
      this.smallest = smallest;
      this.largest = largest;
    }

    Span alloc(OwnedJitAllocator allocator, Random random) {
      return allocator.alloc(random.nextInt(smallest, largest + 1));
    }
  }

  /// Mappings of an allocator that are not the memory of spans, as what is reserved and guards, and
  /// those that holes in little memory make.
  private static final long FIXED = 80;

  private static final double PER_GIB = 300;

  static Stream<Arguments> kinds() {
    return Stream.of(Spans.values())
        .flatMap(
            kind ->
                Stream.of(
                        List.of(USE_DUAL_MAPPING),
                        List.of(USE_DUAL_MAPPING, IMMEDIATE_RELEASE),
                        List.of(),
                        List.of(IMMEDIATE_RELEASE))
                    .map(options -> Arguments.of(kind, options)));
  }

  @DisabledIfSystemProperty(
      named = OnLinux.EMULATED,
      matches = "true",
      disabledReason = "qemu-user lists mappings by books of its own, which it does not join")
  @ParameterizedTest
  @MethodSource("kinds")
  void mappingsStayFew(Spans kind, List<JitAllocatorOption> options) throws IOException {
    Random random = new Random(1);
    long before = mappingCount();
    try (OwnedJitAllocator allocator =
        Services.allocator(options.toArray(JitAllocatorOption[]::new))) {
      Span[] spans = new Span[kind.count];
      Arrays.setAll(spans, i -> kind.alloc(allocator, random));
      for (int i = 0; i < 4 * kind.count; i++) {
        int victim = random.nextInt(kind.count);
        spans[victim].close();
        spans[victim] = kind.alloc(allocator, random);
      }
      double gibibytes = allocator.statistics().reservedBytes() / (double) (1 << 30);
      long mappings = mappingCount() - before;
      assertThat(mappings - FIXED).as("mappings").isLessThan((long) (PER_GIB * gibibytes));
      for (int i = 0; i < kind.count; i += 2) {
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
