// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os;

import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.ffm.NativeCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.stream.LongStream;

/// Stands in for the calls of a system that is not there: records every call and refuses what a
/// test says, the way the system does.
public abstract class ModelCalls implements NativeCalls {
  /// A call that was made.
  public record Call(CFunction function, List<Long> arguments, boolean refused) {
    @Override
    public String toString() {
      StringBuilder text = new StringBuilder(function.name()).append('(');
      for (int i = 0; i < arguments.size(); i++) {
        text.append(i == 0 ? "" : ", ").append(Long.toHexString(arguments.get(i)));
      }
      return text.append(')').append(refused ? " refused" : "").toString();
    }
  }

  private final List<Call> made = new ArrayList<>();
  private BiPredicate<CFunction, long[]> refusal = (function, arguments) -> false;
  private int refusalError;
  private int refused;

  /// Refuses calls from now on.
  public final void refuse(int error, BiPredicate<CFunction, long[]> which) {
    refusalError = error;
    refusal = which;
  }

  /// Refuses calls of a function from now on.
  public final void refuse(int error, CFunction which) {
    refuse(error, (function, arguments) -> function.equals(which));
  }

  /// Refuses one call of those that can fail, counted from now on.
  ///
  /// @param position 0 for the next call
  public final void refuseOnce(int error, int position) {
    int[] left = {position};
    refuse(error, (function, arguments) -> canFail(function) && left[0]-- == 0);
  }

  /// Refuses nothing from now on.
  public final void refuseNothing() {
    refuse(0, (function, arguments) -> false);
  }

  /// The number of calls refused so far.
  public final int refusedCount() {
    return refused;
  }

  /// The calls since the last time they were asked for.
  public final synchronized List<Call> takeCalls() {
    List<Call> taken = List.copyOf(made);
    made.clear();
    return taken;
  }

  @Override
  public final synchronized Result call(CFunction function, long... arguments) {
    if (arguments.length != function.parameters().size()) {
      throw new AssertionError("Wrong number of arguments for " + function);
    }
    boolean refuses = refusal.test(function, arguments);
    made.add(new Call(function, LongStream.of(arguments).boxed().toList(), refuses));
    if (refuses) {
      refused++;
      return refusal(function, refusalError);
    }
    return answer(function, arguments);
  }

  /// Whether the documentation of a function says that it can fail.
  protected abstract boolean canFail(CFunction function);

  /// What a function returns when it fails.
  protected abstract Result refusal(CFunction function, int error);

  /// Does what the function is documented to do.
  protected abstract Result answer(CFunction function, long... arguments);

  /// What the system still has to get back.
  public abstract String balance();
}
