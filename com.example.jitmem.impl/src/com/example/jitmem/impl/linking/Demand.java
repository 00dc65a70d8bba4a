// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import com.example.jitmem.api.runtime.RelocatableCode;
import com.example.jitmem.api.runtime.Relocation;
import com.example.jitmem.api.runtime.RelocationKind;
import java.util.ArrayList;
import java.util.List;

/// What relocations ask for beside sections: entries of the address table, and stubs.
final class Demand {
  private final List<Target> entries = new ArrayList<>();
  private final List<Target> stubs = new ArrayList<>();
  private final List<Target> branches = new ArrayList<>();

  /// Reads the relocations of all sections that are kept.
  Demand(List<RelocatableCode> units, SymbolResolution symbols) {
    for (int unit = 0; unit < units.size(); unit++) {
      PlacedSection[] sections = symbols.sections(unit);
      Target[] targets = symbols.targets(unit);
      for (Relocation relocation : units.get(unit).relocations()) {
        if (!sections[relocation.section().index()].dropped) {
          read(relocation.kind(), targets[relocation.symbol().index()]);
        }
      }
    }
    symbols.locals().forEach(this::addIndirect);
    symbols.globals().values().forEach(this::addIndirect);
  }

  private void read(RelocationKind kind, Target target) {
    switch (kind) {
      case TABLE_RELATIVE_64, TABLE_RELATIVE_32 -> {
        return;
      }
      case ENTRY_RELATIVE_64,
          ENTRY_RELATIVE_32,
          ENTRY_OFFSET_64,
          AARCH64_ENTRY_LITERAL,
          AARCH64_ENTRY_ADRP,
          AARCH64_ENTRY_LOW_12,
          AARCH64_ENTRY_PAGE_OFFSET -> {
        if (target.entry == Target.NONE) {
          target.entry = entries.size();
          entries.add(target);
        }
      }
      case BRANCH_32, AARCH64_JUMP, AARCH64_CALL -> branches.add(target);
      default -> {}
    }
    target.referenced = true;
  }

  private void addIndirect(Target target) {
    if (target.indirect && target.state == Target.State.PLACED) {
      addStub(target);
    }
  }

  /// Adds stubs for branches out of the module, once it is known what symbols mean. Branches within
  /// it need none: the code of a module is smaller than their reach, or is refused.
  void addStubs() {
    for (Target target : branches) {
      if (target.isFar()) {
        addStub(target);
      }
    }
  }

  private void addStub(Target target) {
    if (target.stub == Target.NONE) {
      target.stub = stubs.size();
      stubs.add(target);
    }
  }

  /// The targets that have an entry in the address table.
  List<Target> entries() {
    return entries;
  }

  /// The targets that have a stub.
  List<Target> stubs() {
    return stubs;
  }
}
