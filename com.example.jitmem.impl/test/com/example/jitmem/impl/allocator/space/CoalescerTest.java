// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.FREE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.LIVE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.NONE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.PENDING;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CoalescerTest {
  private static final int END = 1 << 16;

  private final BoundaryTags tags = new BoundaryTags(END);
  private final FreeRuns free = new FreeRuns(tags);
  private final Coalescer coalescer = new Coalescer(tags, free);

  /// All granules are committed; what is not told lies in live runs of 64.
  CoalescerTest() {
    tags.ensureChunks(0, END);
    free.moveEnd(END);
    live(0, END, 64);
  }

  private void clear(int from, int to) {
    for (int start = tags.next(from); start != NONE && start < to; start = tags.next(start + 1)) {
      tags.clearRun(start);
    }
  }

  /// Live runs of a length.
  private void live(int from, int to, int length) {
    clear(from, to);
    for (int start = from; start < to; start += length) {
      tags.setRun(start, Math.min(to, start + length), LIVE);
    }
  }

  private void pending(int from, int to, int length) {
    live(from, to, length);
    for (int start = from; start < to; start += length) {
      coalescer.defer(start, Math.min(to, start + length));
    }
  }

  private void free(int start, int end) {
    clear(start, end);
    tags.setRun(start, end, LIVE);
    free.add(start, end);
  }

  private void assertRun(int start, int end, int kind) {
    assertThat(tags.isStart(start)).as("a run starts at %d", start).isTrue();
    assertThat(tags.endOf(start)).as("end of %d", start).isEqualTo(end);
    assertThat(tags.kind(start)).as("kind of %d", start).isEqualTo(kind);
    assertThat(tags.next(start + 1)).as("next after %d", start).isEqualTo(end == END ? NONE : end);
  }

  private void assertPending(int granules) {
    assertThat(coalescer.pendingGranules()).isEqualTo(granules);
    free.index().check();
  }

  @Test
  void aDeferredSpanIsPendingUntilItIsRevived() {
    coalescer.defer(64, 128);
    assertRun(64, 128, PENDING);
    assertPending(64);
    coalescer.defer(256, 320);
    assertPending(128);
    coalescer.revive(64, 128);
    assertRun(64, 128, LIVE);
    assertPending(64);
  }

  @Test
  void aNeighbourIsFreeOrPendingAndTouches() {
    assertThat(coalescer.hasMergeableNeighbour(128, 192)).isFalse();
    coalescer.defer(64, 128);
    assertThat(coalescer.hasMergeableNeighbour(128, 192)).isTrue();
    coalescer.revive(64, 128);
    coalescer.defer(192, 256);
    assertThat(coalescer.hasMergeableNeighbour(128, 192)).isTrue();
    coalescer.revive(192, 256);
    coalescer.defer(256, 320);
    assertThat(coalescer.hasMergeableNeighbour(128, 192)).isFalse();
    free.add(192, 256);
    assertThat(coalescer.hasMergeableNeighbour(128, 192)).isTrue();
  }

  @Test
  void aRunAloneBecomesFree() {
    coalescer.coalesce(64, 128);
    assertRun(64, 128, FREE);
    assertRun(0, 64, LIVE);
    assertRun(128, 192, LIVE);
    assertPending(0);
  }

  @Test
  void aRunIsJoinedWithWhatIsAroundIt() {
    live(0, 64, 4);
    live(192, 256, 4);
    free(0, 8);
    pending(8, 32, 4);
    free(32, 60);
    pending(60, 64, 4);
    pending(128, 192, 64);
    pending(192, 200, 4);
    free(200, 208);
    pending(208, 212, 4);
    assertPending(24 + 4 + 64 + 8 + 4);
    coalescer.coalesce(64, 128);
    assertRun(0, 212, FREE);
    assertRun(212, 216, LIVE);
    assertPending(0);
    assertThat(free.index().find(212)).isZero();
    for (int granule = 1; granule < 212; granule++) {
      assertThat(tags.kind(granule)).as("bits of %d", granule).isEqualTo(LIVE);
    }
  }

  @Test
  void aRunJoinsTheWilderness() {
    FreeRuns other = new FreeRuns(tags);
    Coalescer before = new Coalescer(tags, other);
    other.moveEnd(2048);
    live(1088, 2048, 960);
    before.coalesce(1088, 2048);
    assertThat(other.top()).isEqualTo(1088);
    before.coalesce(1024, 1088);
    assertThat(other.top()).isEqualTo(1024);
    assertThat(other.hasIndexed()).isFalse();
  }

  @Test
  void pendingRunsFarAwayStayPending() {
    int start = 300 * 64;
    pending(100 * 64, start, 64);
    pending(start + 64, 500 * 64, 64);
    coalescer.coalesce(start, start + 64);
    assertRun(start - 128 * 64, start + 129 * 64, FREE);
    assertRun(start - 129 * 64, start - 128 * 64, PENDING);
    assertRun(start + 129 * 64, start + 130 * 64, PENDING);
    assertPending((200 - 128 + 199 - 128) * 64);
  }

  @Test
  void freeRunsAreJoinedHoweverFarAwayTheyAre() {
    int start = 300 * 64;
    free(171 * 64, 172 * 64);
    pending(172 * 64, start, 64);
    pending(start + 64, 429 * 64, 64);
    free(429 * 64, 430 * 64);
    coalescer.coalesce(start, start + 64);
    assertRun(171 * 64, 430 * 64, FREE);
    assertPending(0);
  }

  @Test
  void nothingBeforeTheFirstGranuleIsJoined() {
    coalescer.coalesce(0, 64);
    assertRun(0, 64, FREE);
    assertPending(0);
  }

  private void queue(int words) {
    for (int word = 0; word < words; word++) {
      // A live run between them
      pending(128 * word, 128 * word + 64, 64);
      coalescer.enqueue(128 * word);
    }
  }

  @Test
  void anAllocationCoalescesFourWords() {
    assertThat(coalescer.hasQueued()).isFalse();
    queue(6);
    assertThat(coalescer.hasQueued()).isTrue();
    assertThat(coalescer.queue().contains(10)).isTrue();
    coalescer.coalesceSome();
    assertPending(2 * 64);
    assertThat(coalescer.queue().count()).isEqualTo(2);
    coalescer.coalesceSome();
    assertPending(0);
    assertThat(coalescer.hasQueued()).isFalse();
  }

  @Test
  void aSearchInVainCoalescesSixtyFourWords() {
    assertThat(coalescer.coalesceMore()).isFalse();
    queue(65);
    assertThat(coalescer.coalesceMore()).isTrue();
    assertPending(64);
    assertThat(coalescer.coalesceMore()).isTrue();
    assertPending(0);
    assertThat(coalescer.coalesceMore()).isFalse();
  }

  @Test
  void allOfAWordIsCoalesced() {
    live(64, 128, 8);
    for (int start = 64; start < 128; start += 16) {
      coalescer.defer(start, start + 8);
    }
    coalescer.enqueue(64);
    coalescer.coalesceSome();
    assertPending(0);
    for (int start = 64; start < 128; start += 16) {
      assertRun(start, start + 8, FREE);
      assertRun(start + 8, start + 16, LIVE);
    }
  }

  @Test
  void aRunThatIsNotPendingIsLeftAlone() {
    live(64, 128, 8);
    coalescer.defer(80, 88);
    coalescer.coalescePending(64);
    assertPending(8);
    coalescer.coalescePending(80);
    assertRun(80, 88, FREE);
    assertPending(0);
  }

  @Test
  void whatIsPendingInSomeGranulesIsCoalesced() {
    coalescer.coalesce(new IntRange(200, 210));
    assertPending(0);
    live(64, 512, 40);
    coalescer.defer(64, 104);
    coalescer.defer(184, 224);
    coalescer.defer(264, 304);
    coalescer.defer(344, 384);
    coalescer.defer(424, 464);
    // From the middle of a run that starts in an earlier word, up to the end of a word
    coalescer.coalesce(new IntRange(200, 320));
    assertRun(64, 104, PENDING);
    assertRun(184, 224, FREE);
    assertRun(264, 304, FREE);
    assertRun(344, 384, PENDING);
    assertPending(120);
    coalescer.coalesce(new IntRange(340, 385));
    assertRun(344, 384, FREE);
    assertRun(424, 464, FREE);
    assertPending(40);
  }

  @Test
  void allIsForgottenAtOnce() {
    queue(3);
    coalescer.clear();
    assertThat(coalescer.hasQueued()).isFalse();
    assertThat(coalescer.pendingGranules()).isZero();
    assertThat(coalescer.coalesceMore()).isFalse();
  }

  @Test
  void memoryIsThatOfTheQueue() {
    assertThat(coalescer.metadataBytes()).isEqualTo(8);
  }
}
