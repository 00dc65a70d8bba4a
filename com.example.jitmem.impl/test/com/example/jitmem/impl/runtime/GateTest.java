// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class GateTest {
  /// Gates per storm; the `long` profile raises it.
  private static final int GATES = Integer.getInteger("jitmem.test.gates", 20_000);

  private final TestGate gate = new TestGate();

  /// Counts what it is told.
  private static final class TestGate extends Gate {
    final AtomicInteger drained = new AtomicInteger();

    /// What the gate protects is gone.
    volatile boolean freed;

    @Override
    void drained() {
      freed = true;
      drained.incrementAndGet();
    }
  }

  enum Ending implements Gate.Exclusive {
    NONE(false, true),
    POSSIBLE(true, true),
    REFUSED(true, false);

    private final boolean needed;
    private final boolean ends;

    Ending(boolean needed, boolean ends) {
      this.needed = needed;
      this.ends = ends;
    }

    @Override
    public boolean isNeeded() {
      return needed;
    }

    @Override
    public boolean tryEnd() {
      return ends;
    }
  }

  private Gate.Close close() {
    return gate.close(Ending.NONE);
  }

  @Test
  void closesOnceWhileNoThreadIsInside() {
    gate.leave(gate.enter());

    assertThat(gate.isOpen()).isTrue();
    assertThat(close()).isEqualTo(Gate.Close.CLOSED);
    assertThat(close()).isEqualTo(Gate.Close.CLOSED_BEFORE);
    assertThat(gate.isOpen()).isFalse();
    assertThatThrownBy(gate::enter).isInstanceOf(IllegalStateException.class);
    assertThat(gate.drained).hasValue(0);
  }

  @Test
  void staysOpenWhenACloseIsRefused() {
    int outer = gate.enter();
    assertThat(close()).isEqualTo(Gate.Close.OCCUPIED);

    int inner = gate.enter();
    gate.leave(inner);
    assertThat(close()).isEqualTo(Gate.Close.OCCUPIED);
    gate.leave(outer);
    assertThat(close()).isEqualTo(Gate.Close.CLOSED);
  }

  @Test
  void closesBehindTheLastThreadWhenItWasRetired() {
    int first = gate.enter();
    int second = gate.enter();

    assertThat(gate.retire()).isEqualTo(Gate.Close.RETIRED);
    assertThat(gate.retire()).isEqualTo(Gate.Close.CLOSED_BEFORE);
    assertThat(gate.isOpen()).isFalse();
    assertThatThrownBy(gate::enter).isInstanceOf(IllegalStateException.class);
    assertThat(close()).isEqualTo(Gate.Close.RETIRED);
    gate.leave(first);
    assertThat(gate.drained).hasValue(0);
    gate.leave(second);
    assertThat(gate.drained).hasValue(1);
    assertThat(close()).isEqualTo(Gate.Close.CLOSED_BEFORE);
  }

  @Test
  void isClosedAtOnceWhenItIsRetiredWithNoThreadInside() {
    assertThat(gate.retire()).isEqualTo(Gate.Close.CLOSED);
    assertThat(gate.retire()).isEqualTo(Gate.Close.CLOSED_BEFORE);
    assertThatThrownBy(gate::enter).isInstanceOf(IllegalStateException.class);
    assertThat(gate.drained).hasValue(0);
  }

  @Test
  void opensAgainWhenWhatHasToEndBeforeDoesNot() {
    assertThat(gate.close(Ending.REFUSED)).isEqualTo(Gate.Close.OCCUPIED);
    gate.leave(gate.enter());
    assertThat(gate.close(Ending.POSSIBLE)).isEqualTo(Gate.Close.CLOSED);
  }

  @Test
  void opensAgainWhenWhatHasToEndBeforeThrows() {
    Gate.Exclusive failing =
        new Gate.Exclusive() {
          @Override
          public boolean isNeeded() {
            return true;
          }

          @Override
          public boolean tryEnd() {
            throw new StackOverflowError("planted");
          }
        };
    assertThatThrownBy(() -> gate.close(failing)).isInstanceOf(StackOverflowError.class);
    gate.leave(gate.enter());
  }

  @Test
  void isNotClosedWhenAThreadEntersAfterTheCountersWereRead() {
    int[] cell = new int[1];
    Gate.Close result = gate.close(whileClosing(() -> cell[0] = gate.enter()));

    assertThat(result).isEqualTo(Gate.Close.OCCUPIED);
    assertThat(gate.isOpen()).isTrue();
    gate.leave(cell[0]);
    assertThat(close()).isEqualTo(Gate.Close.CLOSED);
  }

  /// The ABA problem: the first close was aborted, and the state looks as it left it because a
  /// second one has begun.
  @Test
  void aCloseThatWasAbortedDoesNotTakeALaterOneForItself() throws Exception {
    CountDownLatch secondIsClosing = new CountDownLatch(1);
    CountDownLatch firstIsOver = new CountDownLatch(1);
    FutureTask<Gate.Close> second =
        new FutureTask<>(
            () ->
                gate.close(
                    whileClosing(
                        () -> {
                          secondIsClosing.countDown();
                          await(firstIsOver);
                        })));
    Gate.Close first =
        gate.close(
            whileClosing(
                () -> {
                  gate.leave(gate.enter());
                  Thread.ofPlatform().start(second);
                  await(secondIsClosing);
                }));
    firstIsOver.countDown();

    assertThat(first).isEqualTo(Gate.Close.OCCUPIED);
    assertThat(second.get()).isEqualTo(Gate.Close.CLOSED);
  }

  @Test
  void aRetirementWaitsForACloseAndFindsWhatItLeft() throws Exception {
    FutureTask<Gate.Close> retiring = new FutureTask<>(gate::retire);
    Gate.Close closed =
        gate.close(
            whileClosing(
                () -> {
                  Thread.ofPlatform().start(retiring);
                  assertThat(retiring.isDone()).isFalse();
                }));
    assertThat(closed).isEqualTo(Gate.Close.CLOSED);
    assertThat(retiring.get()).isEqualTo(Gate.Close.CLOSED_BEFORE);
  }

  /// Runs something after the counters were read, and before the gate is closed.
  private static Gate.Exclusive whileClosing(Runnable action) {
    return new Gate.Exclusive() {
      @Override
      public boolean isNeeded() {
        action.run();
        return false;
      }

      @Override
      public boolean tryEnd() {
        return true;
      }
    };
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void letsThreadsWaitWhileSomethingEndsThatHasToEndBefore() throws Exception {
    CountDownLatch ending = new CountDownLatch(1);
    AtomicBoolean mayEnd = new AtomicBoolean();
    Gate.Exclusive slow =
        new Gate.Exclusive() {
          @Override
          public boolean isNeeded() {
            return true;
          }

          @Override
          public boolean tryEnd() {
            ending.countDown();
            while (!mayEnd.get()) {
              Thread.onSpinWait();
            }
            return false;
          }
        };
    FutureTask<Gate.Close> closing = new FutureTask<>(() -> gate.close(slow));
    Thread.ofPlatform().start(closing);
    ending.await();
    FutureTask<Integer> entering = new FutureTask<>(gate::enter);
    Thread.ofPlatform().start(entering);
    for (int i = 0; i < 1_000; i++) {
      assertThat(entering.isDone()).isFalse();
      Thread.onSpinWait();
    }
    mayEnd.set(true);

    assertThat(closing.get()).isEqualTo(Gate.Close.OCCUPIED);
    gate.leave(entering.get());
    assertThat(close()).isEqualTo(Gate.Close.CLOSED);
  }

  @Test
  void countsAThreadOutByTheCellItEnteredBy() throws Exception {
    // Collisions spread the counter while this thread is inside by the first cell
    int early = gate.enter();
    collide();
    int late = gate.enter();
    assertThat(late).as("a cell of its own").isNotEqualTo(early);
    gate.leave(early);
    assertThat(close()).isEqualTo(Gate.Close.OCCUPIED);
    gate.leave(late);
    assertThat(close()).isEqualTo(Gate.Close.CLOSED);
  }

  private void collide() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    FutureTask<Boolean> other =
        new FutureTask<>(
            () -> {
              while (!stop.get()) {
                gate.leave(gate.enter());
              }
            },
            true);
    Thread.ofPlatform().start(other);
    int first = gate.enter();
    gate.leave(first);
    int cell = first;
    while (cell == first) {
      cell = gate.enter();
      gate.leave(cell);
    }
    stop.set(true);
    other.get();
  }

  /// Two threads enter and leave while two others end the gate; nothing is freed under a thread.
  @ParameterizedTest
  @EnumSource(Ending.class)
  void isNeverClosedUnderAThread(Ending ending) throws Exception {
    storm(ending, false);
  }

  @Test
  void isNeverDrainedUnderAThread() throws Exception {
    storm(Ending.NONE, true);
  }

  private static void storm(Ending ending, boolean retire) throws Exception {
    AtomicLong crashes = new AtomicLong();
    AtomicLong lost = new AtomicLong();
    TestGate[] gates = new TestGate[GATES];
    for (int i = 0; i < GATES; i++) {
      gates[i] = new TestGate();
    }
    AtomicInteger current = new AtomicInteger();
    List<FutureTask<Boolean>> tasks = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      tasks.add(new FutureTask<>(() -> callers(gates, current, crashes), true));
      tasks.add(new FutureTask<>(() -> closers(gates, current, ending, retire, lost), true));
    }
    tasks.forEach(task -> Thread.ofPlatform().start(task));
    for (FutureTask<Boolean> task : tasks) {
      task.get();
    }
    assertThat(crashes).hasValue(0);
    assertThat(lost).as("gates that were closed twice or never").hasValue(0);
  }

  private static void callers(TestGate[] gates, AtomicInteger current, AtomicLong crashes) {
    for (int i = current.get(); i < gates.length; i = current.get()) {
      TestGate gate = gates[i];
      try {
        int cell = gate.enter();
        boolean freed = gate.freed;
        for (int spin = 0; spin < 3; spin++) {
          freed |= gate.freed;
        }
        if (freed) {
          crashes.incrementAndGet();
        }
        gate.leave(cell);
      } catch (IllegalStateException ended) {
        Thread.onSpinWait();
      }
    }
  }

  private static void closers(
      TestGate[] gates, AtomicInteger current, Ending ending, boolean retire, AtomicLong lost) {
    for (int i = current.get(); i < gates.length; i = current.get()) {
      TestGate gate = gates[i];
      if (retire) {
        if (gate.retire() == Gate.Close.CLOSED) {
          gate.drained();
        }
        while (gate.drained.get() == 0) {
          Thread.onSpinWait();
        }
        if (gate.drained.get() > 1) {
          lost.incrementAndGet();
        }
        current.compareAndSet(i, i + 1);
      } else if (ending == Ending.REFUSED) {
        gate.close(ending);
        if (!gate.isOpen()) {
          lost.incrementAndGet();
        }
        current.compareAndSet(i, i + 1);
      } else {
        closeOne(gate, i, current, ending, lost);
      }
    }
  }

  private static void closeOne(
      TestGate gate, int index, AtomicInteger current, Ending ending, AtomicLong lost) {
    Gate.Close result = gate.close(ending);
    if (result == Gate.Close.CLOSED) {
      if (gate.freed) {
        lost.incrementAndGet();
      }
      gate.freed = true;
      current.compareAndSet(index, index + 1);
    }
  }
}
