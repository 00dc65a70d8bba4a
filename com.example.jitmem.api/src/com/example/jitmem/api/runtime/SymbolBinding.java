// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

/// Which units see a symbol, and which of several definitions holds.
///
/// Later versions may add constants, so a `switch` over them needs a `default`.
public enum SymbolBinding {
  /// Seen in its own unit only.
  LOCAL,
  /// Seen in all units that are linked together, which may hold one such definition.
  GLOBAL,
  /// Like global, but any other definition is preferred. An undefined weak symbol without a
  /// definition has the value 0.
  WEAK
}
