// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A workload written as text, so that this program and its twin in C++ read the same one.
///
/// A script is a list of steps with `+` between them, which are run one after the other. A step is
/// `[ROW=]OPERATION:WHICH:ORDER[:SIZE]`; what has a row is measured, and its worst case too if the
/// row ends with `!`.
///
/// - operation: `alloc`, `release`, `query`, `shrink`
/// - which spans, by their index: `all`, `even`, `odd`, every `tenth` (an even one), the other
///   `nine`, or a random `half`, which is the same one in every step
/// - order: `fifo` by index, `lifo` the opposite, `random`
/// - size in bytes of `alloc` and `shrink`: a number, two numbers with `/` between them for even
///   and odd indices, or nothing for random sizes
final class Script {
  /// One step.
  static final class Step {
    private final String row;
    private final String operation;
    private final int[] order;
    private final int evenSize;
    private final int oddSize;

    private Step(String row, String operation, int[] order, int evenSize, int oddSize) {
      this.row = row;
      this.operation = operation;
      this.order = order;
      this.evenSize = evenSize;
      this.oddSize = oddSize;
    }

    boolean isMeasured() {
      return !row.isEmpty();
    }

    /// Where the time of the step goes, empty if it is not measured.
    String row() {
      return row;
    }

    String operation() {
      return operation;
    }

    /// The indices of the spans with which it is done; not to be changed.
    int[] order() {
      return order;
    }

    int size(int index, Sequence sequence) {
      int size = (index & 1) == 0 ? evenSize : oddSize;
      return size == 0 ? sequence.size() : size;
    }
  }

  private Script() {}

  /// Reads a script.
  ///
  /// @param text the script
  /// @param count the number of spans
  /// @param limit how many operations of a measured step are done at most
  /// @param sequence gives the random orders
  static List<Step> parse(String text, int count, int limit, Sequence sequence) {
    List<Step> steps = new ArrayList<>();
    for (String step : text.split("\\+", -1)) {
      int equals = step.indexOf('=');
      String row = equals < 0 ? "" : step.substring(0, equals);
      String[] parts = step.substring(equals + 1).split(":", -1);
      int[] order = indices(parts[1], parts[2], count, sequence);
      if (!row.isEmpty() && order.length > limit) {
        order = Arrays.copyOf(order, limit);
      }
      String[] sizes = (parts.length > 3 ? parts[3] : "0").split("/", -1);
      int even = Integer.parseInt(sizes[0]);
      int odd = Integer.parseInt(sizes[sizes.length - 1]);
      steps.add(new Step(row, parts[0], order, even, odd));
    }
    return steps;
  }

  private static int[] indices(String which, String order, int count, Sequence sequence) {
    int[] all = Order.of(order).indices(count, sequence);
    int selected = 0;
    for (int index : all) {
      if (isSelected(which, index)) {
        all[selected++] = index;
      }
    }
    return Arrays.copyOf(all, selected);
  }

  private static boolean isSelected(String which, int index) {
    return switch (which) {
      case "all" -> true;
      case "even" -> index % 2 == 0;
      case "odd" -> index % 2 != 0;
      case "tenth" -> index % 10 == 0;
      case "nine" -> index % 10 != 0;
      case "half" -> (new Sequence(index).next() & 1) == 0;
      default -> throw new IllegalArgumentException("No such choice of spans: " + which);
    };
  }
}
