// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import com.example.jitmem.api.runtime.CodeSection;
import com.example.jitmem.api.runtime.CodeSymbol;
import com.example.jitmem.api.runtime.LinkException;
import com.example.jitmem.api.runtime.RelocatableCode;
import com.example.jitmem.api.runtime.SymbolBinding;
import com.example.jitmem.api.runtime.SymbolKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// Finds the definition of each symbol: strong ones before common data before weak ones, and of
/// groups with one signature the first.
final class SymbolResolution {
  /// The name that stands for the address table, see the ABI of each processor.
  private static final String TABLE = "_GLOBAL_OFFSET_TABLE_";

  /// How strong a definition is.
  private static final int UNDEFINED = 0;
  private static final int OF_WEAK = 1;
  private static final int OF_COMMON = 2;
  private static final int STRONG = 3;

  private final List<RelocatableCode> units;
  private final PlacedSection[][] sections;
  private final Target[][] targets;
  private final Map<String, Target> globals = new LinkedHashMap<>();
  private final List<Target> locals = new ArrayList<>();

  SymbolResolution(List<RelocatableCode> units) {
    this.units = units;
    this.sections = new PlacedSection[units.size()][];
    this.targets = new Target[units.size()][];
    keepSections();
    for (int unit = 0; unit < units.size(); unit++) {
      List<CodeSymbol> symbols = units.get(unit).symbols();
      targets[unit] = new Target[symbols.size()];
      for (CodeSymbol symbol : symbols) {
        targets[unit][symbol.index()] = target(unit, symbol);
      }
    }
  }

  /// The sections of a unit, dropped ones among them.
  PlacedSection[] sections(int unit) {
    return sections[unit];
  }

  /// What the symbols of a unit mean.
  Target[] targets(int unit) {
    return targets[unit];
  }

  /// What global names mean, in the order in which they were first named.
  Map<String, Target> globals() {
    return globals;
  }

  /// What local symbols and labels mean.
  List<Target> locals() {
    return locals;
  }

  private void keepSections() {
    Map<String, Integer> firstUnits = new HashMap<>();
    for (int unit = 0; unit < units.size(); unit++) {
      List<CodeSection> all = units.get(unit).sections();
      sections[unit] = new PlacedSection[all.size()];
      for (CodeSection section : all) {
        boolean dropped = false;
        if (!section.comdat().isEmpty()) {
          Integer first = firstUnits.putIfAbsent(section.comdat(), unit);
          dropped = first != null && first != unit;
        }
        sections[unit][section.index()] = new PlacedSection(units.get(unit), section, dropped);
      }
    }
  }

  private Target target(int unit, CodeSymbol symbol) {
    String unitName = units.get(unit).name();
    if (symbol.options().binding() == SymbolBinding.LOCAL) {
      Target local = new Target(symbol.toString(), unitName);
      local.label = symbol.name().isEmpty();
      define(local, unit, symbol);
      locals.add(local);
      return local;
    }
    Target global = globals.computeIfAbsent(symbol.name(), name -> new Target(name, unitName));
    global.hidden |= symbol.options().isHidden();
    if (symbol.kind() == SymbolKind.UNDEFINED || isDropped(unit, symbol)) {
      global.required |= symbol.options().binding() == SymbolBinding.GLOBAL;
    } else {
      merge(global, unit, symbol);
    }
    return global;
  }

  private void merge(Target global, int unit, CodeSymbol symbol) {
    int before = strength(global);
    int offered = strength(symbol);
    if (offered == STRONG && before == STRONG) {
      throw new LinkException(
          LinkException.Reason.DUPLICATE_SYMBOL,
          units.get(unit).name(),
          "",
          symbol.name(),
          "%s: symbol %s is defined in %s too"
              .formatted(units.get(unit).name(), symbol.name(), global.unit));
    }
    if (offered > before) {
      define(global, unit, symbol);
    } else if (offered == OF_COMMON && before == OF_COMMON) {
      global.byteSize = Math.max(global.byteSize, symbol.options().byteSize());
      global.byteAlignment = Math.max(global.byteAlignment, symbol.value());
    }
  }

  private static int strength(CodeSymbol symbol) {
    if (symbol.kind() == SymbolKind.COMMON) {
      return OF_COMMON;
    }
    return symbol.options().binding() == SymbolBinding.WEAK ? OF_WEAK : STRONG;
  }

  private static int strength(Target target) {
    return switch (target.state) {
      case UNDEFINED -> UNDEFINED;
      case COMMON -> OF_COMMON;
      default -> target.weak ? OF_WEAK : STRONG;
    };
  }

  private void define(Target target, int unit, CodeSymbol symbol) {
    target.unit = units.get(unit).name();
    target.byteSize = symbol.options().byteSize();
    target.indirect = symbol.options().isIndirect();
    target.weak = symbol.options().binding() == SymbolBinding.WEAK;
    target.section = null;
    target.value = symbol.value();
    switch (symbol.kind()) {
      case DEFINED -> {
        PlacedSection section = sections[unit][symbol.section().orElseThrow().index()];
        target.section = section;
        target.state = section.dropped ? Target.State.DROPPED : Target.State.PLACED;
      }
      case COMMON -> {
        target.state = Target.State.COMMON;
        target.byteAlignment = symbol.value();
      }
      default -> target.state = Target.State.FIXED;
    }
  }

  private boolean isDropped(int unit, CodeSymbol symbol) {
    return symbol.section().map(section -> sections[unit][section.index()].dropped).orElse(false);
  }

  /// Asks for what is used and has no definition.
  void resolve(ExternalSymbols externals) {
    List<Target> missing = new ArrayList<>();
    for (Target target : globals.values()) {
      if (target.state == Target.State.UNDEFINED && target.referenced) {
        resolve(target, externals);
        if (target.state == Target.State.UNDEFINED) {
          missing.add(target);
        }
      }
    }
    if (!missing.isEmpty()) {
      throw undefined(missing);
    }
  }

  private static void resolve(Target target, ExternalSymbols externals) {
    if (target.name.equals(TABLE)) {
      target.state = Target.State.TABLE;
      return;
    }
    OptionalLong address = target.hidden ? OptionalLong.empty() : externals.find(target.name);
    if (address.isPresent()) {
      target.state = Target.State.FIXED;
      target.external = true;
      target.value = address.getAsLong();
    } else if (!target.required) {
      target.state = Target.State.WEAK_UNDEFINED;
    }
  }

  private static LinkException undefined(List<Target> missing) {
    Target first = missing.getFirst();
    List<String> names = missing.stream().map(target -> target.name).toList();
    String message =
        "%s: undefined %s %s%s"
            .formatted(
                first.unit,
                names.size() == 1 ? "symbol" : "symbols",
                String.join(", ", names.subList(0, Math.min(names.size(), 20))),
                first.hidden ? "; a hidden symbol has to be defined by one of the units" : "");
    return new LinkException(
        LinkException.Reason.UNDEFINED_SYMBOL, first.unit, "", first.name, message);
  }
}
