// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import static com.example.jitmem.api.allocator.JitAllocatorOption.IMMEDIATE_RELEASE;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.allocator.OwnedAllocator;
import com.example.jitmem.impl.allocator.SelfChecks;
import com.example.jitmem.impl.allocator.TestAllocators;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Blocks are mapped, written, executed and released while calls of the system are refused at
/// random; afterwards nothing is mapped or open that was not before.
///
/// The number of blocks is the system property `jitmem.test.fault.blocks`, shared by all ways of
/// writing code. The seed is printed; the property `jitmem.test.seed` replays it.
@ExtendWith(QuietLog.class)
@EnabledOnOs(
    value = OS.LINUX,
    architectures = "amd64",
    disabledReason = "Refuses the calls that are made on x86-64")
class ChurnTest {
  private static final int BLOCKS = Integer.getInteger("jitmem.test.fault.blocks", 5_000);
  private static final long SEED = Long.getLong("jitmem.test.seed", System.nanoTime());
  private static final int MOST_LIVE = 50;
  private static final int MOST_CALLS = 12;
  private static final int MOST_BYTES_LOG = 18;

  @ParameterizedTest
  @EnumSource(Mode.class)
  void nothingIsLeftOfBlocksWhateverIsRefused(Mode mode) {
    Run run = new Run(mode, new Random(SEED));
    try {
      run.run(BLOCKS / Mode.values().length);
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError("seed " + SEED, e);
    }
    assertThat(run.refused).isPositive();
    System.out.println(
        "%s: %d blocks run, %d calls refused, seed %d"
            .formatted(mode, run.blocks, run.refused, SEED));
  }

  private static final class Run {
    private final FaultySystem system;
    private final Random random;
    private final OwnedAllocator allocator;
    private final List<Live> live = new ArrayList<>();
    private int blocks;
    private int refused;

    private record Live(Span span, int value) {}

    Run(Mode mode, Random random) {
      this.system = new FaultySystem(mode);
      this.random = random;
      allocator =
          TestAllocators.owned(
              system.memory(),
              JitAllocatorParameters.defaults()
                  .withOptions(mode.options())
                  .with(IMMEDIATE_RELEASE));
    }

    void run(int count) {
      while (blocks < count) {
        system.calls().begin(randomFault());
        add();
        release(MOST_LIVE);
        refused += system.calls().refusals().size();
        if (blocks % 100 == 0) {
          SelfChecks.of(allocator);
        }
      }
      system.calls().end();
      release(0);
      allocator.close();
      system.requireNothingHeld();
    }

    private FaultPlan randomFault() {
      int position = random.nextInt(MOST_CALLS);
      int choice = random.nextInt(1 << 20);
      return (index, site) -> {
        List<Errno> errors = PlausibleErrors.of(site.function());
        return index == position && !errors.isEmpty()
            ? Optional.of(errors.get(choice % errors.size()))
            : Optional.empty();
      };
    }

    private void add() {
      Optional<Span> span = Optional.empty();
      try {
        span = Optional.of(allocator.alloc(64L << random.nextInt(MOST_BYTES_LOG - 6)));
        allocator.write(span.get(), 0, system.code(blocks), CachePolicy.DEFAULT);
        live.add(new Live(span.get(), blocks));
        assertThat(system.run(span.get().rx())).isEqualTo(blocks);
        blocks++;
      } catch (VirtMemException refusal) {
        span.ifPresent(Span::close);
      }
    }

    /// Releases spans in random order, after their code has run once more.
    private void release(int most) {
      while (live.size() > most) {
        Live one = live.remove(random.nextInt(live.size()));
        assertThat(system.run(one.span().rx())).isEqualTo(one.value());
        one.span().close();
      }
    }
  }
}
