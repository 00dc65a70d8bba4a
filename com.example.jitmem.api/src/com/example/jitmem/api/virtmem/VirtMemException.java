// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.virtmem;

import java.io.Serial;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// Thrown when the operating system or a quota refuses memory. The message names the C call, the
/// error with its symbol, and what can be done about it.
///
/// Wrong arguments cause an [IllegalArgumentException] or [IllegalStateException] instead.
public final class VirtMemException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /// Why memory was refused. Later versions may add constants, so a `switch` over them needs a
  /// `default`.
  public enum Reason {
    /// Too little memory or address space, or a limit of the process was reached.
    OUT_OF_MEMORY,
    /// The process or the system has no descriptor left.
    TOO_MANY_HANDLES,
    /// A security policy forbids it.
    DENIED_BY_POLICY,
    /// This system cannot do it.
    NOT_SUPPORTED,
    /// A quota of the allocator forbids it.
    QUOTA_EXCEEDED,
    /// An error that none of the other reasons covers.
    OTHER
  }

  /// The reason.
  private final Reason reason;

  /// The C call, or null if no call was made.
  private final @Nullable String call;

  /// The error code, or null if no call was made.
  private final @Nullable Integer osError;

  /// A refusal without a system call.
  ///
  /// @param reason why memory was refused
  /// @param message the cause and the remedy
  public VirtMemException(Reason reason, String message) {
    super(message);
    this.reason = reason;
    this.call = null;
    this.osError = null;
  }

  /// A refusal by a system call.
  ///
  /// @param reason why memory was refused
  /// @param call the name of the C function
  /// @param osError the code it left in `errno`, that `GetLastError` returned, or on macOS the
  ///     `kern_return_t` it returned
  /// @param message the cause with the symbol of the error, and the remedy
  public VirtMemException(Reason reason, String call, int osError, String message) {
    super(message);
    this.reason = reason;
    this.call = call;
    this.osError = osError;
  }

  /// Why memory was refused.
  ///
  /// @return the reason
  public Reason reason() {
    return reason;
  }

  /// The C function that refused.
  ///
  /// @return its name, for example `mmap`, or the empty string if no call was made
  public String call() {
    return call == null ? "" : call;
  }

  /// The code the C function left in `errno`, that `GetLastError` returned, or on macOS the
  /// `kern_return_t` it returned.
  ///
  /// @return the code, empty if no call was made
  public OptionalInt osError() {
    return osError == null ? OptionalInt.empty() : OptionalInt.of(osError);
  }
}
