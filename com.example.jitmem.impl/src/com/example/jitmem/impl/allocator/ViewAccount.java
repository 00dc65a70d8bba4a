// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

/// What one view holds. The core knows accounts and never views, so it keeps neither a view nor its
/// arena alive.
///
/// Guarded by the lock of the core.
final class ViewAccount {
  final String owner;

  /// What the spans of the view are known by, [Accounts#NO_NUMBER] as long as there were none.
  int number = Accounts.NO_NUMBER;

  long spanCount;
  long usedBytes;

  /// How many of the spans are ended by an arena or a guard.
  long boundCount;

  ViewAccount(String owner) {
    this.owner = owner;
  }
}
