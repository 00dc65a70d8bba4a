// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import com.example.jitmem.api.runtime.LinkException;
import com.example.jitmem.api.runtime.RelocatableCode;
import com.example.jitmem.api.runtime.SectionKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Where everything lies in the two areas.
///
/// ```
/// code   code │ constants │ initializers │ finalizers │ unwind, 0 │ address table │ stubs
/// data   data │ zeros │ common data
/// ```
final class Layout {
  static final int ENTRY_BYTES = 8;

  /// libgcc wants a zero word after the call frame information that it is given.
  private static final int UNWIND_END_BYTES = 4;

  /// The order of initializers whose name has no number.
  private static final long LAST = Long.MAX_VALUE;

  private final List<PlacedSection> kept = new ArrayList<>();
  private final Cursor code;
  private final Cursor data;

  final Range instructions;
  final Range initializers;
  final Range finalizers;
  final Range unwind;
  final long initializedByteSize;
  long tableOffset;
  long stubsOffset;

  /// Lays out the sections that are kept; the table and the stubs come after them.
  ///
  /// @param limit the most bytes of code and data together
  Layout(List<RelocatableCode> units, SymbolResolution symbols, long limit) {
    Budget budget = new Budget(limit);
    code = new Cursor(budget);
    data = new Cursor(budget);
    for (int unit = 0; unit < units.size(); unit++) {
      for (PlacedSection section : symbols.sections(unit)) {
        if (!section.dropped) {
          kept.add(section);
        }
      }
    }
    instructions = place(code, SectionKind.CODE);
    place(code, SectionKind.CONSTANTS);
    initializers = placePointers(SectionKind.INITIALIZERS);
    finalizers = placePointers(SectionKind.FINALIZERS);
    unwind = placeUnwind();
    place(data, SectionKind.DATA);
    initializedByteSize = data.end;
    place(data, SectionKind.ZEROS);
    for (Target target : symbols.globals().values()) {
      if (target.state == Target.State.COMMON) {
        target.value = data.take(target.byteSize, target.byteAlignment);
      }
    }
  }

  /// Adds the table and the stubs.
  void addTable(int entries, int stubs) {
    tableOffset = code.takeAll(entries, ENTRY_BYTES);
    stubsOffset = code.takeAll(stubs, Stubs.BYTES);
  }

  /// The sections that are kept.
  List<PlacedSection> sections() {
    return kept;
  }

  long codeByteSize() {
    return code.end;
  }

  long codeByteAlignment() {
    return code.alignment;
  }

  long dataByteSize() {
    return data.end;
  }

  long dataByteAlignment() {
    return data.alignment;
  }

  private Range place(Cursor cursor, SectionKind kind) {
    long start = cursor.end;
    for (PlacedSection section : kept) {
      if (section.section.kind() == kind) {
        section.offset = cursor.take(section.section.byteSize(), section.section.byteAlignment());
      }
    }
    return new Range(start, cursor.end - start);
  }

  private Range placePointers(SectionKind kind) {
    List<PlacedSection> ordered =
        kept.stream()
            .filter(section -> section.section.kind() == kind)
            .sorted(Comparator.comparingLong(section -> order(section.section.name())))
            .toList();
    long start = code.take(0, ordered.isEmpty() ? 1 : ENTRY_BYTES);
    for (PlacedSection section : ordered) {
      if (section.section.byteSize() % ENTRY_BYTES != 0) {
        throw new LinkException(
            LinkException.Reason.MALFORMED,
            section.unit.name(),
            section.section.name(),
            "",
            "%s: section %s holds no whole addresses"
                .formatted(section.unit.name(), section.section.name()));
      }
      section.offset = code.take(section.section.byteSize(), ENTRY_BYTES);
    }
    return new Range(start, code.end - start);
  }

  /// The number at the end of a name, as in `.init_array.00101`.
  private static long order(String name) {
    String number = name.substring(name.lastIndexOf('.') + 1);
    boolean digits =
        !number.isEmpty()
            && number.length() <= 9
            && number.chars().allMatch(c -> c >= '0' && c <= '9');
    return digits ? Long.parseLong(number) : LAST;
  }

  /// Call frame information is read in a row: a gap of zeros between two sections would end it.
  private Range placeUnwind() {
    long start = Cursor.NOWHERE;
    for (PlacedSection section : kept) {
      if (section.section.kind() == SectionKind.UNWIND) {
        boolean first = start == Cursor.NOWHERE;
        section.offset =
            code.take(section.section.byteSize(), first ? section.section.byteAlignment() : 1);
        start = first ? section.offset : start;
      }
    }
    if (start == Cursor.NOWHERE) {
      return Range.NONE;
    }
    code.take(UNWIND_END_BYTES, 1);
    return new Range(start, code.end - start);
  }

  /// What is left of the bytes that a link may take.
  private static final class Budget {
    private final long limit;
    private long taken;

    Budget(long limit) {
      this.limit = limit;
    }

    void take(long byteSize) {
      if (byteSize > limit - taken) {
        throw new LinkException(
            LinkException.Reason.LIMIT_EXCEEDED,
            "",
            "Code and data need more than the %,d bytes that are allowed".formatted(limit));
      }
      taken += byteSize;
    }
  }

  /// The end of an area that grows.
  private static final class Cursor {
    static final long NOWHERE = -1;

    private final Budget budget;
    private long end;
    private long alignment = 1;

    Cursor(Budget budget) {
      this.budget = budget;
    }

    /// Takes elements that are aligned to their size, and nothing for none.
    long takeAll(int count, int byteSize) {
      return count == 0 ? end : take((long) count * byteSize, byteSize);
    }

    long take(long byteSize, long byteAlignment) {
      long start = end + byteAlignment - 1 & -byteAlignment;
      budget.take(start - end);
      budget.take(byteSize);
      alignment = Math.max(alignment, byteAlignment);
      end = start + byteSize;
      return start;
    }
  }
}
