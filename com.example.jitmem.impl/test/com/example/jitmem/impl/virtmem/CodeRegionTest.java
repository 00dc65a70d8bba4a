// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.impl.memory.CodeMemory;
import com.example.jitmem.impl.memory.CodeRegion;
import com.example.jitmem.impl.memory.WriteSession;
import com.example.jitmem.impl.os.LedgerCalls;
import com.example.jitmem.testing.ProcessMaps;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Regions of every way to write code, on the system itself.
class CodeRegionTest {
  private static final long REGION = 4L * 1024 * 1024;
  private static final long BLOCK = 64 * 1024;

  private final TestSystem system = new TestSystem();

  static CodeWriting[] ways() {
    return TestSystem.allWays();
  }

  private CodeRegion reserve(CodeWriting way) {
    return new SystemCodeMemory(system.os, way, false).reserve(REGION);
  }

  @ParameterizedTest
  @MethodSource("ways")
  void scatteredBlocksKeepTheirCodeWhileOthersComeAndGo(CodeWriting way) {
    CodeRegion region = reserve(way);
    for (long block = 0; block < REGION; block += 2 * BLOCK) {
      region.commit(block, BLOCK);
      region.write(block, system.code((int) block), CachePolicy.DEFAULT);
    }
    for (long block = 0; block < REGION; block += 4 * BLOCK) {
      region.decommit(block, BLOCK);
    }
    for (long block = 2 * BLOCK; block < REGION; block += 4 * BLOCK) {
      assertThat(system.run(region.rx().asSlice(block))).isEqualTo((int) block);
    }
    for (long block = 0; block < REGION; block += 4 * BLOCK) {
      region.commit(block, BLOCK);
      region.write(block, system.code(~(int) block), CachePolicy.DEFAULT);
      assertThat(system.run(region.rx().asSlice(block))).isEqualTo(~(int) block);
    }
    region.release();
    assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
  }

  @ParameterizedTest
  @MethodSource("ways")
  void addressesWithoutMemoryAreInaccessible(CodeWriting way) {
    CodeRegion region = reserve(way);
    long address = region.rx().address();
    assertThat(address % CodeMemory.REGION_ALIGNMENT).isZero();
    region.commit(BLOCK, BLOCK);
    region.commit(3 * BLOCK, BLOCK);
    region.decommit(BLOCK, BLOCK);
    assertThat(ProcessMaps.accessTo(address, 3 * BLOCK)).isEqualTo("---p");
    assertThat(ProcessMaps.accessTo(address + 4 * BLOCK, REGION - 4 * BLOCK)).isEqualTo("---p");
    region.release();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void onlyDirectMemoryIsWritableAndExecutableAtOnce(CodeWriting way) {
    ViewedRegion region = (ViewedRegion) reserve(way);
    region.commit(0, BLOCK);
    String executed = ProcessMaps.accessTo(region.executedAddress(0), BLOCK);
    String written = ProcessMaps.accessTo(region.writtenAddress(0), BLOCK);
    switch (way) {
      case CodeWriting.Direct() -> assertThat(executed).isEqualTo(written).isEqualTo("rwxp");
      case CodeWriting.WriteThenSeal() -> assertThat(executed).isEqualTo(written).isEqualTo("r-xp");
      default -> {
        assertThat(executed).isEqualTo("r-xs");
        assertThat(written).isEqualTo("rw-s");
      }
    }
    region.release();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void fillRepeatsThePatternAndChangesNothingElse(CodeWriting way) {
    CodeRegion region = reserve(way);
    region.commit(0, 2 * BLOCK);
    region.fill(0, 2 * BLOCK, 0x11111111);
    region.fill(8, BLOCK + 4, 0x12345678);
    MemorySegment code = region.rx();
    for (long offset = 0; offset < 2 * BLOCK; offset += Integer.BYTES) {
      boolean filled = offset >= 8 && offset < 8 + BLOCK + 4;
      assertThat(code.get(ValueLayout.JAVA_INT, offset))
          .isEqualTo(filled ? 0x12345678 : 0x11111111);
    }
    assertThat(code.get(ValueLayout.JAVA_BYTE, 8)).isEqualTo((byte) 0x78);
    region.release();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void writtenAndFilledMemoryIsFlushedWhereItIsExecuted(CodeWriting way) {
    Recorder recorder = new Recorder(system.os);
    CodeMemory memory = new SystemCodeMemory(recorder.os(), way, false);
    CodeRegion region = memory.reserve(REGION);
    region.commit(0, BLOCK);
    region.write(64, system.code(1), CachePolicy.DEFAULT);
    region.write(128, system.code(1), CachePolicy.NEVER_FLUSH);
    region.fill(256, 64, 0xCCCCCCCC);
    long rx = region.rx().address();
    assertThat(recorder.flushes())
        .containsExactly(
            new Recorder.Flush(rx + 64, system.code(1).byteSize()),
            new Recorder.Flush(rx + 256, 64));
    region.release();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aSessionFlushesOnceWhatWasWrittenSideBySide(CodeWriting way) {
    Recorder recorder = new Recorder(system.os);
    CodeMemory memory = new SystemCodeMemory(recorder.os(), way, false);
    CodeRegion region = memory.reserve(REGION);
    region.commit(0, BLOCK);
    long rx = region.rx().address();
    try (WriteSession session = memory.openSession(CachePolicy.DEFAULT)) {
      for (long offset : new long[] {0, 64, 1024}) {
        session.writable(region, offset, 64).copyFrom(system.code((int) offset));
        session.written(region, offset, 64);
      }
      assertThat(recorder.flushes()).isEmpty();
      session.flush();
      assertThat(recorder.flushes())
          .containsExactly(new Recorder.Flush(rx, 128), new Recorder.Flush(rx + 1024, 64));
      assertThat(system.run(region.rx().asSlice(1024))).isEqualTo(1024);
    }
    assertThat(recorder.flushes()).hasSize(2);
    region.release();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void badRangesAreRefusedAndChangeNothing(CodeWriting way) {
    CodeRegion region = reserve(way);
    List<long[]> bad =
        List.of(
            new long[] {0, 0},
            new long[] {0, -4096},
            new long[] {1, 4096},
            new long[] {0, 4095},
            new long[] {-4096, 4096},
            new long[] {REGION, 4096},
            new long[] {REGION - 4096, 8192},
            new long[] {4096, Long.MAX_VALUE - 4095});
    for (long[] range : bad) {
      assertThatThrownBy(() -> region.commit(range[0], range[1]))
          .isInstanceOfAny(IllegalArgumentException.class, IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> region.decommit(range[0], range[1]))
          .isInstanceOfAny(IllegalArgumentException.class, IndexOutOfBoundsException.class);
    }
    assertThat(ProcessMaps.accessTo(region.rx().address(), REGION)).isEqualTo("---p");
    region.release();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aReleasedRegionRefusesEverything(CodeWriting way) {
    CodeRegion region = reserve(way);
    region.release();
    region.release();
    assertThatThrownBy(() -> region.commit(0, BLOCK)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> region.decommit(0, BLOCK)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> region.fill(0, 4, 0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> region.write(0, system.code(1), CachePolicy.DEFAULT))
        .isInstanceOf(IllegalStateException.class);
    assertThat(region.largePageBytes()).isZero();
    assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
  }

  @ParameterizedTest
  @MethodSource("ways")
  void sizesOfRegionsAreChecked(CodeWriting way) {
    CodeMemory memory = new SystemCodeMemory(system.os, way, false);
    for (long size : new long[] {0, -4096, 4095, (2L << 30) + 4096, Long.MIN_VALUE}) {
      assertThatThrownBy(() -> memory.reserve(size)).isInstanceOf(IllegalArgumentException.class);
    }
    memory.reserve(2L << 30).release();
    assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aLargePageIsAskedForWhenAllOfItIsCommitted(CodeWriting way) {
    CodeMemory memory = new SystemCodeMemory(system.os, way, true);
    long large = memory.largePageSize();
    assertThat(large).isEqualTo(system.os.facts().largePageSize());
    CodeRegion region = memory.reserve(REGION);
    region.commit(0, BLOCK);
    long before = advices();
    region.commit(BLOCK, large - BLOCK);
    assertThat(advices() - before).isPositive();
    assertThat(region.largePageBytes()).isBetween(0L, large);
    region.write(large - 64, system.code(7), CachePolicy.DEFAULT);
    assertThat(system.run(region.rx().asSlice(large - 64))).isEqualTo(7);
    region.release();
  }

  private long advices() {
    return system.calls.made().stream().filter("madvise"::equals).count();
  }
}
