// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/// Code and data that can be placed anywhere: sections, symbols, and relocations that tell what
/// depends on the place. One such unit is what a compiler makes of one source file.
///
/// ```java
/// RelocatableCode.Builder builder = RelocatableCode.builder(Architecture.X86_64);
/// CodeSection text = builder.section("text", SectionKind.CODE, 16, bytes);
/// builder.define("entry", text, 0);
/// builder.relocate(text, 1, RelocationKind.BRANCH_32, builder.undefined("memset"), -4);
/// RelocatableCode unit = builder.build();
/// ```
///
/// Objects are immutable and can be used any number of times, by several threads at once.
@ProviderType
public final class RelocatableCode {
  /// The largest alignment of a section or of common data in bytes: 2 MiB, as that of a span.
  public static final long MAX_BYTE_ALIGNMENT = 2L * 1024 * 1024;

  private final String name;
  private final Architecture architecture;
  private final List<CodeSection> sections;
  private final List<CodeSymbol> symbols;
  private final List<Relocation> relocations;

  private RelocatableCode(Builder builder) {
    this.name = builder.name;
    this.architecture = builder.architecture;
    this.sections = List.copyOf(builder.sections);
    this.symbols = List.copyOf(builder.symbols);
    this.relocations = List.copyOf(builder.relocations);
  }

  /// Begins a unit.
  ///
  /// @param architecture the instruction set of its code
  /// @return an empty builder
  public static Builder builder(Architecture architecture) {
    return new Builder(Objects.requireNonNull(architecture));
  }

  /// The name of the unit.
  ///
  /// @return any text, for messages
  public String name() {
    return name;
  }

  /// The instruction set.
  ///
  /// @return the instruction set of the code
  public Architecture architecture() {
    return architecture;
  }

  /// The sections.
  ///
  /// @return an unmodifiable list in the order in which they were added
  public List<CodeSection> sections() {
    return sections;
  }

  /// The symbols, labels among them.
  ///
  /// @return an unmodifiable list in the order in which they were added
  public List<CodeSymbol> symbols() {
    return symbols;
  }

  /// The relocations.
  ///
  /// @return an unmodifiable list in the order in which they were added
  public List<Relocation> relocations() {
    return relocations;
  }

  /// The name, for messages.
  @Override
  public String toString() {
    return name;
  }

  /// Collects a unit. Every method throws [NullPointerException] if an argument is null, and a
  /// method that throws has added nothing. Not thread-safe.
  @ProviderType
  public static final class Builder {
    private final Architecture architecture;
    private final List<CodeSection> sections = new ArrayList<>();
    private final List<CodeSymbol> symbols = new ArrayList<>();
    private final List<Relocation> relocations = new ArrayList<>();
    private String name = "code";

    private Builder(Architecture architecture) {
      this.architecture = architecture;
    }

    /// Names the unit.
    ///
    /// @param newName any text, for messages; `code` if it is not set
    /// @return this builder
    public Builder name(String newName) {
      name = Objects.requireNonNull(newName);
      return this;
    }

    /// Adds a section with bytes.
    ///
    /// @param sectionName any text, for messages
    /// @param kind what it holds, anything but [SectionKind#ZEROS]
    /// @param byteAlignment a power of two up to [#MAX_BYTE_ALIGNMENT]
    /// @param bytes the bytes, on or off the heap; they are copied
    /// @return the section
    /// @throws IllegalArgumentException if the kind or the alignment is not allowed, or the bytes
    ///     are more than an array holds
    public CodeSection section(
        String sectionName, SectionKind kind, long byteAlignment, MemorySegment bytes) {
      return section(sectionName, kind, byteAlignment, bytes, "");
    }

    /// Adds a section with bytes.
    ///
    /// @param sectionName any text, for messages
    /// @param kind what it holds, anything but [SectionKind#ZEROS]
    /// @param byteAlignment a power of two up to [#MAX_BYTE_ALIGNMENT]
    /// @param bytes the bytes; they are copied
    /// @return the section
    /// @throws IllegalArgumentException if the kind or the alignment is not allowed
    public CodeSection section(
        String sectionName, SectionKind kind, long byteAlignment, byte[] bytes) {
      return section(sectionName, kind, byteAlignment, MemorySegment.ofArray(bytes), "");
    }

    /// Adds a section with bytes that belongs to a group.
    ///
    /// @param sectionName any text, for messages
    /// @param kind what it holds, anything but [SectionKind#ZEROS]
    /// @param byteAlignment a power of two up to [#MAX_BYTE_ALIGNMENT]
    /// @param bytes the bytes, on or off the heap; they are copied
    /// @param comdat the signature of the group, see [CodeSection#comdat()]; empty for none
    /// @return the section
    /// @throws IllegalArgumentException if the kind or the alignment is not allowed, or the bytes
    ///     are more than an array holds
    public CodeSection section(
        String sectionName,
        SectionKind kind,
        long byteAlignment,
        MemorySegment bytes,
        String comdat) {
      if (kind == SectionKind.ZEROS) {
        throw new IllegalArgumentException("A section of zeros has no bytes: " + sectionName);
      }
      checkAlignment(byteAlignment);
      if (bytes.byteSize() > Integer.MAX_VALUE - 8) {
        throw new IllegalArgumentException("Section is too large: " + bytes.byteSize());
      }
      MemorySegment copy = MemorySegment.ofArray(bytes.toArray(ValueLayout.JAVA_BYTE)).asReadOnly();
      return add(sectionName, kind, byteAlignment, copy.byteSize(), copy, comdat);
    }

    /// Adds a section of zeros. It takes memory only when it is linked.
    ///
    /// @param sectionName any text, for messages
    /// @param byteAlignment a power of two up to [#MAX_BYTE_ALIGNMENT]
    /// @param byteSize the size in bytes
    /// @param comdat the signature of the group, see [CodeSection#comdat()]; empty for none
    /// @return the section
    /// @throws IllegalArgumentException if the alignment is not allowed or the size is negative
    public CodeSection zeros(String sectionName, long byteAlignment, long byteSize, String comdat) {
      checkAlignment(byteAlignment);
      checkSize(byteSize);
      MemorySegment none = MemorySegment.ofArray(new byte[0]).asReadOnly();
      return add(sectionName, SectionKind.ZEROS, byteAlignment, byteSize, none, comdat);
    }

    /// Defines a global symbol.
    ///
    /// @param symbolName the name
    /// @param section a section of this builder
    /// @param offset where the symbol lies in the section, from 0 to its size
    /// @return the symbol
    /// @throws IllegalArgumentException if the name is empty, the section belongs to another unit,
    ///     or the offset is outside it
    public CodeSymbol define(String symbolName, CodeSection section, long offset) {
      return define(symbolName, section, offset, SymbolOptions.defaults());
    }

    /// Defines a symbol.
    ///
    /// @param symbolName the name
    /// @param section a section of this builder
    /// @param offset where the symbol lies in the section, from 0 to its size
    /// @param options what the symbol is beside that
    /// @return the symbol
    /// @throws IllegalArgumentException if the name is empty, the section belongs to another unit,
    ///     or the offset is outside it
    public CodeSymbol define(
        String symbolName, CodeSection section, long offset, SymbolOptions options) {
      checkName(symbolName);
      checkPlace(section, offset, 0);
      return add(symbolName, SymbolKind.DEFINED, section, offset, options);
    }

    /// Names a place of this unit that needs no name, such as the target of a jump.
    ///
    /// @param section a section of this builder
    /// @param offset the place in the section, from 0 to its size
    /// @return a local symbol without a name
    /// @throws IllegalArgumentException if the section belongs to another unit or the offset is
    ///     outside it
    public CodeSymbol label(CodeSection section, long offset) {
      checkPlace(section, offset, 0);
      SymbolOptions local = SymbolOptions.defaults().withBinding(SymbolBinding.LOCAL);
      return add("", SymbolKind.DEFINED, section, offset, local);
    }

    /// Defines a symbol whose value does not depend on where code is placed.
    ///
    /// @param symbolName the name
    /// @param value the number
    /// @param options what the symbol is beside that
    /// @return the symbol
    /// @throws IllegalArgumentException if the name is empty
    public CodeSymbol absolute(String symbolName, long value, SymbolOptions options) {
      checkName(symbolName);
      return add(symbolName, SymbolKind.ABSOLUTE, null, value, options);
    }

    /// Names zeroed data that all units share which name it.
    ///
    /// @param symbolName the name
    /// @param byteAlignment a power of two up to [#MAX_BYTE_ALIGNMENT]
    /// @param options what the symbol is beside that, its size among it
    /// @return the symbol
    /// @throws IllegalArgumentException if the name is empty or the alignment is not allowed
    public CodeSymbol common(String symbolName, long byteAlignment, SymbolOptions options) {
      checkName(symbolName);
      checkAlignment(byteAlignment);
      return add(symbolName, SymbolKind.COMMON, null, byteAlignment, options);
    }

    /// Names what another unit or the user defines.
    ///
    /// @param symbolName the name. `_GLOBAL_OFFSET_TABLE_` stands for the table of the module, see
    ///     [RelocationKind].
    /// @return the symbol
    /// @throws IllegalArgumentException if the name is empty
    public CodeSymbol undefined(String symbolName) {
      return undefined(symbolName, SymbolOptions.defaults());
    }

    /// Names what another unit or the user defines.
    ///
    /// @param symbolName the name. `_GLOBAL_OFFSET_TABLE_` stands for the table of the module, see
    ///     [RelocationKind].
    /// @param options what the symbol is beside that
    /// @return the symbol
    /// @throws IllegalArgumentException if the name is empty or the symbol is local
    public CodeSymbol undefined(String symbolName, SymbolOptions options) {
      checkName(symbolName);
      if (options.binding() == SymbolBinding.LOCAL) {
        throw new IllegalArgumentException("A local symbol is undefined: " + symbolName);
      }
      return add(symbolName, SymbolKind.UNDEFINED, null, 0, options);
    }

    /// Adds a relocation.
    ///
    /// @param section a section of this builder that has bytes
    /// @param offset where the field begins in the section, in bytes
    /// @param kind what is written there
    /// @param symbol a symbol of this builder
    /// @param addend a number that is added to the value
    /// @return this builder
    /// @throws IllegalArgumentException if the section or the symbol belongs to another unit, the
    ///     field is not inside the bytes of the section, or the instruction set has no such
    ///     relocation
    public Builder relocate(
        CodeSection section, long offset, RelocationKind kind, CodeSymbol symbol, long addend) {
      checkPlace(section, offset, kind.byteSize());
      if (section.kind() == SectionKind.ZEROS) {
        throw new IllegalArgumentException("A section of zeros has no bytes: " + section);
      }
      if (!kind.supports(architecture)) {
        throw new IllegalArgumentException(architecture + " has no relocation " + kind);
      }
      if (symbol.index() >= symbols.size() || symbols.get(symbol.index()) != symbol) {
        throw new IllegalArgumentException("Symbol belongs to another unit: " + symbol);
      }
      relocations.add(new Relocation(section, offset, kind, symbol, addend));
      return this;
    }

    /// Makes the unit. The builder can be used further, for a unit that has more.
    ///
    /// @return the unit
    public RelocatableCode build() {
      return new RelocatableCode(this);
    }

    private CodeSection add(
        String sectionName,
        SectionKind kind,
        long byteAlignment,
        long byteSize,
        MemorySegment bytes,
        String comdat) {
      Objects.requireNonNull(sectionName);
      Objects.requireNonNull(kind);
      Objects.requireNonNull(comdat);
      CodeSection section =
          new CodeSection(
              sections.size(), sectionName, kind, byteAlignment, byteSize, bytes, comdat);
      sections.add(section);
      return section;
    }

    private CodeSymbol add(
        String symbolName,
        SymbolKind kind,
        @Nullable CodeSection section,
        long value,
        SymbolOptions options) {
      Objects.requireNonNull(options);
      CodeSymbol symbol = new CodeSymbol(symbols.size(), symbolName, kind, section, value, options);
      symbols.add(symbol);
      return symbol;
    }

    private void checkPlace(CodeSection section, long offset, int byteSize) {
      if (section.index() >= sections.size() || sections.get(section.index()) != section) {
        throw new IllegalArgumentException("Section belongs to another unit: " + section);
      }
      if (offset < 0 || offset > section.byteSize() - byteSize) {
        throw new IllegalArgumentException(
            "Offset %d is outside section %s of %d bytes"
                .formatted(offset, section, section.byteSize()));
      }
    }

    private static void checkName(String symbolName) {
      if (symbolName.isEmpty()) {
        throw new IllegalArgumentException("A symbol has no name");
      }
    }

    private static void checkAlignment(long alignment) {
      if (alignment < 1 || alignment > MAX_BYTE_ALIGNMENT || Long.bitCount(alignment) != 1) {
        throw new IllegalArgumentException(
            "Alignment is not a power of two from 1 to " + MAX_BYTE_ALIGNMENT + ": " + alignment);
      }
    }

    private static void checkSize(long byteSize) {
      if (byteSize < 0) {
        throw new IllegalArgumentException("Size is negative: " + byteSize);
      }
    }
  }
}
