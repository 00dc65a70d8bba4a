// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.acceptance.RefusedCall.none;
import static com.example.jitmem.api.allocator.JitAllocator.MAX_SPAN_BYTE_SIZE;
import static com.example.jitmem.api.allocator.JitAllocatorOption.CUSTOM_FILL_PATTERN;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_DUAL_MAPPING;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.SpanRequest;
import java.util.Set;

/// Wrong values of [JitAllocatorParameters] and [SpanRequest].
final class ParameterCalls {
  private static final long KIB = 1024;

  private ParameterCalls() {}

  static void addTo(RefusedCall.Table table) {
    addOptions(table);
    JitAllocatorParameters parameters = JitAllocatorParameters.defaults();
    for (long byteSize :
        new long[] {
          0,
          -1,
          4 * KIB,
          32 * KIB,
          96 * KIB,
          64 * KIB + 1,
          512 * KIB * KIB,
          Long.MAX_VALUE,
          Long.MIN_VALUE
        }) {
      table.refusesArgument(
          "JitAllocatorParameters.withBlockByteSize(long)",
          "size " + byteSize,
          () -> parameters.withBlockByteSize(byteSize));
    }
    for (int byteSize : new int[] {0, -64, 1, 32, 65, 96, 512, Integer.MIN_VALUE}) {
      table.refusesArgument(
          "JitAllocatorParameters.withGranuleByteSize(int)",
          "size " + byteSize,
          () -> parameters.withGranuleByteSize(byteSize));
    }
    addSpanRequest(table);
  }

  private static void addOptions(RefusedCall.Table table) {
    JitAllocatorParameters parameters = JitAllocatorParameters.defaults();
    JitAllocatorParameters direct = parameters.withDirect(true);
    String with = "JitAllocatorParameters.with(JitAllocatorOption[])";
    String without = "JitAllocatorParameters.without(JitAllocatorOption[])";
    String withOptions = "JitAllocatorParameters.withOptions(Set)";
    table
        .refusesArgument(with, "pattern is missing", () -> parameters.with(CUSTOM_FILL_PATTERN))
        .refusesArgument(with, "dual and direct", () -> direct.with(USE_DUAL_MAPPING))
        .refusesNull(with, () -> parameters.with(RefusedCall.<JitAllocatorOption[]>none()))
        .refusesNull(without, () -> parameters.without(RefusedCall.<JitAllocatorOption[]>none()))
        .refusesArgument(
            withOptions,
            "pattern is missing",
            () -> parameters.withOptions(Set.of(CUSTOM_FILL_PATTERN)))
        .refusesArgument(
            withOptions, "dual and direct", () -> direct.withOptions(Set.of(USE_DUAL_MAPPING)))
        .refusesNull(withOptions, () -> parameters.withOptions(none()));
  }

  private static void addSpanRequest(RefusedCall.Table table) {
    SpanRequest request = SpanRequest.of(1);
    for (long byteSize :
        new long[] {0, -1, Long.MIN_VALUE, MAX_SPAN_BYTE_SIZE + 1, Long.MAX_VALUE}) {
      table.refusesArgument(
          "SpanRequest.of(long)", "size " + byteSize, () -> SpanRequest.of(byteSize));
    }
    for (long alignment : new long[] {0, -1, 3, 4 * KIB * KIB, Long.MIN_VALUE, Long.MAX_VALUE}) {
      table.refusesArgument(
          "SpanRequest.withByteAlignment(long)",
          "alignment " + alignment,
          () -> request.withByteAlignment(alignment));
    }
    table
        .refusesNull("SpanRequest.withName(String)", () -> request.withName(none()))
        .refusesNull("SpanRequest.withArena(Arena)", () -> request.withArena(none()))
        .refusesNull("SpanRequest.withVicinity(Vicinity)", () -> request.withVicinity(none()));
  }
}
