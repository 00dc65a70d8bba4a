// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

/// How calls are kept from running freed code. This covers calls from Java through the function's
/// handle, not jumps between pieces of native code.
///
/// Later versions may add constants, so a `switch` over them needs a `default`.
public enum CallSafety {
  /// A function cannot end while a thread is inside it, and a call after its end throws. The
  /// default. Costs some ten nanoseconds per call. When a segment of its span was asked for,
  /// closing the function takes some 20 to 100 µs more.
  PROTECTED,
  /// A call that starts after the end throws. The caller must ensure that no call is in progress
  /// when the function ends.
  CHECKED,
  /// Nothing is checked: a call after the end runs whatever is there, or crashes the JVM.
  UNCHECKED
}
