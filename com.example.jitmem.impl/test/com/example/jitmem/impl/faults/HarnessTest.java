// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.ffm.CType;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

/// The checks of this package notice what they are there for: a system that does not do what it
/// reports stands for code that forgets a step.
@ExtendWith(QuietLog.class)
@EnabledOnOs(
    value = OS.LINUX,
    architectures = "amd64",
    disabledReason = "Refuses the calls that are made on x86-64")
class HarnessTest {
  /// Reports the success of some calls without making them, once it is told to.
  private static final class Forgetful implements NativeCalls {
    private final NativeCalls system;
    private final Predicate<Site> forgotten;
    private boolean forgets;

    Forgetful(NativeCalls system, Predicate<Site> forgotten) {
      this.system = system;
      this.forgotten = forgotten;
    }

    @Override
    public Result call(CFunction function, long... arguments) {
      Site site = Site.of(function, arguments);
      if (forgets && forgotten.test(site)) {
        return new Result(function.name().equals("mmap") ? arguments[0] : 0, 0);
      }
      return system.call(function, arguments);
    }
  }

  /// Runs an operation of which some calls are forgotten.
  private static void sweep(Mode mode, String name, Predicate<Site> forgotten) {
    AtomicReference<Forgetful> made = new AtomicReference<>();
    FaultySystem system =
        new FaultySystem(
            mode,
            calls -> {
              Forgetful forgetful = new Forgetful(calls, forgotten);
              made.set(forgetful);
              return forgetful;
            });
    Forgetful forgetful = Objects.requireNonNull(made.get());
    JitAllocatorParameters parameters =
        JitAllocatorParameters.defaults().withOptions(mode.options());
    Operation<AllocatorStage> named =
        AllocatorOperations.all().stream()
            .filter(operation -> operation.name().equals(name))
            .findFirst()
            .orElseThrow();
    Operation<AllocatorStage> forgetting =
        new Operation<>(
            named.name(),
            named.mayFail(),
            named.givesUp(),
            stage -> {
              Runnable action = named.prepare().apply(stage);
              forgetful.forgets = true;
              return action;
            });
    Sweep<AllocatorStage> sweep =
        new Sweep<>(system, () -> rememberingStage(forgetful, system, parameters), new Tally());
    sweep.refuseEachCall(forgetting);
  }

  private static AllocatorStage rememberingStage(
      Forgetful forgetful, FaultySystem system, JitAllocatorParameters parameters) {
    forgetful.forgets = false;
    return new AllocatorStage(system, parameters);
  }

  @Test
  void aSystemThatDoesWhatItReportsPasses() {
    assertThatCode(() -> sweep(Mode.MEMFD, "alloc in the first region", site -> false))
        .doesNotThrowAnyException();
  }

  @Test
  void aLeakOfMemoryIsNoticed() {
    assertThatThrownBy(() -> sweep(Mode.DIRECT, "alloc in the first region", isCall("munmap")))
        .isInstanceOf(AssertionError.class)
        .rootCause()
        .hasMessageContaining("Still mapped");
  }

  @Test
  void aLeakOfADescriptorIsNoticed() {
    assertThatThrownBy(() -> sweep(Mode.MEMFD, "close an allocator", isCall("close")))
        .isInstanceOf(AssertionError.class)
        .rootCause()
        .hasMessageContaining("Still open");
  }

  @Test
  void memoryThatIsNotCommittedIsNoticed() {
    assertThatThrownBy(
            () -> sweep(Mode.DIRECT, "alloc with growth", site -> isPurpose(site, "commit")))
        .isInstanceOf(AssertionError.class)
        .rootCause()
        .hasMessageContaining("bytes are writable");
  }

  /// Of two views one is mapped; the other one is refused, and the first one stays.
  @Test
  void aHalfCommitIsNoticed() {
    assertThatThrownBy(
            () -> sweep(Mode.ANONYMOUS, "alloc with growth", site -> isPurpose(site, "decommit")))
        .isInstanceOf(AssertionError.class)
        .rootCause()
        .hasMessageContaining("Mappings changed");
  }

  @Test
  void functionsWithoutErrorsAreNoticed() {
    assertThatThrownBy(() -> PlausibleErrors.of(CFunction.of("fork", CType.INT32)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("fork");
    assertThat(PlausibleErrors.of(PosixMemory.MUNMAP)).isNotEmpty();
  }

  private static Predicate<Site> isCall(String name) {
    return site -> site.function().name().equals(name);
  }

  private static boolean isPurpose(Site site, String purpose) {
    return site.purpose().startsWith(purpose);
  }
}
