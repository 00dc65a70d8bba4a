// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

/// Where a section or a symbol lies.
public enum Area {
  /// Memory that is executable: code, constants, the address table and stubs.
  CODE,
  /// Memory that is writable and never executable.
  DATA,
  /// Nowhere in the module: an address or a number that does not depend on where it is placed.
  FIXED
}
