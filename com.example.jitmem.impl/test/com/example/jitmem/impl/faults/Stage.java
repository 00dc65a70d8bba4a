// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/// What an operation is made on, with something alive that it must not touch, and the checks of it.
abstract class Stage implements AutoCloseable {
  private final FaultySystem system;
  private final Deque<Runnable> ends = new ArrayDeque<>();
  private List<String> linesBefore = List.of();

  Stage(FaultySystem system) {
    this.system = system;
  }

  final FaultySystem system() {
    return system;
  }

  /// Notes how something is ended that an operation made.
  final void atEnd(Runnable end) {
    ends.push(end);
  }

  /// A shared arena that is closed at the end, unless that has happened.
  final Arena newArena() {
    Supplier<Arena> kind = Arena::ofShared;
    Arena made = kind.get();
    atEnd(
        () -> {
          if (made.scope().isAlive()) {
            made.close();
          }
        });
    return made;
  }

  /// Notes what must be the same after an operation that is refused.
  void remember() {
    linesBefore = SeparateAddresses.merged(system.lines());
  }

  /// Checks that a refused operation has changed nothing.
  void requireUnchanged() {
    List<String> lines = SeparateAddresses.merged(system.lines());
    if (!lines.equals(linesBefore)) {
      throw new AssertionError(
          "Mappings changed from\n%s\nto\n%s"
              .formatted(String.join("\n", linesBefore), String.join("\n", lines)));
    }
  }

  /// Checks that nothing is half done, and that what was alive before is whole.
  ///
  /// @param takesBack whether the system took back all that it was given back
  abstract void requireSound(boolean takesBack);

  /// Uses what there is once more; everything has to succeed.
  abstract void proceed();

  @Override
  public final void close() {
    while (!ends.isEmpty()) {
      ends.pop().run();
    }
  }
}
