// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.FREE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.LIVE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.NONE;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FreeRunsTest {
  private static final int END = 2048;

  private final BoundaryTags tags = new BoundaryTags(1 << 14);
  private final FreeRuns free = new FreeRuns(tags);

  FreeRunsTest() {
    tags.ensureChunks(0, 1 << 14);
  }

  /// All granules up to the end are wilderness.
  private void commit() {
    free.moveEnd(END);
    free.add(0, END);
  }

  private void assertRun(int start, int end, int kind) {
    assertThat(tags.isStart(start)).as("a run starts at %d", start).isTrue();
    assertThat(tags.endOf(start)).as("end of %d", start).isEqualTo(end);
    assertThat(tags.kind(start)).as("kind of %d", start).isEqualTo(kind);
    assertThat(tags.next(start + 1)).isEqualTo(end == free.topEnd() ? NONE : end);
    if (kind == LIVE && start != free.top()) {
      for (int granule = start; granule < end; granule++) {
        assertThat(tags.findLive(granule)).isEqualTo(start);
      }
    }
    if (kind == FREE) {
      assertThat(tags.startOf(end - 1)).isEqualTo(start);
      assertThat(free.runAt(start)).isEqualTo(new IntRange(start, end));
      assertThat(free.runAt((start + end) / 2)).isEqualTo(new IntRange(start, end));
      assertThat(free.runAt(end - 1)).isEqualTo(new IntRange(start, end));
    }
  }

  private void assertWilderness(int start) {
    assertThat(free.top()).isEqualTo(start);
    assertThat(free.topEnd()).isEqualTo(END);
    if (start < END) {
      assertRun(start, END, LIVE);
      assertThat(free.runAt(start)).isEqualTo(new IntRange(start, END));
      assertThat(free.runAt(END - 1)).isEqualTo(new IntRange(start, END));
    }
    assertThat(free.runAt(END).isEmpty()).isTrue();
    // The search is that of all free runs but the wilderness
    free.index().check();
  }

  /// A free run of some granules, and a live one behind it.
  private void freeRun(int start, int end) {
    assertThat(free.allocateWilderness(end - start)).isEqualTo(start);
    assertThat(free.allocateWilderness(1)).isEqualTo(end);
    free.add(start, end);
  }

  @Test
  void theWildernessShrinksFromItsStart() {
    assertThat(free.allocateWilderness(1)).isEqualTo(NONE);
    commit();
    assertWilderness(0);
    assertThat(free.hasIndexed()).isFalse();
    assertThat(free.allocateWilderness(300)).isZero();
    assertRun(0, 300, LIVE);
    assertWilderness(300);
    assertThat(free.runAt(299).isEmpty()).isTrue();
    assertThat(free.allocateWilderness(END - 299)).isEqualTo(NONE);
    assertThat(free.allocateWilderness(END - 300)).isEqualTo(300);
    assertRun(300, END, LIVE);
    assertWilderness(END);
    assertThat(free.allocateWilderness(1)).isEqualTo(NONE);
    assertThat(free.runAt(300).isEmpty()).isTrue();
  }

  @Test
  void theLastRunJoinsTheWilderness() {
    commit();
    free.allocateWilderness(100);
    free.allocateWilderness(50);
    free.add(100, 150);
    assertWilderness(100);
    assertThat(tags.isStart(150)).isFalse();
    free.allocateWilderness(END - 100);
    free.add(100, END);
    assertWilderness(100);
    assertThat(free.hasIndexed()).isFalse();
  }

  @Test
  void aRunIsTakenFromItsStart() {
    commit();
    freeRun(0, 300);
    assertRun(0, 300, FREE);
    assertThat(free.hasIndexed()).isTrue();
    assertThat(free.allocateIndexed(301)).isEqualTo(NONE);
    assertThat(free.allocateIndexed(100)).isZero();
    assertRun(0, 100, LIVE);
    assertRun(100, 300, FREE);
    assertThat(free.allocateIndexed(200)).isEqualTo(100);
    assertRun(100, 300, LIVE);
    assertThat(free.hasIndexed()).isFalse();
    assertWilderness(301);
  }

  @Test
  void anAlignedPlaceIsTakenOutOfTheMiddle() {
    commit();
    free.allocateWilderness(10);
    freeRun(10, 400);
    assertThat(free.allocateAligned(100, 128)).isEqualTo(128);
    assertRun(10, 128, FREE);
    assertRun(128, 228, LIVE);
    assertRun(228, 400, FREE);
    assertThat(free.allocateAligned(144, 256)).isEqualTo(256);
    assertRun(228, 256, FREE);
    assertRun(256, 400, LIVE);
    assertThat(free.allocateAligned(28, 4)).isEqualTo(228);
    assertRun(228, 256, LIVE);
    assertWilderness(401);
  }

  @Test
  void anAlignedPlaceIsTakenOutOfTheWilderness() {
    assertThat(free.allocateAligned(1, 64)).isEqualTo(NONE);
    commit();
    assertThat(free.allocateAligned(10, 64)).isZero();
    assertWilderness(10);
    assertThat(free.allocateAligned(100, 512)).isEqualTo(512);
    assertRun(10, 512, FREE);
    assertRun(512, 612, LIVE);
    assertWilderness(612);
    assertThat(free.allocateAligned(1025, 1024)).isEqualTo(NONE);
    assertWilderness(612);
    assertThat(free.allocateAligned(1024, 1024)).isEqualTo(1024);
    assertRun(612, 1024, FREE);
    assertRun(1024, END, LIVE);
    assertWilderness(END);
    assertThat(free.allocateAligned(1, 2048)).isEqualTo(NONE);
  }

  @Test
  void withoutWildernessNoPlaceIsBehindTheLastRun() {
    free.moveEnd(1000);
    // Nothing was added: top and end are the same, and not a multiple
    assertThat(free.allocateAligned(1, 64)).isEqualTo(NONE);
    free.add(0, 1000);
    free.allocateWilderness(990);
    assertThat(free.allocateAligned(1, 64)).isEqualTo(NONE);
  }

  @Test
  void aGivenRangeIsTaken() {
    commit();
    freeRun(0, 100);
    free.allocateRange(20, 30);
    assertRun(0, 20, FREE);
    assertRun(20, 30, LIVE);
    assertRun(30, 100, FREE);
    free.allocateRange(101, 110);
    assertRun(101, 110, LIVE);
    assertWilderness(110);
    free.allocateRange(200, 300);
    assertRun(110, 200, FREE);
    assertRun(200, 300, LIVE);
    assertWilderness(300);
    free.allocateRange(400, END);
    assertRun(300, 400, FREE);
    assertRun(400, END, LIVE);
    assertWilderness(END);
  }

  @Test
  void aGivenRangeBeforeTheEndIsTakenWhereThereIsNoWilderness() {
    commit();
    freeRun(0, 100);
    free.allocateWilderness(END - 101);
    free.allocateRange(50, 100);
    assertRun(0, 50, FREE);
    assertRun(50, 100, LIVE);
    assertWilderness(END);
  }

  @Test
  void onlyFreeGranulesLieInAFreeRun() {
    commit();
    freeRun(0, 200);
    tags.setRun(201, 300, LIVE);
    assertThat(free.runAt(200)).isEqualTo(new IntRange(200, 200));
    assertThat(free.runAt(1 << 13)).isEqualTo(new IntRange(1 << 13, 1 << 13));
    FreeRuns none = new FreeRuns(new BoundaryTags(END));
    assertThat(none.runAt(0)).isEqualTo(new IntRange(0, 0));
  }

  @Test
  void aGranuleBehindAFreeRunDoesNotLieInIt() {
    free.moveEnd(END);
    tags.setRun(0, 100, LIVE);
    free.add(0, 100);
    assertThat(free.runAt(99)).isEqualTo(new IntRange(0, 100));
    // Nothing is known of what follows
    assertThat(free.runAt(100).isEmpty()).isTrue();
  }

  @Test
  void theEndMovesForward() {
    free.moveEnd(1000);
    free.add(0, 1000);
    free.moveEnd(END);
    tags.setRun(1000, END, LIVE);
    assertRun(0, 1000, FREE);
    assertWilderness(END);
    free.allocateIndexed(1000);
    free.moveEnd(4096);
    assertThat(free.top()).isEqualTo(4096);
    assertThat(free.topEnd()).isEqualTo(4096);
    assertThat(free.hasIndexed()).isFalse();
  }

  @Test
  void theEndMovesBack() {
    commit();
    free.allocateWilderness(100);
    freeRun(100, 1000);
    free.moveEnd(END);
    assertWilderness(1001);
    free.allocateWilderness(END - 1001);
    tags.clearRun(1001);
    tags.clearRun(1000);
    free.moveEnd(1000);
    assertThat(free.top()).as("a free run is the wilderness again").isEqualTo(100);
    assertThat(free.topEnd()).isEqualTo(1000);
    assertThat(tags.kind(100)).isEqualTo(LIVE);
    assertThat(free.hasIndexed()).isFalse();
    free.allocateWilderness(900);
    tags.clearRun(100);
    free.moveEnd(100);
    assertThat(free.top()).as("behind a live run there is none").isEqualTo(100);
    assertThat(free.topEnd()).isEqualTo(100);
  }

  @Test
  void aPendingRunIsNoWilderness() {
    commit();
    free.allocateWilderness(1000);
    free.allocateWilderness(END - 1000);
    tags.flipPending(0);
    tags.clearRun(1000);
    free.moveEnd(1000);
    assertThat(free.top()).isEqualTo(1000);
    assertThat(tags.kind(0)).isEqualTo(BoundaryTags.PENDING);
  }

  @Test
  void aRunLeavesTheSearch() {
    commit();
    freeRun(0, 100);
    free.remove(0, 100);
    assertRun(0, 100, LIVE);
    assertThat(free.hasIndexed()).isFalse();
    free.index().check();
  }

  @Test
  void allRunsAreForgottenAtOnce() {
    commit();
    freeRun(0, 100);
    free.clear();
    assertThat(free.top()).isZero();
    assertThat(free.topEnd()).isZero();
    assertThat(free.hasIndexed()).isFalse();
  }

  @Test
  void memoryIsThatOfTheSearch() {
    assertThat(free.metadataBytes()).isPositive().isEqualTo(free.index().metadataBytes());
  }
}
