// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.ffm;

import com.example.jitmem.api.virtmem.VirtMemException;
import java.util.function.Supplier;

/// Explains the JVM's refusal of native access.
///
/// The JVM is not asked beforehand: `Module.isNativeAccessEnabled()` is false in its default mode,
/// in which calls work and are only warned about.
final class NativeAccess {
  private NativeAccess() {}

  /// Runs restricted operations.
  ///
  /// @param operations calls of restricted methods from a class of this package
  /// @param <T> what they return
  /// @return their result
  /// @throws VirtMemException with [VirtMemException.Reason#DENIED_BY_POLICY] if the JVM denies
  ///     native access to this module; the message names the flag that allows it
  static <T> T restricted(Supplier<T> operations) {
    try {
      return operations.get();
    } catch (IllegalCallerException e) {
      throw denied(NativeAccess.class.getModule(), e);
    }
  }

  static VirtMemException denied(Module module, IllegalCallerException cause) {
    String name = module.isNamed() ? module.getName() : "ALL-UNNAMED";
    String caller = module.isNamed() ? "module " + name : "classes outside of named modules";
    VirtMemException denied =
        new VirtMemException(
            VirtMemException.Reason.DENIED_BY_POLICY,
            "The JVM denies native access to "
                + caller
                + ": start it with --enable-native-access="
                + name);
    denied.initCause(cause);
    return denied;
  }
}
