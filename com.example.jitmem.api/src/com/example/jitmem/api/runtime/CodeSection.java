// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ProviderType;

/// A section of relocatable code: bytes that are placed together. The [RelocatableCode.Builder]
/// makes sections.
///
/// Objects are immutable and belong to one unit.
@ProviderType
public final class CodeSection {
  private final int index;
  private final String name;
  private final SectionKind kind;
  private final long byteAlignment;
  private final long byteSize;
  private final MemorySegment bytes;
  private final String comdat;

  CodeSection(
      int index,
      String name,
      SectionKind kind,
      long byteAlignment,
      long byteSize,
      MemorySegment bytes,
      String comdat) {
    this.index = index;
    this.name = name;
    this.kind = kind;
    this.byteAlignment = byteAlignment;
    this.byteSize = byteSize;
    this.bytes = bytes;
    this.comdat = comdat;
  }

  /// The place of the section in [RelocatableCode#sections()].
  ///
  /// @return the index, from 0
  public int index() {
    return index;
  }

  /// The name of the section.
  ///
  /// @return any text, for messages
  public String name() {
    return name;
  }

  /// What the section holds.
  ///
  /// @return the kind
  public SectionKind kind() {
    return kind;
  }

  /// The alignment of the first byte.
  ///
  /// @return a power of two, in bytes
  public long byteAlignment() {
    return byteAlignment;
  }

  /// The size of the section in memory.
  ///
  /// @return the size in bytes
  public long byteSize() {
    return byteSize;
  }

  /// The bytes of the section before they are relocated.
  ///
  /// @return a read-only segment on the heap, empty if the section is [SectionKind#ZEROS]
  public MemorySegment bytes() {
    return bytes;
  }

  /// The signature of the group to which the section belongs. Of all groups with one signature that
  /// are linked together the first one is kept, as with COMDAT groups of object files.
  ///
  /// @return the signature, empty if the section is always kept
  public String comdat() {
    return comdat;
  }

  /// The name, for messages.
  @Override
  public String toString() {
    return name;
  }
}
