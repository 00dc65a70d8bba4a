// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SpanVersionsTest {
  private static final int CHUNK = 1 << ChunkedTable.CHUNK_LOG;
  private final SpanVersions versions = new SpanVersions(4 * CHUNK);

  @Test
  void nothingIsCountedAtFirst() {
    assertThat(versions.version(0)).isZero();
    assertThat(versions.version(4 * CHUNK - 1)).isZero();
    assertThat(versions.metadataBytes()).isZero();
  }

  @Test
  void countsGrowByOneHoweverLargeTheyAre() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(versions.version(CHUNK + 7)).isEqualTo(i);
      versions.raise(CHUNK + 7);
    }
    assertThat(versions.version(CHUNK + 6)).isZero();
    assertThat(versions.version(7)).isZero();
    versions.raise(CHUNK + 6);
    assertThat(versions.version(CHUNK + 6)).isEqualTo(1);
  }

  @Test
  void countsOfManyGranulesAgreeWithAMap() {
    Random random = new Random(42);
    Map<Integer, Integer> expected = new HashMap<>();
    for (int i = 0; i < 200_000; i++) {
      int start = random.nextInt(random.nextBoolean() ? 200 : 4 * CHUNK);
      versions.raise(start);
      expected.merge(start, 1, Integer::sum);
    }
    assertThat(expected.values()).anyMatch(count -> count > 255);
    for (int start = 0; start < 4 * CHUNK; start++) {
      assertThat(versions.version(start)).isEqualTo(expected.getOrDefault(start, 0));
    }
  }

  @Test
  void aChunkTakesAByteForEachGranuleUntilACountIsFull() {
    versions.raise(5);
    long narrow = versions.metadataBytes();
    assertThat(narrow).isBetween((long) CHUNK, CHUNK + 64L);
    for (int i = 1; i < 255; i++) {
      versions.raise(5);
    }
    assertThat(versions.metadataBytes()).isEqualTo(narrow);
    versions.raise(5);
    assertThat(versions.metadataBytes()).isBetween(4L * CHUNK, 4 * CHUNK + 64L);
  }

  @Test
  @Timeout(60)
  void readersWithoutTheLockNeverSeeACountGoBack() throws Exception {
    int[] seen = {0};
    try (ExecutorService reader = Executors.newSingleThreadExecutor()) {
      Future<Boolean> grows =
          reader.submit(
              () -> {
                while (seen[0] < 600) {
                  int count = versions.version(9);
                  if (count < seen[0]) {
                    return false;
                  }
                  seen[0] = count;
                  Thread.onSpinWait();
                }
                return true;
              });
      for (int i = 0; i < 600; i++) {
        versions.raise(9);
      }
      assertThat(grows.get(30, TimeUnit.SECONDS)).isTrue();
    }
  }
}
