// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

import java.io.Serial;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Thrown when code cannot be read or linked because of what is in it or where it lies. The message
/// names unit, section, offset and symbol as far as they matter, and what can be done about it.
///
/// Wrong arguments cause an [IllegalArgumentException] or [IllegalStateException] instead, and
/// memory that the system refuses a [com.example.jitmem.api.virtmem.VirtMemException].
public final class LinkException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /// Why code cannot be read or linked. Later versions may add constants, so a `switch` over them
  /// needs a `default`.
  public enum Reason {
    /// The input breaks the rules of its format.
    MALFORMED,
    /// The input is well-formed and asks for what cannot be done.
    NOT_SUPPORTED,
    /// The code is for another instruction set.
    WRONG_ARCHITECTURE,
    /// A symbol has no definition.
    UNDEFINED_SYMBOL,
    /// A symbol has several definitions of the same strength.
    DUPLICATE_SYMBOL,
    /// A value does not fit its field.
    OUT_OF_RANGE,
    /// A value or a place is not the multiple that an instruction needs.
    MISALIGNED,
    /// Code and data are larger than the caller allows.
    LIMIT_EXCEEDED
  }

  /// The reason.
  private final Reason reason;

  /// The unit, or the empty string.
  private final String unit;

  /// The section, or the empty string.
  private final String section;

  /// The offset in the section, or null if no place is meant.
  private final @Nullable Long offset;

  /// The symbol, or the empty string.
  private final String symbol;

  /// The value that does not fit, or null if there is none.
  private final @Nullable Long distance;

  /// A refusal of a whole unit.
  ///
  /// @param reason why it is refused
  /// @param unit the name of the unit
  /// @param message the cause and the remedy
  public LinkException(Reason reason, String unit, String message) {
    this(reason, unit, "", "", message);
  }

  /// A refusal of a section or a symbol.
  ///
  /// @param reason why it is refused
  /// @param unit the name of the unit
  /// @param section the name of the section, or the empty string
  /// @param symbol the name of the symbol, or the empty string
  /// @param message the cause and the remedy
  public LinkException(Reason reason, String unit, String section, String symbol, String message) {
    super(message);
    this.reason = Objects.requireNonNull(reason);
    this.unit = Objects.requireNonNull(unit);
    this.section = Objects.requireNonNull(section);
    this.offset = null;
    this.symbol = Objects.requireNonNull(symbol);
    this.distance = null;
  }

  /// A refusal of a relocation.
  ///
  /// @param reason why it is refused
  /// @param unit the name of the unit
  /// @param section the name of the section
  /// @param offset the offset in the section, in bytes
  /// @param symbol the name of the symbol
  /// @param distance the value that the field would have to hold
  /// @param message the cause and the remedy
  public LinkException(
      Reason reason,
      String unit,
      String section,
      long offset,
      String symbol,
      long distance,
      String message) {
    super(message);
    this.reason = Objects.requireNonNull(reason);
    this.unit = Objects.requireNonNull(unit);
    this.section = Objects.requireNonNull(section);
    this.offset = offset;
    this.symbol = Objects.requireNonNull(symbol);
    this.distance = distance;
  }

  /// Why code cannot be read or linked.
  ///
  /// @return the reason
  public Reason reason() {
    return reason;
  }

  /// The unit that is refused.
  ///
  /// @return its name, or the empty string if no single unit is meant
  public String unit() {
    return unit;
  }

  /// The section in which the cause lies.
  ///
  /// @return its name, or the empty string if no section is meant
  public String section() {
    return section;
  }

  /// The place in the section.
  ///
  /// @return the offset in bytes, empty if no place is meant
  public OptionalLong offset() {
    return offset == null ? OptionalLong.empty() : OptionalLong.of(offset);
  }

  /// The symbol that cannot be linked.
  ///
  /// @return its name, or the empty string if no symbol is meant
  public String symbol() {
    return symbol;
  }

  /// The value that a field cannot hold: a distance in bytes or an address.
  ///
  /// @return the value, empty if no field is meant
  public OptionalLong distance() {
    return distance == null ? OptionalLong.empty() : OptionalLong.of(distance);
  }
}
