// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.runtime.Relocation;
import com.example.jitmem.api.runtime.RelocationKind;
import com.example.jitmem.api.runtime.SectionKind;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Applies relocations for given load addresses. It reads a link and changes buffers only.
final class Relocator {
  private static final ValueLayout.OfInt INT32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final int AARCH64_NOP = 0xD503_201F;

  /// The addend of a branch that goes to the first byte of its target: the processor counts from
  /// the end of the field on x86-64.
  private static final long X86_64_BRANCH_ADDEND = -4;

  private final Architecture architecture;
  private final Addresses addresses;
  private final MemorySegment code;
  private final MemorySegment data;

  Relocator(
      Architecture architecture, Addresses addresses, MemorySegment code, MemorySegment data) {
    this.architecture = architecture;
    this.addresses = addresses;
    this.code = code;
    this.data = data;
  }

  /// Applies one relocation of a section that is kept.
  void apply(PlacedSection section, Relocation relocation, Target target) {
    RelocationKind kind = relocation.kind();
    Rule rule = Rule.of(kind);
    MemorySegment bytes = section.area == Area.DATA ? data : code;
    long at = section.offset + relocation.offset();
    long place = addresses.of(section) + relocation.offset();
    if (rule.field().isInstruction() && (place & 3) != 0) {
      throw LinkErrors.misaligned(section, relocation, target, place, 4);
    }
    if (target.state == Target.State.DROPPED) {
      clear(section, relocation, target, bytes, at);
    } else if (target.state == Target.State.WEAK_UNDEFINED && isBranchInstruction(kind)) {
      bytes.set(INT32, at, AARCH64_NOP);
    } else {
      long value = value(rule.formula(), section, relocation, target, place);
      check(rule.field(), section, relocation, target, value);
      rule.field().write(bytes, at, value);
    }
  }

  private long value(
      Formula formula, PlacedSection section, Relocation relocation, Target target, long place) {
    long addend = relocation.addend();
    if (formula.refusesAddend() && addend != 0) {
      throw LinkErrors.addend(section, relocation, target);
    }
    long address = formula == Formula.SIZE ? target.byteSize : addresses.of(target);
    long value =
        formula.value(address, addend, place, addresses.ofEntry(target), addresses.ofTable());
    if (formula == Formula.BRANCH
        && !Rule.of(relocation.kind()).field().holds(value)
        && target.stub != Target.NONE
        && addend == branchAddend(relocation.kind())) {
      return addresses.ofStub(target) + addend - place;
    }
    return value;
  }

  private long branchAddend(RelocationKind kind) {
    return kind == RelocationKind.BRANCH_32 && architecture == Architecture.X86_64
        ? X86_64_BRANCH_ADDEND
        : 0;
  }

  private static boolean isBranchInstruction(RelocationKind kind) {
    return kind == RelocationKind.AARCH64_CALL || kind == RelocationKind.AARCH64_JUMP;
  }

  private static void check(
      Field field, PlacedSection section, Relocation relocation, Target target, long value) {
    if (!field.holds(value)) {
      throw LinkErrors.outOfRange(field, section, relocation, target, value);
    }
    if ((value & field.multiple - 1) != 0) {
      throw LinkErrors.misaligned(section, relocation, target, value, field.multiple);
    }
  }

  /// What refers into a section that was dropped becomes 0, which call frame information and tables
  /// of exceptions understand. Code would run into it.
  private static void clear(
      PlacedSection section,
      Relocation relocation,
      Target target,
      MemorySegment bytes,
      long offset) {
    if (section.section.kind() == SectionKind.CODE
        || Rule.of(relocation.kind()).field().isInstruction()) {
      throw LinkErrors.dropped(section, relocation, target);
    }
    bytes.asSlice(offset, relocation.kind().byteSize()).fill((byte) 0);
  }
}
