// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The accounts of views that hold spans, by number. An account without spans keeps its number
/// until another account needs one.
///
/// Changed under the lock of the core, by copies, so that [#at] can be called without it.
final class Accounts {
  /// An account has no number.
  static final int NO_NUMBER = -1;

  private volatile ViewAccount[] byNumber = {};

  /// Gives a number to an account that has none.
  ///
  /// @throws IllegalStateException if there are too many
  void admit(ViewAccount account) {
    ViewAccount[] all = byNumber;
    int number = 0;
    while (number < all.length && all[number].spanCount > 0) {
      number++;
    }
    if (number > Owners.MAX_NUMBER) {
      throw new IllegalStateException("More than " + number + " users hold spans");
    }
    ViewAccount[] changed = Arrays.copyOf(all, Math.max(all.length, number + 1));
    if (number < all.length) {
      all[number].number = NO_NUMBER;
    }
    changed[number] = account;
    account.number = number;
    byNumber = changed;
  }

  /// The account with a number that a span has or had.
  ViewAccount at(int number) {
    return byNumber[number];
  }

  /// As [#at], for numbers read without the lock.
  ///
  /// @return null if the number belongs to a later state than is seen here
  @Nullable ViewAccount peek(int number) {
    ViewAccount[] all = byNumber;
    return number < all.length ? all[number] : null;
  }

  /// The holdings of views with live spans.
  List<Holding> holdings() {
    List<Holding> holdings = new ArrayList<>();
    for (ViewAccount account : byNumber) {
      if (account.spanCount > 0) {
        holdings.add(new Holding(account.owner, account.spanCount, account.usedBytes));
      }
    }
    return List.copyOf(holdings);
  }
}
