// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import com.example.jitmem.api.runtime.RelocatableCode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// Units linked and relocated at addresses, for tests that look at the bytes.
final class Linked {
  static final long CODE = 0x5000_0000_0000L;
  static final long DATA = CODE + 0x100_0000L;
  static final long LIMIT = 1L << 30;

  static final ValueLayout.OfLong INT64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  final LinkPlan plan;
  final MemorySegment code;
  final MemorySegment data;

  private Linked(LinkPlan plan, long codeAddress, long dataAddress) {
    this.plan = plan;
    this.code = MemorySegment.ofArray(new byte[Math.toIntExact(plan.codeByteSize())]);
    this.data = MemorySegment.ofArray(new byte[Math.toIntExact(plan.initializedByteSize())]);
    plan.relocate(code, codeAddress, data, dataAddress);
  }

  static LinkPlan plan(Map<String, Long> externals, RelocatableCode... units) {
    return LinkPlan.of(List.of(units), LIMIT, symbols(externals));
  }

  static Linked at(LinkPlan plan, long codeAddress, long dataAddress) {
    return new Linked(plan, codeAddress, dataAddress);
  }

  static Linked of(Map<String, Long> externals, RelocatableCode... units) {
    return new Linked(plan(externals, units), CODE, DATA);
  }

  static ExternalSymbols symbols(Map<String, Long> externals) {
    return name ->
        externals.containsKey(name) ? OptionalLong.of(externals.get(name)) : OptionalLong.empty();
  }

  long codeQuad(long offset) {
    return code.get(INT64, offset);
  }

  int codeWord(long offset) {
    return code.get(INT32, offset);
  }

  long dataQuad(long offset) {
    return data.get(INT64, offset);
  }

  /// The address of a symbol that is visible from outside.
  long address(String name) {
    LinkedSymbol symbol = plan.find(name).orElseThrow();
    return switch (symbol.area()) {
      case CODE -> CODE + symbol.offset();
      case DATA -> DATA + symbol.offset();
      case FIXED -> symbol.offset();
    };
  }
}
