// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.FREE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.LIVE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.NONE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.PENDING;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.RESERVED;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// What becomes of a span that ends, and which span takes its place.
class GranuleAllocatorReuseTest extends GranuleAllocatorFixture {
  @Test
  void theLastSpanGoesBackToTheWilderness() {
    allocate(100);
    int last = allocate(10);
    free(last);
    assertThat(free.top()).isEqualTo(100);
    assertThat(coalescer.pendingGranules()).isZero();
    assertThat(granules.usedGranules()).isEqualTo(100);
  }

  @Test
  void theLastSpanTakesWhatIsFreeBeforeItAlong() {
    allocate(100);
    int before = allocate(10);
    int last = allocate(10);
    free(before);
    assertKinds(PENDING, before);
    free(last);
    assertThat(free.top()).isEqualTo(100);
    assertThat(coalescer.pendingGranules()).isZero();
  }

  @Test
  void theLastOfManyInARowTakesNothingAlong() {
    allocate(1000);
    int[] spans = new int[10];
    for (int i = 0; i < 10; i++) {
      spans[i] = allocate(10);
    }
    for (int i = 2; i < 10; i++) {
      free(spans[i]);
    }
    // The eighth in a row does
    assertThat(free.top()).isEqualTo(spans[2]);
    for (int i = 2; i < 10; i++) {
      spans[i] = allocate(10);
    }
    endRow();
    for (int i = 1; i < 10; i++) {
      free(spans[i]);
    }
    assertKinds(PENDING, spans[9]);
    assertThat(free.top()).isEqualTo(spans[9] + 10);
    assertThat(isQueued(spans[9])).isTrue();
  }

  @Test
  void aSpanIsTakenAgainBySizeTheNewestFirst() {
    allocate(1000);
    int[] tens = apart(2, 10);
    int[] elevens = apart(1, 11);
    free(tens[0]);
    free(elevens[0]);
    free(tens[1]);
    assertKinds(PENDING, tens[0], tens[1], elevens[0]);
    assertThat(coalescer.hasQueued()).isFalse();
    assertThat(granules.usedGranules()).isEqualTo(1003);
    assertThat(granules.allocateFreed(10)).isEqualTo(tens[1]);
    assertThat(granules.allocateFreed(10)).isEqualTo(tens[0]);
    assertThat(granules.usedGranules()).isEqualTo(1023);
    assertThat(granules.allocateFreed(10)).isEqualTo(NONE);
    assertThat(granules.usedGranules()).isEqualTo(1023);
    assertKinds(LIVE, tens[0], tens[1]);
    assertThat(coalescer.pendingGranules()).isEqualTo(11);
  }

  @Test
  void binsGetNoMoreThanAFourthOfWhatIsInUse() {
    allocate(101);
    int[] spans = apart(3, 13);
    int fourteen = allocate(14);
    allocate(1);
    // 105 granules stay, a fourth of which is 26
    endRow();
    free(spans[0]);
    assertThat(isQueued(spans[0])).isFalse();
    free(fourteen);
    assertThat(granules.usedGranules()).isEqualTo(101 + 26 + 4);
    assertThat(isQueued(fourteen)).as("27 of 131").isFalse();
    endRow();
    free(spans[1]);
    assertThat(isQueued(spans[1])).as("40 of 118").isTrue();
  }

  @Test
  void exactlyAFourthGoesIntoABin() {
    allocate(103);
    int span = apart(1, 26)[0];
    free(span);
    assertThat(granules.usedGranules()).isEqualTo(104);
    assertKinds(PENDING, span);
    assertThat(coalescer.hasQueued()).isFalse();
  }

  @Test
  void oneMoreThanAFourthWaits() {
    allocate(102);
    int span = apart(1, 26)[0];
    free(span);
    assertThat(granules.usedGranules()).isEqualTo(103);
    assertKinds(PENDING, span);
    assertThat(isQueued(span)).isTrue();
  }

  @Test
  void longSpansHaveNoBin() {
    allocate(2000);
    int longest = apart(1, 64)[0];
    int longer = apart(1, 65)[0];
    free(longest);
    assertThat(coalescer.hasQueued()).isFalse();
    free(longer);
    assertThat(isQueued(longer)).isTrue();
    assertKinds(PENDING, longest, longer);
    assertThat(granules.allocateFreed(64)).isEqualTo(longest);
    assertThat(isQueued(longer)).as("a bin is enough").isTrue();
    assertThat(granules.allocateFreed(65)).isEqualTo(longer);
    assertThat(coalescer.hasQueued()).isFalse();
  }

  @Test
  void aFullBinGetsNoMore() {
    allocate(4000);
    int[] spans = apart(33, 4);
    for (int i = 0; i < 33; i++) {
      endRow();
      assertThat(coalescer.hasQueued()).isFalse();
      free(spans[i]);
    }
    assertThat(isQueued(spans[32])).isTrue();
    assertKinds(PENDING, spans);
  }

  @Test
  void aSpanIsJoinedWithAFreeNeighbourAtOnce() {
    allocate(1000);
    int[] spans = {allocate(10), allocate(10), allocate(10), allocate(10), allocate(1)};
    free(spans[1]);
    free(spans[2]);
    assertKinds(FREE, spans[1]);
    assertThat(tags.endOf(spans[1])).isEqualTo(spans[3]);
    assertThat(coalescer.pendingGranules()).isZero();
    free(spans[0]);
    assertKinds(FREE, spans[0]);
    assertThat(tags.endOf(spans[0])).isEqualTo(spans[3]);
  }

  @Test
  void aLongSpanIsNotJoinedAtOnce() {
    allocate(1000);
    int first = allocate(10);
    int second = allocate(65);
    allocate(1);
    free(first);
    free(second);
    assertKinds(PENDING, first, second);
    assertThat(isQueued(second)).isTrue();
    assertThat(granules.allocateFreed(75)).as("four words are coalesced before").isEqualTo(first);
  }

  @Test
  void theNinthInARowIsNotLookedAt() {
    allocate(1000);
    int[] spans = apart(10, 4);
    for (int i = 0; i < 8; i++) {
      free(spans[i]);
    }
    assertThat(coalescer.hasQueued()).isFalse();
    free(spans[8]);
    assertThat(isQueued(spans[8])).isTrue();
    assertThat(granules.allocateFreed(4)).isEqualTo(spans[7]);
    coalescer.coalesceSome();
    free(spans[9]);
    assertThat(coalescer.hasQueued()).as("an allocation begins a new row").isFalse();
  }

  @Test
  void anAllocationOfTheWildernessEndsNoRow() {
    allocate(1000);
    int[] spans = apart(9, 4);
    for (int i = 0; i < 9; i++) {
      allocate(1);
      free(spans[i]);
    }
    assertThat(isQueued(spans[8])).isTrue();
  }

  @Test
  void anEntryThatWasCoalescedIsPassedOver() {
    allocate(1000);
    int first = allocate(10);
    allocate(64);
    int second = allocate(10);
    allocate(1);
    free(first);
    free(second);
    coalescer.coalesce(new IntRange(second, second + 10));
    granules.reserveFree(second, second + 10);
    assertThat(granules.allocateFreed(10)).isEqualTo(first);
    assertThat(granules.allocateFreed(10)).isEqualTo(NONE);
    assertKinds(RESERVED, second);
  }

  @Test
  void anEntryOfAnotherSizeIsPassedOver() {
    allocate(1000);
    int span = apart(1, 10)[0];
    free(span);
    coalescer.coalesce(new IntRange(span, span + 10));
    granules.reserveFree(span, span + 10);
    granules.allocateReserved(span, span + 10);
    granules.split(span, span + 4, span + 10);
    granules.free(span, span + 4);
    assertKinds(PENDING, span);
    assertThat(granules.allocateFreed(10)).isEqualTo(NONE);
    assertThat(granules.allocateFreed(4)).isEqualTo(span);
  }

  @Test
  void aLongLastSpanTakesWhatIsFreeBeforeItAlong() {
    allocate(1000);
    int before = allocate(10);
    int last = allocate(65);
    free(before);
    free(last);
    assertThat(free.top()).isEqualTo(1000);
    assertThat(coalescer.pendingGranules()).isZero();
  }

  @Test
  void spansThatEndFromTheLastOnAllGoBackToTheWilderness() {
    allocate(1000);
    int[] spans = new int[12];
    for (int i = 0; i < 12; i++) {
      spans[i] = allocate(10);
    }
    for (int i = 11; i >= 0; i--) {
      free(spans[i]);
      assertThat(free.top()).isEqualTo(spans[i]);
    }
    assertThat(coalescer.hasQueued()).isFalse();
  }

  @Test
  void aBinIsAskedForSpansWithoutAlignment() {
    allocate(1000);
    int[] spans = apart(2, 10);
    free(spans[0]);
    free(spans[1]);
    assertThat(granules.allocate(10, 1)).isEqualTo(spans[1]);
    assertThat(granules.allocate(10, 2)).as("no bin").isNotEqualTo(spans[0]);
  }
}
