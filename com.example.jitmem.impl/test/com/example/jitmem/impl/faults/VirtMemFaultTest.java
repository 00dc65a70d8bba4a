// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.virtmem.HardenedRuntimeInfo;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Every system call of every operation of virtual memory is refused, for all ways of writing code.
@ExtendWith(QuietLog.class)
@EnabledOnOs(
    value = OS.LINUX,
    architectures = "amd64",
    disabledReason = "Refuses the calls that are made on x86-64")
class VirtMemFaultTest {
  private static final Tally SINGLE = new Tally();
  private static final Tally PAIRS = new Tally();

  @AfterAll
  static void print() {
    System.out.println("VirtMem, one call refused: " + SINGLE);
    System.out.println("VirtMem, two calls refused: " + PAIRS);
  }

  static Set<Mode> dualModes() {
    return Mode.DUAL;
  }

  private static Sweep<VirtMemStage> sweep(Mode mode, Tally tally) {
    FaultySystem system = new FaultySystem(mode);
    return new Sweep<>(system, () -> new VirtMemStage(system), tally);
  }

  @ParameterizedTest
  @MethodSource("dualModes")
  void aRefusedCallDoesNoDamage(Mode mode) {
    Sweep<VirtMemStage> sweep = sweep(mode, SINGLE);
    VirtMemOperations.all().forEach(sweep::refuseEachCall);
  }

  @ParameterizedTest
  @MethodSource("dualModes")
  void aRefusalToUndoDoesNoDamage(Mode mode) {
    Sweep<VirtMemStage> sweep = sweep(mode, PAIRS);
    VirtMemOperations.all().forEach(sweep::refuseEachPairOfCalls);
  }

  /// What works is found out in a region of its own, of which nothing is left. What was refused is
  /// told, unless it made no difference.
  @ParameterizedTest
  @EnumSource(Mode.class)
  void aRefusedSelfTestLeavesNothing(Mode mode) {
    FaultySystem system = new FaultySystem(mode);
    HardenedRuntimeInfo expected = selfTest(system, FaultPlan.NONE);
    List<Site> sites = system.calls().sites();
    for (int position = 0; position < sites.size(); position++) {
      Site site = sites.get(position);
      SINGLE.addPosition(site);
      for (Errno error : PlausibleErrors.of(site.function())) {
        HardenedRuntimeInfo info = selfTest(system, FaultPlan.once(position, error));
        boolean told = system.calls().refusals().stream().allMatch(one -> isTold(one, info));
        SINGLE.addInjection(site, error, told);
        assertThat(told || info.codeWriting().equals(expected.codeWriting()))
            .as("%s of %s told by %s", error, site, info)
            .isTrue();
      }
    }
  }

  private static HardenedRuntimeInfo selfTest(FaultySystem system, FaultPlan plan) {
    system.forgetWays();
    system.calls().begin(plan);
    HardenedRuntimeInfo info = system.virtMem().hardenedRuntimeInfo();
    system.calls().end();
    system.requireNothingHeld();
    return info;
  }

  private static boolean isTold(FaultyCalls.Refusal refusal, HardenedRuntimeInfo info) {
    return info.refusedWays().stream()
        .map(HardenedRuntimeInfo.RefusedWay::cause)
        .anyMatch(
            cause ->
                refusal.site().function().name().equals(cause.call())
                    && cause.osError().orElse(0) == refusal.error().code());
  }
}
