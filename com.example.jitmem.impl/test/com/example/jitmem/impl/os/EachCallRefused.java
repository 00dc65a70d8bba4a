// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.jitmem.api.virtmem.VirtMemException;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/// Runs an operation on a model again and again, with another of its calls refused each time and
/// with each error, until it runs through.
public final class EachCallRefused {
  /// More calls than any operation makes.
  private static final int MOST_CALLS = 60;

  private final ModelCalls system;
  private final int[] errors;
  private final TreeSet<String> operations = new TreeSet<>();
  private int positions;
  private int refusals;

  /// Refuses with some errors.
  public EachCallRefused(ModelCalls system, int... errors) {
    this.system = system;
    this.errors = errors;
  }

  /// Runs an operation that returns an address.
  ///
  /// @param undo gives back what it returned
  public void forEach(String name, LongSupplier operation, LongConsumer undo) {
    long[] made = {0};
    String before = system.balance();
    forEach(
        name,
        () -> {},
        () -> made[0] = operation.getAsLong(),
        thrown -> {
          if (!thrown) {
            undo.accept(made[0]);
          }
          assertThat(system.balance()).isEqualTo(before);
        });
  }

  /// Runs an operation.
  ///
  /// @param check is told whether it threw
  public void forEach(String name, Runnable before, Runnable operation, Consumer<Boolean> check) {
    operations.add(name);
    for (int error : errors) {
      int position = 0;
      while (isReached(error, position, before, operation, check)) {
        position++;
        assertThat(position).as("calls of " + name).isLessThan(MOST_CALLS);
      }
      assertThat(position).as("calls of " + name).isPositive();
      positions = Math.max(positions, position);
    }
  }

  private boolean isReached(
      int error, int position, Runnable before, Runnable operation, Consumer<Boolean> check) {
    before.run();
    int refusedBefore = system.refusedCount();
    system.refuseOnce(error, position);
    Throwable thrown = catchThrowable(operation::run);
    system.refuseNothing();
    boolean reached = system.refusedCount() > refusedBefore;
    if (thrown != null) {
      assertThat(reached).isTrue();
      assertThat(thrown)
          .isInstanceOfSatisfying(
              VirtMemException.class,
              e -> {
                assertThat(e.osError()).hasValue(error);
                assertThat(e.call()).isNotEmpty();
              });
      assertThat(thrown.getSuppressed()).isEmpty();
    }
    refusals += reached ? 1 : 0;
    check.accept(thrown != null);
    return reached;
  }

  /// Prints what was done.
  public void report(String title) {
    System.out.println(
        title
            + ": operations "
            + operations
            + ", errors "
            + errors.length
            + ", calls of the longest "
            + positions
            + ", refusals "
            + refusals);
  }
}
