// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.memory.CodeMemory;
import com.example.jitmem.impl.memory.WriteSession;
import com.example.jitmem.impl.os.LedgerCalls;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.ProcessMaps;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/// Memory that is executable or writable and never both, on the system itself.
class SealedRegionTest {
  private static final long REGION = 1024 * 1024;
  private static final long PAGE = 4096;
  private static final String EXECUTABLE = "r-xp";

  private final TestSystem system = new TestSystem();
  private final CodeMemory memory =
      new SystemCodeMemory(system.os, new CodeWriting.WriteThenSeal(), false);
  private final SealedRegion region = (SealedRegion) memory.reserve(REGION);

  SealedRegionTest() {
    region.commit(0, REGION);
  }

  @AfterEach
  void nothingIsLeftMapped() {
    region.release();
    assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
  }

  /// How often protection was changed since the region was committed.
  private long protections() {
    return system.calls.made().stream().filter("mprotect"::equals).count() - 2;
  }

  private int run(long offset) {
    return system.run(region.rx().asSlice(offset));
  }

  private void put(WriteSession session, long offset, int value) {
    MemorySegment code = system.code(value);
    session.writable(region, offset, code.byteSize()).copyFrom(code);
    session.written(region, offset, code.byteSize());
  }

  @Test
  void memoryIsExecutableExceptWhileItIsCopiedTo() {
    region.write(0, system.code(1), CachePolicy.DEFAULT);
    assertThat(protections()).isEqualTo(2);
    assertThat(ProcessMaps.accessTo(region.executedAddress(0), REGION)).isEqualTo(EXECUTABLE);
    region.fill(PAGE, 2 * PAGE, 0xCCCCCCCC);
    assertThat(protections()).isEqualTo(4);
    assertThat(ProcessMaps.accessTo(region.executedAddress(0), REGION)).isEqualTo(EXECUTABLE);
    assertThat(run(0)).isEqualTo(1);
  }

  @Test
  void aSessionChangesProtectionTwiceForEachRunOfPages() {
    try (WriteSession session = memory.openSession(CachePolicy.DEFAULT)) {
      for (long offset = 0; offset < 3 * PAGE; offset += 64) {
        put(session, offset, (int) offset);
      }
      put(session, 10 * PAGE + 8, 42);
      assertThat(protections()).isZero();
    }
    assertThat(protections()).isEqualTo(4);
    assertThat(run(2 * PAGE + 64)).isEqualTo((int) (2 * PAGE + 64));
    assertThat(run(10 * PAGE + 8)).isEqualTo(42);
    assertThat(ProcessMaps.accessTo(region.executedAddress(0), REGION)).isEqualTo(EXECUTABLE);
  }

  @Test
  void codeRunsOnWhileASessionPreparesItsReplacement() {
    region.write(0, system.code(1), CachePolicy.DEFAULT);
    try (WriteSession session = memory.openSession(CachePolicy.DEFAULT)) {
      put(session, 0, 2);
      assertThat(run(0)).isEqualTo(1);
      session.flush();
      assertThat(run(0)).isEqualTo(2);
    }
  }

  @Test
  void aWriterThatGoesOnAfterAFlushMeetsMemoryAndLosesNothing() {
    try (WriteSession session = memory.openSession(CachePolicy.DEFAULT)) {
      MemorySegment target = session.writable(region, 0, 64);
      target.copyFrom(system.code(1));
      session.written(region, 0, 64);
      session.flush();
      target.copyFrom(system.code(2));
      session.written(region, 0, 64);
    }
    assertThat(run(0)).isEqualTo(2);
  }

  @Test
  void aSessionSeesWhatItHasWrittenAndWhatOthersHaveWrittenBeforeItsFlush() {
    region.fill(0, PAGE, 0x11111111);
    try (WriteSession session = memory.openSession(CachePolicy.DEFAULT)) {
      session.writable(region, 64, 8).fill((byte) 2);
      session.written(region, 64, 8);
      MemorySegment larger = session.writable(region, 0, 256);
      assertThat(larger.get(ValueLayout.JAVA_BYTE, 63)).isEqualTo((byte) 0x11);
      assertThat(larger.get(ValueLayout.JAVA_BYTE, 64)).isEqualTo((byte) 2);
      session.flush();
      region.fill(128, 4, 0x33333333);
      MemorySegment again = session.writable(region, 0, 256);
      assertThat(again.get(ValueLayout.JAVA_BYTE, 128)).isEqualTo((byte) 0x33);
      assertThat(again.get(ValueLayout.JAVA_BYTE, 71)).isEqualTo((byte) 2);
    }
    assertThat(region.rx().get(ValueLayout.JAVA_BYTE, 72)).isEqualTo((byte) 0x11);
  }

  @Test
  void onlyWhatIsSaidToBeWrittenIsBroughtInPlace() {
    region.fill(0, PAGE, 0x11111111);
    try (WriteSession session = memory.openSession(CachePolicy.DEFAULT)) {
      session.writable(region, 0, 64).fill((byte) 2);
      session.written(region, 16, 8);
    }
    assertThat(region.rx().get(ValueLayout.JAVA_LONG, 8)).isEqualTo(0x1111111111111111L);
    assertThat(region.rx().get(ValueLayout.JAVA_LONG, 16)).isEqualTo(0x0202020202020202L);
    assertThat(region.rx().get(ValueLayout.JAVA_LONG, 24)).isEqualTo(0x1111111111111111L);
  }

  @Test
  void whereNothingCanBecomeWritableNothingIsWritten() {
    region.write(0, system.code(1), CachePolicy.DEFAULT);
    system.calls.refuse(TestSystem.EACCES, TestSystem.named("mprotect"));
    assertThatThrownBy(() -> region.write(0, system.code(2), CachePolicy.DEFAULT))
        .isInstanceOf(VirtMemException.class)
        .hasMessageContaining("mprotect failed with EACCES");
    system.calls.refuseNothing();
    assertThat(run(0)).isEqualTo(1);
    region.write(0, system.code(3), CachePolicy.DEFAULT);
    assertThat(run(0)).isEqualTo(3);
  }

  @Test
  void pagesThatCannotBecomeExecutableAgainDoWithTheNextWrite() {
    system.calls.refuse(TestSystem.EACCES, TestSystem.GAINED_EXECUTION);
    assertThatThrownBy(() -> region.write(PAGE, system.code(1), CachePolicy.DEFAULT))
        .isInstanceOf(VirtMemException.class);
    system.calls.refuseNothing();
    region.write(PAGE, system.code(2), CachePolicy.DEFAULT);
    assertThat(run(PAGE)).isEqualTo(2);
    assertThat(ProcessMaps.accessTo(region.executedAddress(0), REGION)).isEqualTo(EXECUTABLE);
  }

  @Test
  void aRefusedFlushIsMadeUpForByTheNextOne() {
    WriteSession session = memory.openSession(CachePolicy.DEFAULT);
    put(session, 0, 1);
    put(session, 5 * PAGE, 5);
    put(session, 9 * PAGE, 9);
    system.calls.refuseOnce(TestSystem.EACCES, 2);
    assertThatThrownBy(session::flush).isInstanceOf(VirtMemException.class);
    assertThat(run(0)).isEqualTo(1);
    assertThat(run(9 * PAGE)).isEqualTo(9);
    system.calls.refuseNothing();
    session.close();
    assertThat(run(5 * PAGE)).isEqualTo(5);
  }

  @DisabledIfSystemProperty(
      named = OnLinux.EMULATED,
      matches = "true",
      disabledReason = "qemu-user protects pages of code itself")
  @Test
  void manyScatteredWritesDoNotCutMemoryIntoPieces() {
    for (int round = 0; round < 4; round++) {
      try (WriteSession session = memory.openSession(CachePolicy.DEFAULT)) {
        for (long offset = round * PAGE; offset < REGION; offset += 4 * PAGE) {
          put(session, offset, round);
        }
      }
    }
    assertThat(ProcessMaps.in(region.executedAddress(0), REGION)).hasSizeLessThan(4);
  }

  /// Writers of the same page, each of its own granule, while no code runs there.
  @Test
  @Timeout(60)
  void writersOfTheSamePageDoNotMeet() throws Exception {
    int writers = 4;
    CountDownLatch start = new CountDownLatch(writers);
    try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
      for (Future<?> writer :
          IntStream.range(0, writers)
              .mapToObj(index -> threads.submit(() -> writeOften(index, start)))
              .toList()) {
        writer.get();
      }
    }
    for (int index = 0; index < writers; index++) {
      assertThat(run(index * 64L)).isEqualTo(index);
      assertThat(run(PAGE + index * 64L)).isEqualTo(index);
    }
    assertThat(ProcessMaps.accessTo(region.executedAddress(0), REGION)).isEqualTo(EXECUTABLE);
  }

  private void writeOften(int index, CountDownLatch start) {
    SplittableRandom random = new SplittableRandom(index);
    start.countDown();
    for (int i = 0; i < 2_000; i++) {
      int value = i == 1_999 ? index : random.nextInt();
      if ((i & 1) == 0) {
        region.write(index * 64L, system.code(value), CachePolicy.DEFAULT);
      }
      try (WriteSession session = memory.openSession(CachePolicy.DEFAULT)) {
        put(session, index * 64L, value);
        put(session, PAGE + index * 64L, value);
      }
    }
  }

  @Test
  void aCopyThatIsTooLargeIsARefusalAndNoError() {
    try (WriteSession session = memory.openSession(CachePolicy.DEFAULT)) {
      assertThatThrownBy(() -> session.writable(region, 0, 1L << 46))
          .isInstanceOfSatisfying(
              VirtMemException.class,
              e -> assertThat(e.reason()).isEqualTo(VirtMemException.Reason.OUT_OF_MEMORY));
    }
  }

  @Test
  void rangesOutsideOfTheRegionAreRefusedBeforeAnyProtectionChanges() {
    assertThatThrownBy(() -> region.write(REGION - 2, system.code(1), CachePolicy.DEFAULT))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(protections()).isZero();
  }
}
