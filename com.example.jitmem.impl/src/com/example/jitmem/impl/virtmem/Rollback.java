// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.VirtMemException;
import java.util.ArrayDeque;
import java.util.Deque;

/// Steps that are undone, the last one first, if a later one fails.
final class Rollback {
  private final Deque<Runnable> undos = new ArrayDeque<>();

  /// Notes how a step that was taken is undone.
  void add(Runnable undo) {
    undos.push(undo);
  }

  /// Undoes all steps. Refusals to do so are added to the failure.
  ///
  /// @param failure what is thrown afterwards, also an error of the JVM
  void after(Throwable failure) {
    while (!undos.isEmpty()) {
      try {
        undos.pop().run();
      } catch (VirtMemException e) {
        failure.addSuppressed(e);
      }
    }
  }
}
