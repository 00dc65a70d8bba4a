// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import java.util.Optional;

/// Which calls fail, and with what.
@FunctionalInterface
interface FaultPlan {
  /// Lets every call through.
  FaultPlan NONE = (index, site) -> Optional.empty();

  /// Decides on a call.
  ///
  /// @param index how many calls there were since the plan was made the current one
  /// @param site what is called
  /// @return the error with which it fails; empty if it is let through
  Optional<Errno> errorOf(int index, Site site);

  /// Refuses one call.
  static FaultPlan once(int position, Errno error) {
    return (index, site) -> index == position ? Optional.of(error) : Optional.empty();
  }

  /// This plan, and another one for the calls that it lets through.
  default FaultPlan or(FaultPlan other) {
    return (index, site) -> errorOf(index, site).or(() -> other.errorOf(index, site));
  }
}
