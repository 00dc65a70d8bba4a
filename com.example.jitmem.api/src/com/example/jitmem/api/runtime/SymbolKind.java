// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

/// Where the value of a symbol comes from.
///
/// Later versions may add constants, so a `switch` over them needs a `default`.
public enum SymbolKind {
  /// A place in a section of the same unit.
  DEFINED,
  /// Zeroed data that all units share which name it. The largest size and the largest alignment
  /// hold; a strong definition replaces it.
  COMMON,
  /// A number that does not depend on where code is placed.
  ABSOLUTE,
  /// A name that another unit or the user defines.
  UNDEFINED
}
