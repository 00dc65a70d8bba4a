// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import com.example.jitmem.api.runtime.CodeSection;
import com.example.jitmem.api.runtime.LinkException;
import com.example.jitmem.api.runtime.LinkException.Reason;
import com.example.jitmem.api.runtime.RelocatableCode;
import com.example.jitmem.api.runtime.SectionKind;
import org.jspecify.annotations.Nullable;

/// Adds the sections that take memory in a process.
final class SectionReader {
  private final Input input;
  private final SectionTable table;
  private final Groups groups;
  private final @Nullable CodeSection[] sections;

  SectionReader(Input input, SectionTable table, Groups groups) {
    this.input = input;
    this.table = table;
    this.groups = groups;
    this.sections = new CodeSection[table.count()];
  }

  /// Adds all sections.
  void read(RelocatableCode.Builder builder) {
    for (int section = 1; section < table.count(); section++) {
      if (isLoaded(section)) {
        sections[section] = add(builder, section);
      }
    }
  }

  /// The section of a number, null if it is not loaded or there is none.
  @Nullable CodeSection get(long section) {
    return section >= 0 && section < sections.length ? sections[(int) section] : null;
  }

  private boolean isLoaded(int section) {
    int type = table.type(section);
    return table.has(section, SectionTable.ALLOC)
        && !table.has(section, SectionTable.EXCLUDE)
        && type != SectionTable.NOTE
        && type != SectionTable.NULL;
  }

  private CodeSection add(RelocatableCode.Builder builder, int section) {
    String name = table.name(section);
    check(section, name);
    SectionKind kind = kind(section, name);
    long alignment = table.alignment(section) == 0 ? 1 : table.alignment(section);
    if (Long.bitCount(alignment) != 1) {
      throw malformed(name, "the alignment is not a power of two");
    }
    if (Long.compareUnsigned(alignment, RelocatableCode.MAX_BYTE_ALIGNMENT) > 0) {
      throw notSupported(name, "the alignment is more than that of a large page");
    }
    long size = table.byteSize(section);
    if (size < 0) {
      throw malformed(name, "the size is negative");
    }
    if (kind == SectionKind.ZEROS) {
      return builder.zeros(name, alignment, size, groups.signature(section));
    }
    if (size > Integer.MAX_VALUE - 8) {
      throw notSupported(name, "it is larger than an array");
    }
    return builder.section(
        name,
        kind,
        alignment,
        size == 0 ? input.slice(0, 0) : input.slice(table.offset(section), size),
        groups.signature(section));
  }

  private void check(int section, String name) {
    if (table.has(section, SectionTable.TLS)) {
      throw notSupported(name, "thread-local storage; compile with -femulated-tls");
    }
    if (table.has(section, SectionTable.WRITE) && table.has(section, SectionTable.EXECINSTR)) {
      throw notSupported(name, "it is writable and executable");
    }
    if (table.has(section, SectionTable.COMPRESSED)) {
      throw notSupported(name, "it is compressed");
    }
    if (isOrBelow(name, ".ctors")
        || isOrBelow(name, ".dtors")
        || isOrBelow(name, ".preinit_array")
        || name.equals(".init")
        || name.equals(".fini")) {
      throw notSupported(name, "constructors and destructors have to be in .init_array");
    }
  }

  private SectionKind kind(int section, String name) {
    boolean executable = table.has(section, SectionTable.EXECINSTR);
    return switch (table.type(section)) {
      case SectionTable.INIT_ARRAY -> SectionKind.INITIALIZERS;
      case SectionTable.FINI_ARRAY -> SectionKind.FINALIZERS;
      case SectionTable.NOBITS -> {
        if (executable) {
          throw notSupported(name, "code without bytes");
        }
        yield SectionKind.ZEROS;
      }
      case SectionTable.PROGBITS, SectionTable.X86_64_UNWIND ->
          executable ? SectionKind.CODE : dataKind(section, name);
      default -> throw notSupported(name, "a section of type 0x%x".formatted(table.type(section)));
    };
  }

  private SectionKind dataKind(int section, String name) {
    if (name.equals(".eh_frame")) {
      return SectionKind.UNWIND;
    }
    if (isOrBelow(name, ".init_array")) {
      return SectionKind.INITIALIZERS;
    }
    if (isOrBelow(name, ".fini_array")) {
      return SectionKind.FINALIZERS;
    }
    boolean constant = !table.has(section, SectionTable.WRITE) || isOrBelow(name, ".data.rel.ro");
    return constant ? SectionKind.CONSTANTS : SectionKind.DATA;
  }

  private static boolean isOrBelow(String name, String parent) {
    return name.startsWith(parent)
        && (name.length() == parent.length() || name.charAt(parent.length()) == '.');
  }

  private LinkException malformed(String section, String problem) {
    return error(Reason.MALFORMED, section, problem);
  }

  private LinkException notSupported(String section, String problem) {
    return error(Reason.NOT_SUPPORTED, section, problem);
  }

  private LinkException error(Reason reason, String section, String problem) {
    return input.error(reason, section, "", "section %s: %s".formatted(section, problem));
  }
}
