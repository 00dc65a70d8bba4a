// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

/// What keeps a call from running code that has ended. It covers calls made from Java through the
/// function's handle, not jumps between pieces of native code.
///
/// Later versions may add constants, so a `switch` over them needs a `default`.
public enum CallSafety {
  /// A function cannot end while a thread is inside it, and a call after its end throws. The
  /// default. Costs a few nanoseconds per call and, without a caller's arena, some 20 to 100 µs
  /// when the function is closed.
  PROTECTED,
  /// A call that starts after the end throws. That no call is in flight when the function ends is
  /// the caller's business.
  CHECKED,
  /// Nothing is checked: a call after the end runs whatever is there, or ends the JVM.
  UNCHECKED
}
