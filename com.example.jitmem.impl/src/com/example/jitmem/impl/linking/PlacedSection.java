// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import com.example.jitmem.api.runtime.CodeSection;
import com.example.jitmem.api.runtime.RelocatableCode;
import com.example.jitmem.api.runtime.SectionKind;

/// A section of a unit in a link, and where it lies.
final class PlacedSection {
  final RelocatableCode unit;
  final CodeSection section;
  final Area area;

  /// Whether another group of the same signature is kept instead.
  final boolean dropped;

  /// From the start of the area, once it is laid out.
  long offset;

  PlacedSection(RelocatableCode unit, CodeSection section, boolean dropped) {
    this.unit = unit;
    this.section = section;
    this.area =
        section.kind() == SectionKind.DATA || section.kind() == SectionKind.ZEROS
            ? Area.DATA
            : Area.CODE;
    this.dropped = dropped;
  }
}
