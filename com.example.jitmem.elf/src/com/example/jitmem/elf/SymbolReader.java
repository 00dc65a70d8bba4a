// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.runtime.CodeSection;
import com.example.jitmem.api.runtime.CodeSymbol;
import com.example.jitmem.api.runtime.LinkException;
import com.example.jitmem.api.runtime.LinkException.Reason;
import com.example.jitmem.api.runtime.RelocatableCode;
import com.example.jitmem.api.runtime.SymbolBinding;
import com.example.jitmem.api.runtime.SymbolOptions;
import org.jspecify.annotations.Nullable;

/// Adds the symbols of the sections that are loaded.
final class SymbolReader {
  /// What a slim object of GCC's link-time optimization defines.
  private static final String LTO_MARK = "__gnu_lto_slim";

  private static final SymbolOptions LOCAL =
      SymbolOptions.defaults().withBinding(SymbolBinding.LOCAL);

  private final Input input;
  private final SectionTable table;
  private final SymbolTable symbols;
  private final @Nullable CodeSymbol[] added;

  SymbolReader(Input input, SectionTable table, SymbolTable symbols) {
    this.input = input;
    this.table = table;
    this.symbols = symbols;
    if (symbols.count() > Integer.MAX_VALUE - 8) {
      throw input.notSupported("there are more symbols than an array holds");
    }
    this.added = new CodeSymbol[(int) symbols.count()];
  }

  /// Refuses what no section shows: it is done first, because it names the symbol.
  void checkThreadLocals() {
    for (int symbol = 1; symbol < added.length; symbol++) {
      if (symbols.type(symbol) == SymbolTable.TLS) {
        String name = symbols.name(symbol);
        throw error(
            Reason.NOT_SUPPORTED,
            name,
            "symbol %s is thread-local; compile with -femulated-tls".formatted(name));
      }
    }
  }

  /// Adds all symbols.
  void read(RelocatableCode.Builder builder, SectionReader sections) {
    for (int symbol = 1; symbol < added.length; symbol++) {
      if (symbols.type(symbol) != SymbolTable.FILE) {
        added[symbol] = add(builder, sections, symbol);
      }
    }
  }

  /// The symbol of a number, null if it is not of a loaded section. Number 0, which is no symbol,
  /// has the value 0.
  @Nullable CodeSymbol get(RelocatableCode.Builder builder, int symbol) {
    if (symbol == 0 && added[0] == null) {
      added[0] = builder.absolute("0", 0, LOCAL);
    }
    return added[symbol];
  }

  private @Nullable CodeSymbol add(
      RelocatableCode.Builder builder, SectionReader sections, int symbol) {
    String name = symbols.name(symbol);
    if (name.equals(LTO_MARK)) {
      throw table.linkTimeOptimization();
    }
    long place = symbols.sectionOf(symbol);
    if (place == SymbolTable.UNDEFINED) {
      return builder.undefined(checkUndefined(symbol, name), options(symbol, name));
    }
    if (place == SymbolTable.ABSOLUTE) {
      return name.isEmpty()
          ? null
          : builder.absolute(name, symbols.value(symbol), options(symbol, name));
    }
    if (place == SymbolTable.COMMON || place == SymbolTable.LARGE_COMMON) {
      return common(builder, symbol, name);
    }
    if (place >= table.count()) {
      throw malformed(name, "symbol %s is in no section".formatted(name));
    }
    CodeSection section = sections.get(place);
    return section == null ? null : defined(builder, section, symbol, name);
  }

  private CodeSymbol defined(
      RelocatableCode.Builder builder, CodeSection section, int symbol, String name) {
    long value = symbols.value(symbol);
    if (value < 0 || value > section.byteSize()) {
      throw malformed(name, "symbol %s is outside section %s".formatted(name, section.name()));
    }
    boolean label =
        name.isEmpty() || symbols.type(symbol) == SymbolTable.SECTION || isMappingSymbol(name);
    return label
        ? builder.label(section, value)
        : builder.define(name, section, value, options(symbol, name));
  }

  private CodeSymbol common(RelocatableCode.Builder builder, int symbol, String name) {
    long alignment = symbols.value(symbol) == 0 ? 1 : symbols.value(symbol);
    if (name.isEmpty() || Long.bitCount(alignment) != 1) {
      throw malformed(name, "common symbol %s has no alignment".formatted(name));
    }
    if (Long.compareUnsigned(alignment, RelocatableCode.MAX_BYTE_ALIGNMENT) > 0) {
      throw error(
          Reason.NOT_SUPPORTED, name, "common symbol %s needs a large alignment".formatted(name));
    }
    return builder.common(name, alignment, options(symbol, name));
  }

  private String checkUndefined(int symbol, String name) {
    if (name.isEmpty() || symbols.binding(symbol) == SymbolTable.LOCAL) {
      throw malformed(name, "local symbol %s is undefined".formatted(name));
    }
    return name;
  }

  private SymbolOptions options(int symbol, String name) {
    long size = symbols.byteSize(symbol);
    if (size < 0) {
      throw malformed(name, "symbol %s has a negative size".formatted(name));
    }
    SymbolBinding binding =
        switch (symbols.binding(symbol)) {
          case SymbolTable.LOCAL -> SymbolBinding.LOCAL;
          case SymbolTable.GLOBAL -> SymbolBinding.GLOBAL;
          case SymbolTable.WEAK, SymbolTable.GNU_UNIQUE -> SymbolBinding.WEAK;
          default -> throw malformed(name, "symbol %s has no known binding".formatted(name));
        };
    SymbolOptions options = SymbolOptions.defaults().withBinding(binding);
    options = size == 0 ? options : options.withByteSize(size);
    int visibility = symbols.visibility(symbol);
    if (visibility == SymbolTable.HIDDEN || visibility == SymbolTable.INTERNAL) {
      options = options.withHidden();
    }
    return symbols.type(symbol) == SymbolTable.GNU_IFUNC ? options.withIndirect() : options;
  }

  /// Marks of AArch64 where code and data begin, which name nothing.
  private boolean isMappingSymbol(String name) {
    return table.architecture() == Architecture.AARCH64
        && (name.startsWith("$x") || name.startsWith("$d"))
        && (name.length() == 2 || name.charAt(2) == '.');
  }

  private LinkException malformed(String symbol, String problem) {
    return error(Reason.MALFORMED, symbol, problem);
  }

  private LinkException error(Reason reason, String symbol, String problem) {
    return input.error(reason, "", symbol, problem);
  }
}
