// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

import java.util.Objects;
import org.osgi.annotation.versioning.ProviderType;

/// What a symbol is beside its name and its value. Every value is checked when it is set.
///
/// Objects are immutable: each `with` method returns a new object.
@ProviderType
public final class SymbolOptions {
  private static final SymbolOptions DEFAULTS =
      new SymbolOptions(SymbolBinding.GLOBAL, false, false, 0);

  private final SymbolBinding binding;
  private final boolean hidden;
  private final boolean indirect;
  private final long byteSize;

  private SymbolOptions(SymbolBinding binding, boolean hidden, boolean indirect, long byteSize) {
    this.binding = binding;
    this.hidden = hidden;
    this.indirect = indirect;
    this.byteSize = byteSize;
  }

  /// A global symbol of unknown size that is found from outside.
  ///
  /// @return the same object in every call
  public static SymbolOptions defaults() {
    return DEFAULTS;
  }

  /// Chooses which units see the symbol.
  ///
  /// @param newBinding the binding
  /// @return the options
  public SymbolOptions withBinding(SymbolBinding newBinding) {
    return new SymbolOptions(Objects.requireNonNull(newBinding), hidden, indirect, byteSize);
  }

  /// Hides the symbol outside the units that are linked together: it is not found by its name
  /// there, and where it is undefined only these units may define it.
  ///
  /// @return the options
  public SymbolOptions withHidden() {
    return new SymbolOptions(binding, true, indirect, byteSize);
  }

  /// Makes the symbol an indirect function: at its place is a function without arguments that
  /// returns the address of the function to call, as with `ifunc` of GCC.
  ///
  /// @return the options
  public SymbolOptions withIndirect() {
    return new SymbolOptions(binding, hidden, true, byteSize);
  }

  /// Tells how large the object or function is.
  ///
  /// @param newByteSize the size in bytes, 0 if it is unknown
  /// @return the options
  /// @throws IllegalArgumentException if the size is negative
  public SymbolOptions withByteSize(long newByteSize) {
    if (newByteSize < 0) {
      throw new IllegalArgumentException("Size of a symbol is negative: " + newByteSize);
    }
    return new SymbolOptions(binding, hidden, indirect, newByteSize);
  }

  /// Which units see the symbol.
  ///
  /// @return the binding
  public SymbolBinding binding() {
    return binding;
  }

  /// Tells whether the symbol is hidden outside the units that are linked together.
  ///
  /// @return whether [#withHidden] was called
  public boolean isHidden() {
    return hidden;
  }

  /// Tells whether the symbol is an indirect function.
  ///
  /// @return whether [#withIndirect] was called
  public boolean isIndirect() {
    return indirect;
  }

  /// The size of the object or function.
  ///
  /// @return the size in bytes, 0 if it is unknown
  public long byteSize() {
    return byteSize;
  }
}
