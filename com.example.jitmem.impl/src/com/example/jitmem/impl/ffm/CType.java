// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.ffm;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;

/// A type of the C language as the calling convention sees it. Named by width, because the same
/// name in C has different widths on different systems.
public enum CType {
  /// 32 bits: `int`, `unsigned`, `DWORD`. Arguments are cut to 32 bits, results are sign-extended.
  INT32,
  /// 64 bits: a pointer, `size_t`, `off_t`, and `long` of Unix systems.
  INT64,
  /// No result; the value of a call is 0. Not the type of a parameter.
  VOID;

  MemoryLayout layout() {
    return switch (this) {
      case INT32 -> ValueLayout.JAVA_INT;
      case INT64 -> ValueLayout.JAVA_LONG;
      case VOID -> throw new IllegalArgumentException("A parameter cannot be void");
    };
  }
}
