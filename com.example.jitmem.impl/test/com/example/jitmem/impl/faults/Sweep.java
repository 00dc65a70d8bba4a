// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import com.example.jitmem.api.virtmem.VirtMemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Refuses each system call of operations, one or two at a time, each time on a new stage.
final class Sweep<S extends Stage> {
  private final FaultySystem system;
  private final Supplier<S> stages;
  private final Tally tally;

  /// @param stages sets up a stage on the system
  Sweep(FaultySystem system, Supplier<S> stages, Tally tally) {
    this.system = system;
    this.stages = stages;
    this.tally = tally;
  }

  /// Refuses each call of an operation with each plausible error.
  void refuseEachCall(Operation<S> operation) {
    refuseEachCall(operation, Integer.MAX_VALUE);
  }

  /// Refuses each call of an operation with the most likely error.
  void refuseEachCallOnce(Operation<S> operation) {
    refuseEachCall(operation, 1);
  }

  private void refuseEachCall(Operation<S> operation, int mostErrors) {
    List<Site> sites = run(operation, FaultPlan.NONE);
    for (int position = 0; position < sites.size(); position++) {
      Site site = sites.get(position);
      tally.addPosition(site);
      PlausibleErrors.of(site.function()).stream()
          .limit(mostErrors)
          .map(plan(position))
          .forEach(plan -> run(operation, plan));
    }
  }

  private static Function<Errno, FaultPlan> plan(int position) {
    return error -> FaultPlan.once(position, error);
  }

  /// Refuses each call of an operation, and each call that is made after that, which is the undoing
  /// of steps before it in most cases.
  void refuseEachPairOfCalls(Operation<S> operation) {
    List<Site> sites = run(operation, FaultPlan.NONE);
    for (int position = 0; position < sites.size(); position++) {
      FaultPlan first = refusing(position, sites);
      List<Site> after = run(operation, first);
      for (int second = position + 1; second < after.size(); second++) {
        run(operation, first.or(refusing(second, after)));
      }
    }
  }

  private static FaultPlan refusing(int position, List<Site> sites) {
    List<Errno> errors = PlausibleErrors.of(sites.get(position).function());
    return errors.isEmpty() ? FaultPlan.NONE : FaultPlan.once(position, errors.getFirst());
  }

  /// Runs an operation under a plan and checks everything afterwards.
  ///
  /// @return the calls it made
  private List<Site> run(Operation<S> operation, FaultPlan plan) {
    List<FaultyCalls.Refusal> refusals = new ArrayList<>();
    try {
      List<Site> sites;
      try (S stage = stages.get()) {
        sites = runOn(stage, operation, plan, refusals);
      }
      system.requireNothingHeld();
      return sites;
    } catch (RuntimeException | AssertionError e) {
      system.clear();
      throw new AssertionError(operation.name() + " with " + refusals, e);
    }
  }

  private List<Site> runOn(
      S stage, Operation<S> operation, FaultPlan plan, List<FaultyCalls.Refusal> refusals) {
    Runnable action = operation.prepare().apply(stage);
    stage.remember();
    system.calls().begin(plan);
    Optional<VirtMemException> thrown = attempt(action);
    system.calls().end();
    List<Site> sites = system.calls().sites();
    refusals.addAll(system.calls().refusals());
    refusals.forEach(one -> tally.addInjection(one.site(), one.error(), thrown.isPresent()));
    boolean takesBack = refusals.stream().noneMatch(one -> one.site().givesBack());
    if (refusals.isEmpty() && thrown.map(Sweep::isNotSupported).orElse(false)) {
      tally.addSkipped(operation.name());
      return List.of();
    }
    if (thrown.isPresent()) {
      checkReport(operation, thrown.get(), refusals);
      if (takesBack && !operation.givesUp()) {
        stage.requireUnchanged();
      }
    }
    stage.requireSound(takesBack);
    if (thrown.isPresent()) {
      action.run();
      stage.requireSound(takesBack);
    }
    stage.proceed();
    return sites;
  }

  private static Optional<VirtMemException> attempt(Runnable action) {
    try {
      action.run();
      return Optional.empty();
    } catch (VirtMemException e) {
      return Optional.of(e);
    }
  }

  private static boolean isNotSupported(VirtMemException thrown) {
    return thrown.reason() == VirtMemException.Reason.NOT_SUPPORTED;
  }

  private static void checkReport(
      Operation<?> operation, VirtMemException thrown, List<FaultyCalls.Refusal> refusals) {
    if (!operation.mayFail()) {
      throw new AssertionError("Is never to fail", thrown);
    }
    if (refusals.isEmpty()) {
      throw new AssertionError("Fails although nothing was refused", thrown);
    }
    if (refusals.stream().noneMatch(refusal -> names(thrown, refusal))) {
      throw new AssertionError("Does not tell what was refused", thrown);
    }
  }

  private static boolean names(VirtMemException thrown, FaultyCalls.Refusal refusal) {
    @Nullable String call = thrown.call();
    return refusal.site().function().name().equals(call)
        && thrown.osError().orElse(0) == refusal.error().code()
        && String.valueOf(thrown.getMessage()).contains(refusal.error().name());
  }
}
