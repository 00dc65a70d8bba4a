// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import java.util.OptionalLong;

/// Addresses of what units name and do not define.
@FunctionalInterface
public interface ExternalSymbols {
  /// Finds a symbol. It is called once for each name, and only for names that are used.
  ///
  /// @param name the name of the symbol
  /// @return its address, empty if there is none
  OptionalLong find(String name);
}
