// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

import java.util.Objects;

/// A place in a section that depends on where code is placed.
///
/// @param section the section that is changed
/// @param offset where the field lies in the section, in bytes
/// @param kind what is written there
/// @param symbol the symbol whose value is written
/// @param addend a number that is added to the value
public record Relocation(
    CodeSection section, long offset, RelocationKind kind, CodeSymbol symbol, long addend) {
  /// Creates a relocation. It is checked when it is added to a [RelocatableCode.Builder].
  public Relocation {
    Objects.requireNonNull(section);
    Objects.requireNonNull(kind);
    Objects.requireNonNull(symbol);
  }
}
