// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.FREE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.LIVE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.NONE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.PENDING;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.RESERVED;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GranuleAllocatorTest extends GranuleAllocatorFixture {
  @Test
  void theWildernessIsTakenFromItsStart() {
    assertThat(granules.usedGranules()).isZero();
    assertThat(allocate(10)).isZero();
    assertThat(allocate(1)).isEqualTo(10);
    assertThat(granules.usedGranules()).isEqualTo(11);
    assertThat(allocate(END)).isEqualTo(NONE);
    assertThat(granules.usedGranules()).isEqualTo(11);
    assertKinds(LIVE, 0, 10);
  }

  @Test
  void noSpanIsFoundBeforeOneWasFreed() {
    assertThat(granules.allocateFreed(1)).isEqualTo(NONE);
    assertThat(granules.usedGranules()).isZero();
    assertThat(granules.allocate(1, 1)).isZero();
    assertThat(granules.allocate(7, 1)).isEqualTo(1);
    assertThat(granules.usedGranules()).isEqualTo(8);
  }

  @Test
  void moreIsCoalescedAfterASearchInVain() {
    allocate(1024);
    int[] spans = new int[6];
    for (int i = 0; i < 6; i++) {
      spans[i] = allocate(i < 5 ? 63 : 70);
      allocate(1);
    }
    // The newest word and three others come first, the last of all is that of the long one
    for (int i = 5; i >= 0; i--) {
      coalescer.defer(spans[i], tags.endOf(spans[i]));
      coalescer.enqueue(spans[i]);
    }
    assertThat(granules.allocateFreed(70)).isEqualTo(spans[5]);
    assertThat(granules.allocateFreed(70)).isEqualTo(NONE);
    assertThat(coalescer.pendingGranules()).isZero();
  }

  @Test
  void onlyAFewWordsAreCoalescedIfThatIsEnough() {
    allocate(1024);
    int[] spans = new int[12];
    for (int i = 0; i < 12; i++) {
      spans[i] = allocate(64);
      allocate(64);
    }
    for (int span : spans) {
      coalescer.defer(span, span + 64);
      coalescer.enqueue(span);
    }
    assertThat(granules.allocateFreed(64)).isEqualTo(spans[0]);
    assertThat(coalescer.queue().count()).isEqualTo(8);
    assertThat(granules.allocate(64, 2)).isEqualTo(spans[1]);
    assertThat(coalescer.queue().count()).isEqualTo(4);
  }

  @Test
  void alignedSpansAreTakenFromFreeRunsAndTheWilderness() {
    allocate(5);
    assertThat(granules.allocate(10, 64)).isEqualTo(64);
    assertThat(granules.usedGranules()).isEqualTo(15);
    assertKinds(FREE, 5);
    assertThat(granules.allocate(2, 32)).isEqualTo(32);
    assertThat(granules.usedGranules()).isEqualTo(17);
    assertThat(granules.allocate(END, 2)).isEqualTo(NONE);
    assertThat(granules.usedGranules()).isEqualTo(17);
    assertThat(granules.allocate(6, 1)).as("the lowest place first").isEqualTo(5);
    free.index().check();
  }

  @Test
  void reservedGranulesBelongToNoSpan() {
    allocate(1000);
    int span = apart(1, 10)[0];
    granules.reserve(span, span + 10);
    assertKinds(RESERVED, span);
    assertThat(granules.usedGranules()).isEqualTo(1001);
    granules.allocateReserved(span, span + 10);
    assertKinds(LIVE, span);
    assertThat(granules.usedGranules()).isEqualTo(1011);
    granules.reserve(span, span + 10);
    granules.freeReserved(span, span + 10);
    assertKinds(FREE, span);
    assertThat(granules.usedGranules()).isEqualTo(1001);
    granules.reserveFree(span + 2, span + 6);
    assertKinds(FREE, span, span + 6);
    assertKinds(RESERVED, span + 2);
    assertThat(granules.usedGranules()).isEqualTo(1001);
    granules.freeReserved(span + 2, span + 6);
    assertThat(tags.endOf(span)).isEqualTo(span + 10);
    free.index().check();
  }

  @Test
  void reservedGranulesAreFoundFromTheirEnd() {
    granules.addReserved(0, 200);
    assertKinds(RESERVED, 0);
    assertThat(tags.endOf(0)).isEqualTo(200);
    granules.allocateReserved(0, 200);
    assertThat(tags.findLive(100)).isZero();
    assertThat(tags.findLive(199)).isZero();
  }

  @Test
  void aDividedSpanIsTwo() {
    int span = allocate(300);
    granules.split(span, 100, 300);
    assertThat(tags.endOf(span)).isEqualTo(100);
    assertThat(tags.endOf(100)).isEqualTo(300);
    for (int granule = 0; granule < 300; granule++) {
      assertThat(tags.findLive(granule)).isEqualTo(granule < 100 ? 0 : 100);
    }
    assertThat(granules.usedGranules()).isEqualTo(300);
  }

  @Test
  void whatIsDecommittedLeavesTheTables() {
    allocate(128);
    int span = apart(1, 64)[0];
    granules.reserve(span, span + 64);
    granules.freeReserved(span, span + 64);
    granules.removeFree(span, span + 64);
    assertThat(tags.isStart(span)).isFalse();
    assertThat(free.hasIndexed()).isFalse();
    assertThat(granules.usedGranules()).isEqualTo(129);
  }

  @Test
  void everythingPendingIsCoalescedInParts() {
    allocate(4000);
    assertThat(granules.coalescePart()).isFalse();
    int[] smallest = apart(1, 1);
    int[] longest = apart(2, 64);
    int[] queued = apart(1, 65);
    free(smallest[0]);
    free(longest[0]);
    free(longest[1]);
    free(queued[0]);
    assertKinds(PENDING, smallest[0], longest[0], longest[1], queued[0]);
    assertThat(granules.coalescePart()).isTrue();
    assertKinds(FREE, queued[0]);
    assertThat(coalescer.pendingGranules()).isPositive();
    assertThat(granules.coalescePart()).isTrue();
    assertKinds(FREE, smallest[0], longest[0], longest[1]);
    assertThat(coalescer.pendingGranules()).isZero();
    assertThat(granules.coalescePart()).isFalse();
  }

  @Test
  void coalescingEndsAlthoughARunWasForgotten() {
    allocate(100);
    int span = apart(1, 10)[0];
    coalescer.defer(span, span + 10);
    assertThat(granules.coalescePart()).isFalse();
    assertKinds(PENDING, span);
  }

  @Test
  void aPendingRunIsRememberedByABinOrByTheQueue() {
    allocate(1024);
    int quick = allocate(10);
    allocate(118);
    int queued = allocate(65);
    allocate(1);
    assertThat(granules.remembers(quick, quick + 10)).isFalse();
    free(quick);
    free(queued);
    assertThat(granules.remembers(quick, quick + 10)).isTrue();
    assertThat(granules.remembers(quick, quick + 11)).isFalse();
    assertThat(granules.remembers(quick + 1, quick + 11)).isFalse();
    assertThat(granules.remembers(queued, queued + 65)).isTrue();
  }

  @Test
  void allRunsAreForgottenAtOnce() {
    allocate(1000);
    int[] spans = apart(2, 10);
    free(spans[0]);
    coalescer.defer(spans[1], spans[1] + 10);
    coalescer.enqueue(spans[1]);
    granules.clear();
    assertThat(tags.next(0)).isEqualTo(NONE);
    assertThat(free.topEnd()).isZero();
    assertThat(coalescer.pendingGranules()).isZero();
    assertThat(coalescer.hasQueued()).isFalse();
    assertThat(granules.remembers(spans[0], spans[0] + 10)).isFalse();
  }

  @Test
  void memoryIsThatOfAllTables() {
    assertThat(granules.metadataBytes())
        .isEqualTo(tags.metadataBytes() + free.metadataBytes() + coalescer.metadataBytes() + 65);
    assertThat(coalescer.metadataBytes()).isPositive();
    assertThat(free.metadataBytes()).isPositive();
  }

  @Test
  void whatWaitsIsCoalescedAlthoughNothingIsFree() {
    allocate(1024);
    int span = apart(1, 65)[0];
    coalescer.defer(span, span + 65);
    coalescer.enqueue(span);
    assertThat(free.hasIndexed()).isFalse();
    assertThat(granules.allocateFreed(65)).isEqualTo(span);
  }
}
