// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

/// What a relocation writes. *Address* means the address of the symbol, *place* the address of the
/// field, *table* the address table of a module, in which symbols have entries of 8 bytes that hold
/// their addresses. The addend is added to each value.
///
/// Fields are little-endian. A value that does not fit its field is refused with a [LinkException],
/// never cut off, unless the constant says so.
///
/// Later versions may add constants, so a `switch` over them needs a `default`.
public enum RelocationKind {
  /// The address, 64 bits.
  ABSOLUTE_64(8),
  /// The address, 32 bits, signed or unsigned.
  ABSOLUTE_32(4),
  /// The address, 32 bits that the processor extends with zeros.
  ABSOLUTE_32_UNSIGNED(4),
  /// The address, 32 bits that the processor extends with the sign.
  ABSOLUTE_32_SIGNED(4),
  /// The address, 16 bits, signed or unsigned.
  ABSOLUTE_16(2),
  /// The address, 8 bits, signed or unsigned.
  ABSOLUTE_8(1),

  /// Address minus place, 64 bits.
  RELATIVE_64(8),
  /// Address minus place, 32 bits, signed. Data and code may be meant, so it never goes through a
  /// stub.
  RELATIVE_32(4),
  /// Address minus place, 16 bits, signed.
  RELATIVE_16(2),
  /// Address minus place, 8 bits, signed.
  RELATIVE_8(1),

  /// Address minus place of a branch, 32 bits, signed. Where the address is out of reach it is that
  /// of a stub that jumps there.
  BRANCH_32(4),
  /// Address minus that of the table for a branch, 64 bits.
  BRANCH_TABLE_OFFSET_64(8),

  /// The size of the symbol, 64 bits.
  SIZE_64(8),
  /// The size of the symbol, 32 bits, unsigned.
  SIZE_32(4),

  /// The address of the symbol's entry in the table minus place, 64 bits.
  ENTRY_RELATIVE_64(8),
  /// The address of the symbol's entry in the table minus place, 32 bits, signed.
  ENTRY_RELATIVE_32(4),
  /// The offset of the symbol's entry in the table, 64 bits.
  ENTRY_OFFSET_64(8),
  /// The address of the table minus place, 64 bits. The symbol does not matter.
  TABLE_RELATIVE_64(8),
  /// The address of the table minus place, 32 bits, signed. The symbol does not matter.
  TABLE_RELATIVE_32(4),
  /// Address minus that of the table, 64 bits.
  TABLE_OFFSET_64(8),

  /// `MOVZ` or `MOVK`: bits 0 to 15 of an address below 2¹⁶.
  AARCH64_MOVE_BITS_0,
  /// `MOVZ` or `MOVK`: bits 0 to 15 of any address.
  AARCH64_MOVE_BITS_0_UNCHECKED,
  /// `MOVZ` or `MOVK`: bits 16 to 31 of an address below 2³².
  AARCH64_MOVE_BITS_16,
  /// `MOVZ` or `MOVK`: bits 16 to 31 of any address.
  AARCH64_MOVE_BITS_16_UNCHECKED,
  /// `MOVZ` or `MOVK`: bits 32 to 47 of an address below 2⁴⁸.
  AARCH64_MOVE_BITS_32,
  /// `MOVZ` or `MOVK`: bits 32 to 47 of any address.
  AARCH64_MOVE_BITS_32_UNCHECKED,
  /// `MOVZ` or `MOVK`: bits 48 to 63 of any address.
  AARCH64_MOVE_BITS_48,

  /// `LDR` of a literal: address minus place, a multiple of 4, within 1 MiB.
  AARCH64_LITERAL,
  /// `ADR`: address minus place, within 1 MiB.
  AARCH64_ADR,
  /// `ADRP`: the page of the address minus that of the place, pages of 4 KiB, within 4 GiB.
  AARCH64_ADRP,
  /// `ADRP` like [#AARCH64_ADRP], of which the upper bits are cut off.
  AARCH64_ADRP_UNCHECKED,
  /// `ADD`: the lowest 12 bits of the address.
  AARCH64_ADD_LOW_12,
  /// Load or store of 1 byte: the lowest 12 bits of the address.
  AARCH64_ACCESS_8_LOW_12,
  /// Load or store of 2 bytes: the lowest 12 bits of the address, a multiple of 2.
  AARCH64_ACCESS_16_LOW_12,
  /// Load or store of 4 bytes: the lowest 12 bits of the address, a multiple of 4.
  AARCH64_ACCESS_32_LOW_12,
  /// Load or store of 8 bytes: the lowest 12 bits of the address, a multiple of 8.
  AARCH64_ACCESS_64_LOW_12,
  /// Load or store of 16 bytes: the lowest 12 bits of the address, a multiple of 16.
  AARCH64_ACCESS_128_LOW_12,

  /// `TBZ` or `TBNZ`: address minus place, a multiple of 4, within 32 KiB.
  AARCH64_TEST_BRANCH,
  /// `B.cond`, `CBZ` or `CBNZ`: address minus place, a multiple of 4, within 1 MiB.
  AARCH64_CONDITIONAL_BRANCH,
  /// `B`: address minus place, a multiple of 4, within 128 MiB. Where the address is out of reach
  /// it is that of a stub; where the symbol is weak and undefined the instruction becomes a `NOP`.
  AARCH64_JUMP,
  /// `BL` like [#AARCH64_JUMP].
  AARCH64_CALL,

  /// `LDR` of a literal: the address of the symbol's entry in the table minus place, within 1 MiB.
  AARCH64_ENTRY_LITERAL,
  /// `ADRP`: the page of the symbol's entry in the table minus that of the place, within 4 GiB.
  AARCH64_ENTRY_ADRP,
  /// `LDR` of 8 bytes: the lowest 12 bits of the address of the symbol's entry in the table.
  AARCH64_ENTRY_LOW_12,
  /// `LDR` of 8 bytes: the address of the symbol's entry in the table minus the page of the table,
  /// below 32 KiB.
  AARCH64_ENTRY_PAGE_OFFSET;

  private final int byteSize;
  private final boolean instruction;

  /// Any field of so many bytes.
  RelocationKind(int byteSize) {
    this.byteSize = byteSize;
    this.instruction = false;
  }

  /// Bits of an AArch64 instruction.
  RelocationKind() {
    this.byteSize = 4;
    this.instruction = true;
  }

  /// The size of the field that is read and written.
  ///
  /// @return 1, 2, 4 or 8 bytes
  public int byteSize() {
    return byteSize;
  }

  /// Tells whether code of an instruction set may contain the relocation.
  ///
  /// @param architecture the instruction set
  /// @return whether it may
  public boolean supports(Architecture architecture) {
    return !instruction || architecture == Architecture.AARCH64;
  }
}
