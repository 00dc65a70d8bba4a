// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import org.jspecify.annotations.Nullable;

/// What a symbol means in a link. All references to a global name share one target.
final class Target {
  /// No entry in the address table, or no stub.
  static final int NONE = -1;

  /// What is known about the value.
  enum State {
    /// No definition was found.
    UNDEFINED,
    /// In a section of a unit.
    PLACED,
    /// In a section of a unit that was dropped.
    DROPPED,
    /// Zeroed data of the link.
    COMMON,
    /// A number of a unit, or an address that the user gave.
    FIXED,
    /// No definition, and none is needed.
    WEAK_UNDEFINED,
    /// The address table.
    TABLE
  }

  final String name;
  State state = State.UNDEFINED;

  /// The section of a target that is placed.
  @Nullable PlacedSection section;

  /// The offset in the section, in the data area for common data, or the number.
  long value;

  long byteSize;

  /// The alignment of common data.
  long byteAlignment = 1;

  /// The unit that defines it, or that was the first to name it.
  String unit;

  /// Whether it is a place without a name.
  boolean label;

  /// Whether the user gave the address.
  boolean external;

  boolean weak;
  boolean hidden;
  boolean indirect;

  /// Whether a reference needs a definition.
  boolean required;

  /// Whether a relocation that is applied names it.
  boolean referenced;

  int entry = NONE;
  int stub = NONE;

  Target(String name, String unit) {
    this.name = name;
    this.unit = unit;
  }

  /// Whether it lies outside the module, where no layout brings it into reach.
  boolean isFar() {
    return state == State.FIXED || state == State.WEAK_UNDEFINED;
  }

  /// Where it lies.
  Area area() {
    return switch (state) {
      case PLACED -> section == null ? Area.FIXED : section.area;
      case COMMON -> Area.DATA;
      default -> Area.FIXED;
    };
  }

  /// Its offset in the area, or its number.
  long offset() {
    return section == null ? value : section.offset + value;
  }
}
