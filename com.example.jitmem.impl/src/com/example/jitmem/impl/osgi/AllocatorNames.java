// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/// The names of the allocators of this bundle, each used once. Another installation of the bundle
/// in the same framework has names of its own.
///
/// All methods are thread-safe.
final class AllocatorNames {
  /// A user that claims a name.
  interface Claimant {
    /// A name was released after this claimant was refused one.
    void tryAgain();
  }

  private final Map<String, Claimant> owners = new HashMap<>();
  private final Set<Claimant> refused = new LinkedHashSet<>();

  /// Takes a name.
  ///
  /// @param name the name
  /// @param claimant the claimant
  /// @return whether the name belongs to the claimant now; if not, [#tellRefused] tells it
  synchronized boolean take(String name, Claimant claimant) {
    if (owners.putIfAbsent(name, claimant) == null) {
      return true;
    }
    refused.add(claimant);
    return false;
  }

  /// Releases a name. [#tellRefused] must follow as soon as the caller holds no lock.
  ///
  /// @param name the name
  synchronized void giveBack(String name) {
    owners.remove(name);
  }

  /// Ends a claimant's interest in names that it was refused.
  ///
  /// @param claimant a claimant that must not be notified any more
  synchronized void forget(Claimant claimant) {
    refused.remove(claimant);
  }

  /// Notifies all claimants that were refused a name, once, in the calling thread. Must be called
  /// without a lock, because they take their own.
  void tellRefused() {
    Set<Claimant> told;
    synchronized (this) {
      told = new LinkedHashSet<>(refused);
      refused.clear();
    }
    told.forEach(Claimant::tryAgain);
  }
}
