// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

/// The free units of one range, kept as runs that never touch: the algorithm that decides where a
/// span goes. Units are granules of committed memory, or blocks that are not committed.
///
/// Not thread-safe: the lock of the core guards it.
interface FreeRuns {
  /// The answer when there is no such unit.
  int NONE = BitTree.NONE;

  /// Makes units free and joins them with free neighbours.
  ///
  /// @param start the first unit
  /// @param count how many, at least 1; none of them is free
  void free(int start, int count);

  /// Takes units out.
  ///
  /// @param start the first unit
  /// @param count how many, at least 1; all of them are free
  void take(int start, int count);

  /// Looks for a place and takes nothing.
  ///
  /// @param count how many units in a row
  /// @param alignment a power of two that divides the number of the first one
  /// @return the first unit of a place; [#NONE] if none was found, which may happen although a run
  ///     would do, so that a search takes no longer the more runs there are
  int find(int count, int alignment);

  /// The first unit of the run a unit lies in.
  ///
  /// @param unit any unit
  /// @return the unit; [#NONE] if the given one is not free
  int startOf(int unit);

  /// The unit after the run a unit lies in.
  ///
  /// @param unit a free unit
  /// @return the end of its run
  int endOf(int unit);

  /// The first run that begins at a unit or after it.
  ///
  /// @param unit any unit up to the number of units
  /// @return the first unit of the run; [#NONE] if there is none
  int next(int unit);

  /// The heap memory of the tables.
  ///
  /// @return the size in bytes
  long metadataBytes();

  /// Verifies the tables.
  ///
  /// @throws IllegalStateException naming what is wrong
  void check();
}
