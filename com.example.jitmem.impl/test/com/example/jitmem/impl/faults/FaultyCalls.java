// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Calls a system and refuses what a plan says. A refused call does not reach the system, so that
/// it really leaves everything as it was.
final class FaultyCalls implements NativeCalls {
  /// A refused call.
  record Refusal(Site site, Errno error, List<Long> arguments) {}

  private static final Set<String> OPENING = Set.of("memfd_create", "open", "shm_open", "mkostemp");

  private final NativeCalls system;
  private final Descriptors descriptors = new Descriptors();
  private final List<Site> sites = new ArrayList<>();
  private final List<Refusal> refusals = new ArrayList<>();
  private FaultPlan policy = FaultPlan.NONE;
  private FaultPlan plan = FaultPlan.NONE;

  FaultyCalls(NativeCalls system) {
    this.system = system;
  }

  /// Refuses what a policy forbids, beside the plans.
  synchronized void setPolicy(FaultPlan forbidden) {
    policy = forbidden;
  }

  /// Counts calls from now on, and refuses those of a plan.
  synchronized void begin(FaultPlan faults) {
    plan = faults;
    sites.clear();
    refusals.clear();
  }

  /// Forgets the descriptors that are open.
  synchronized void forgetDescriptors() {
    descriptors.forget();
  }

  /// Ends the current plan.
  synchronized void end() {
    plan = FaultPlan.NONE;
  }

  /// What was called since [#begin], refused calls included.
  synchronized List<Site> sites() {
    return List.copyOf(sites);
  }

  /// What was refused since [#begin], without what the policy forbids.
  synchronized List<Refusal> refusals() {
    return List.copyOf(refusals);
  }

  /// The descriptors that were opened and are still open.
  synchronized Map<Long, String> openDescriptors() {
    return descriptors.stillOpen();
  }

  @Override
  public synchronized Result call(CFunction function, long... arguments) {
    Site site = Site.of(function, arguments);
    Optional<Errno> forbidden = policy.errorOf(sites.size(), site);
    Optional<Errno> error = forbidden.or(() -> plan.errorOf(sites.size(), site));
    sites.add(site);
    if (error.isEmpty()) {
      return noted(function, system.call(function, arguments));
    }
    if (forbidden.isEmpty()) {
      refusals.add(new Refusal(site, error.get(), boxed(arguments)));
    }
    return refused(site, error.get(), arguments);
  }

  private Result refused(Site site, Errno error, long... arguments) {
    CFunction function = site.function();
    if (error == Errno.ENOMEM && site.replaces()) {
      removeTarget(function, arguments);
    }
    return switch (function.name()) {
      // A descriptor is free whatever close reports, close(2). A name that stays would stay for
      // ever.
      case "close", "unlink" -> {
        system.call(function, arguments);
        yield new Result(-1, error.code());
      }
      // Returns its error, posix_fallocate(3).
      case "posix_fallocate" -> new Result(error.code(), 0);
      default -> new Result(-1, error.code());
    };
  }

  /// Kernels before 6.12 unmap what lies where the new mapping goes before they know whether
  /// there is memory for it: `mmap_region` and `mremap_to` in mm.
  private void removeTarget(CFunction function, long... arguments) {
    boolean moves = function.name().equals("mremap");
    system.call(
        PosixMemory.MUNMAP,
        moves ? arguments[4] : arguments[0],
        moves ? arguments[2] : arguments[1]);
  }

  private Result noted(CFunction function, Result result) {
    if (result.value() != -1 && OPENING.contains(function.name())) {
      descriptors.opened(result.value());
    }
    return result;
  }

  private static List<Long> boxed(long... arguments) {
    return Arrays.stream(arguments).boxed().toList();
  }
}
