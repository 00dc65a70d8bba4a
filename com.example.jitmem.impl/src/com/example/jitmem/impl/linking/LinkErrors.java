// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import com.example.jitmem.api.runtime.LinkException;
import com.example.jitmem.api.runtime.LinkException.Reason;
import com.example.jitmem.api.runtime.Relocation;

/// Exceptions that say where a relocation failed and what can be done about it.
final class LinkErrors {
  private LinkErrors() {}

  static LinkException outOfRange(
      Field field, PlacedSection section, Relocation relocation, Target target, long value) {
    String problem =
        "%s %s is %,d, not from %,d to %,d%s"
            .formatted(
                Rule.of(relocation.kind()).formula() == Formula.ADDRESS
                    ? "the address of"
                    : "the distance to",
                target.name,
                value,
                field.min,
                field.max,
                remedy(relocation, target));
    return error(Reason.OUT_OF_RANGE, section, relocation, target, value, problem);
  }

  static LinkException misaligned(
      PlacedSection section, Relocation relocation, Target target, long value, int multiple) {
    String problem = "%,d, for %s, is not a multiple of %d".formatted(value, target.name, multiple);
    return error(Reason.MISALIGNED, section, relocation, target, value, problem);
  }

  static LinkException addend(PlacedSection section, Relocation relocation, Target target) {
    String problem =
        "an entry of the address table with the addend %d, for %s, does not exist"
            .formatted(relocation.addend(), target.name);
    return error(Reason.NOT_SUPPORTED, section, relocation, target, relocation.addend(), problem);
  }

  static LinkException dropped(PlacedSection section, Relocation relocation, Target target) {
    String problem =
        "%s lies in a group of which another unit's copy is used".formatted(target.name);
    return error(Reason.UNDEFINED_SYMBOL, section, relocation, target, 0, problem);
  }

  /// Position-independent code reads addresses from the table, which is near, instead of holding
  /// them or distances to them.
  private static String remedy(Relocation relocation, Target target) {
    return switch (Rule.of(relocation.kind()).formula()) {
      case BRANCH -> "";
      case ADDRESS -> "; compile it with -fPIC";
      default ->
          target.isFar()
              ? "; compile it with -fPIC, which reaches data of others at any distance"
              : "";
    };
  }

  private static LinkException error(
      Reason reason,
      PlacedSection section,
      Relocation relocation,
      Target target,
      long distance,
      String problem) {
    String message =
        "%s: section %s, offset 0x%x, %s: %s"
            .formatted(
                section.unit.name(),
                section.section.name(),
                relocation.offset(),
                relocation.kind(),
                problem);
    return new LinkException(
        reason,
        section.unit.name(),
        section.section.name(),
        relocation.offset(),
        target.name,
        distance,
        message);
  }
}
