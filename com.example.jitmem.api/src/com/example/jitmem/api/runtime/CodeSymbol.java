// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/// A symbol of relocatable code: a name or a label, and what it stands for. The
/// [RelocatableCode.Builder] makes symbols.
///
/// Objects are immutable and belong to one unit.
@ProviderType
public final class CodeSymbol {
  private final int index;
  private final String name;
  private final SymbolKind kind;
  private final @Nullable CodeSection section;
  private final long value;
  private final SymbolOptions options;

  CodeSymbol(
      int index,
      String name,
      SymbolKind kind,
      @Nullable CodeSection section,
      long value,
      SymbolOptions options) {
    this.index = index;
    this.name = name;
    this.kind = kind;
    this.section = section;
    this.value = value;
    this.options = options;
  }

  /// The place of the symbol in [RelocatableCode#symbols()].
  ///
  /// @return the index, from 0
  public int index() {
    return index;
  }

  /// The name of the symbol.
  ///
  /// @return the name, empty if the symbol is a label
  public String name() {
    return name;
  }

  /// Where the value comes from.
  ///
  /// @return the kind
  public SymbolKind kind() {
    return kind;
  }

  /// The section in which the symbol lies.
  ///
  /// @return the section, empty unless the symbol is [SymbolKind#DEFINED]
  public Optional<CodeSection> section() {
    return Optional.ofNullable(section);
  }

  /// The value of the symbol.
  ///
  /// @return if it is [SymbolKind#DEFINED] its offset in the section in bytes, if it is
  ///     [SymbolKind#COMMON] its alignment in bytes, if it is [SymbolKind#ABSOLUTE] the number,
  ///     else 0
  public long value() {
    return value;
  }

  /// What the symbol is beside its name and its value.
  ///
  /// @return the options
  public SymbolOptions options() {
    return options;
  }

  /// The name, for messages.
  @Override
  public String toString() {
    if (!name.isEmpty()) {
      return name;
    }
    return section == null ? "(no name)" : section.name() + "+0x" + Long.toHexString(value);
  }
}
