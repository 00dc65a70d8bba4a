// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.FREE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.LIVE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.NONE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.PENDING;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.RESERVED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The tags, compared with a sorted map of runs.
class BoundaryTagsTest {
  private static final int CHUNK = 4096;

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void everyQuestionIsAnsweredAsByASortedMap(long seed) {
    TagsModel model = new TagsModel(2 * CHUNK + 192, new Random(seed));
    model.checkAll();
    for (int i = 0; i < 300; i++) {
      model.replaceRuns();
      model.changeKind();
      model.joinPendingFrom();
      model.joinPendingUpTo();
    }
    model.checkAll();
  }

  @Test
  void kindsAreTwoBits() {
    BoundaryTags tags = new BoundaryTags(CHUNK);
    tags.ensureChunks(0, CHUNK);
    for (int kind : new int[] {LIVE, FREE, PENDING, RESERVED}) {
      tags.setRun(70, 75, kind);
      assertThat(tags.kind(70)).isEqualTo(kind);
      assertThat(tags.starts(70, kind)).isTrue();
      assertThat(tags.starts(70, kind ^ 1)).isFalse();
      assertThat(tags.startsLive(70)).isEqualTo(kind == LIVE);
      assertThat(tags.startsMergeable(70)).isEqualTo(kind == FREE || kind == PENDING);
      assertThat(tags.freeIn(1)).isEqualTo(kind == FREE ? 1L << 6 : 0);
      assertThat(tags.pendingIn(1)).isEqualTo(kind == PENDING ? 1L << 6 : 0);
      assertThat(tags.kind(71)).isEqualTo(LIVE);
      assertThat(tags.startsLive(71)).isFalse();
    }
  }

  @Test
  void aSpanEndsAndComesBackByOneBit() {
    BoundaryTags tags = new BoundaryTags(CHUNK);
    tags.ensureChunks(0, CHUNK);
    tags.setRun(10, 20, LIVE);
    tags.setRun(20, 30, LIVE);
    tags.flipPending(10);
    assertThat(tags.kind(10)).isEqualTo(PENDING);
    assertThat(tags.kind(20)).isEqualTo(LIVE);
    tags.flipPending(10);
    assertThat(tags.kind(10)).isEqualTo(LIVE);
    tags.flipFree(20);
    assertThat(tags.kind(20)).isEqualTo(FREE);
    tags.flipFree(20);
    assertThat(tags.kind(20)).isEqualTo(LIVE);
    tags.clearStart(20);
    assertThat(tags.isStart(20)).isFalse();
    tags.setRun(20, 30, RESERVED);
    tags.clearRun(20);
    assertThat(tags.isStart(20)).isFalse();
    assertThat(tags.kind(20)).isEqualTo(LIVE);
    assertThat(tags.isStart(10)).isTrue();
  }

  @Test
  void aRunMayEndWithAWordWithAChunkAndWithTheRegion() {
    BoundaryTags tags = new BoundaryTags(2 * CHUNK);
    tags.ensureChunks(0, 2 * CHUNK);
    int[] edges = {0, 63, 64, 65, 128, 4000, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK};
    for (int i = 0; i + 1 < edges.length; i++) {
      tags.setRun(edges[i], edges[i + 1], LIVE);
    }
    for (int i = 0; i + 1 < edges.length; i++) {
      assertThat(tags.endOf(edges[i])).isEqualTo(edges[i + 1]);
      for (int granule = edges[i]; granule < edges[i + 1]; granule++) {
        assertThat(tags.findLive(granule)).as("granule %d", granule).isEqualTo(edges[i]);
        assertThat(tags.walkToStart(granule)).isEqualTo(edges[i]);
      }
    }
  }

  @Test
  void theStartIsNotEnteredWhereItIsNotNeeded() {
    BoundaryTags tags = new BoundaryTags(CHUNK);
    tags.ensureChunks(0, CHUNK);
    tags.setRun(0, 10, LIVE);
    tags.setRun(10, 500, LIVE);
    tags.clearRun(10);
    tags.setRun(10, 20, LIVE);
    tags.setRun(20, 500, FREE);
    assertThat(tags.startOf(499)).isEqualTo(20);
    assertThat(tags.startOf(200)).as("left over").isEqualTo(10);
    assertThat(tags.walkToStart(200)).isEqualTo(20);
    assertThat(tags.findLive(200)).isEqualTo(NONE);
    tags.setBounds(20, 400, true);
    assertThat(tags.startOf(200)).isEqualTo(20);
    tags.setEnd(20, 300);
    assertThat(tags.endOf(20)).isEqualTo(300);
    assertThat(tags.startOf(299)).isEqualTo(20);
  }

  @Test
  void chunksAreMadeOnce() {
    BoundaryTags tags = new BoundaryTags(5 * CHUNK - 1);
    assertThat(tags.capacity()).isEqualTo(5 * CHUNK - 1);
    assertThat(tags.chunkCapacity()).isEqualTo(5);
    assertThat(tags.metadataBytes()).isEqualTo(5 * 4);
    assertThat(new BoundaryTags(5 * CHUNK + 1).chunkCapacity()).isEqualTo(6);
    tags.ensureChunks(CHUNK, 3 * CHUNK);
    for (int i = 0; i < 5; i++) {
      assertThat(tags.exists(i)).isEqualTo(i == 1 || i == 2);
    }
    int chunkBytes = (64 * 4 + 64 + 1) * 8 + 16;
    assertThat(tags.metadataBytes()).isEqualTo(5 * 4 + 2 * chunkBytes);
    long[] chunk = tags.chunk(CHUNK);
    assertThat(tags.chunk(2 * CHUNK - 1)).isSameAs(chunk);
    assertThat(tags.chunk(2 * CHUNK)).isNotSameAs(chunk);
    tags.ensureChunks(2 * CHUNK - 1, 3 * CHUNK + 1);
    assertThat(tags.chunk(CHUNK)).isSameAs(chunk);
    assertThat(tags.metadataBytes()).isEqualTo(5 * 4 + 3 * chunkBytes);
  }

  @Test
  void nothingIsFoundInChunksThatDoNotExist() {
    BoundaryTags tags = new BoundaryTags(10 * CHUNK);
    assertThat(tags.next(0)).isEqualTo(NONE);
    assertThat(tags.nextLive(0)).isEqualTo(NONE);
    assertThat(tags.findLive(5)).isEqualTo(NONE);
    assertThat(tags.walkToStart(CHUNK)).isEqualTo(NONE);
    assertThat(tags.mergeableBefore(0)).isEqualTo(NONE);
    tags.ensureChunks(7 * CHUNK, 8 * CHUNK);
    tags.setRun(7 * CHUNK, 7 * CHUNK + 1, PENDING);
    tags.setRun(8 * CHUNK - 1, 8 * CHUNK, LIVE);
    assertThat(tags.next(0)).isEqualTo(7 * CHUNK);
    assertThat(tags.next(7 * CHUNK)).isEqualTo(7 * CHUNK);
    assertThat(tags.next(7 * CHUNK + 1)).isEqualTo(8 * CHUNK - 1);
    assertThat(tags.nextLive(100)).isEqualTo(8 * CHUNK - 1);
    assertThat(tags.next(8 * CHUNK)).isEqualTo(NONE);
    assertThat(tags.nextLive(8 * CHUNK)).isEqualTo(NONE);
    assertThat(tags.nextLive(10 * CHUNK)).isEqualTo(NONE);
    assertThat(tags.nextLive(10 * CHUNK + 1)).isEqualTo(NONE);
  }

  @Test
  void chunksUpToTheEndAreCleared() {
    BoundaryTags tags = new BoundaryTags(4 * CHUNK);
    tags.ensureChunks(0, CHUNK);
    tags.ensureChunks(2 * CHUNK, 4 * CHUNK);
    for (int start : new int[] {0, 2 * CHUNK, 3 * CHUNK}) {
      tags.setRun(start, start + 1, RESERVED);
      tags.chunk(start)[BoundaryTags.CLASSES + 3] = 1;
      tags.chunk(start)[BoundaryTags.WAITING] = 1;
    }
    tags.clear(3 * CHUNK);
    assertThat(tags.next(0)).isEqualTo(3 * CHUNK);
    assertThat(tags.kind(0)).isEqualTo(LIVE);
    assertThat(tags.chunk(0)).containsOnly(0L);
    assertThat(tags.chunk(3 * CHUNK)[BoundaryTags.WAITING]).isOne();
    tags.clear(3 * CHUNK + 1);
    assertThat(tags.next(0)).isEqualTo(NONE);
    assertThat(tags.exists(3)).isTrue();
    tags.setRun(5, 6, LIVE);
    assertThat(tags.nextLive(0)).isEqualTo(5);
  }

  @Test
  void behindTheLastRunNothingIsLive() {
    BoundaryTags tags = new BoundaryTags(CHUNK);
    tags.ensureChunks(0, CHUNK);
    tags.setRun(0, 64, LIVE);
    assertThat(tags.findLive(63)).isZero();
    assertThat(tags.findLive(64)).isEqualTo(NONE);
    assertThat(tags.walkToStart(100)).as("the last start before").isZero();
    tags.setRun(64, 70, FREE);
    assertThat(tags.walkToStart(90)).as("the last start in its word").isEqualTo(64);
    assertThat(tags.walkToStart(CHUNK - 1)).isEqualTo(64);
  }

  @Test
  void theLargestRegionIsDescribed() {
    int last = 1 << 25;
    BoundaryTags tags = new BoundaryTags(last);
    tags.ensureChunks(0, 1);
    tags.ensureChunks(last - CHUNK, last);
    tags.setRun(0, last, FREE);
    assertThat(tags.endOf(0)).isEqualTo(last);
    assertThat(tags.startOf(last - 1)).isZero();
    assertThat(tags.mergeableBefore(last)).isZero();
    tags.setRun(last - 1, last, LIVE);
    assertThat(tags.nextLive(1)).isEqualTo(last - 1);
    assertThat(tags.findLive(last - 1)).isEqualTo(last - 1);
  }
}
