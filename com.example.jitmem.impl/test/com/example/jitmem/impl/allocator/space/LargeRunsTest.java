// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.FREE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.NONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The search among large runs, compared with one that looks at every run.
class LargeRunsTest {
  private static final int SHORTEST = SizeClasses.SHORTEST_LARGE;
  private static final int CAPACITY = 1 << 21;

  private final BoundaryTags tags = new BoundaryTags(CAPACITY);
  private final LargeRuns runs = new LargeRuns(tags);
  private final FitModel model = new FitModel();

  private void add(int start, int length) {
    tags.ensureChunks(start, start + length);
    tags.setRun(start, start + length, FREE);
    runs.add(start, SizeClasses.of(length));
    model.add(start, start + length);
  }

  private void remove(int start, int length) {
    tags.clearRun(start);
    runs.remove(start, SizeClasses.of(length));
    model.remove(start);
  }

  @Test
  void theSearchFindsWhatALookAtEveryRunFinds() {
    Random random = new Random(6);
    int[] starts = new int[64];
    int[] lengths = new int[64];
    BitSet free = new BitSet();
    int at = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = at + random.nextInt(100);
      lengths[i] = SHORTEST + random.nextInt(i % 8 == 0 ? 60_000 : 6000);
      at = starts[i] + lengths[i];
    }
    for (int step = 0; step < 1500; step++) {
      int i = random.nextInt(starts.length);
      if (free.get(i)) {
        remove(starts[i], lengths[i]);
      } else if (step % 500 < 400) {
        add(starts[i], lengths[i]);
      }
      free.set(i, !free.get(i) && step % 500 < 400);
      int count = 1 + random.nextInt(step % 2 == 0 ? 80_000 : 14_000);
      int alignment = 1 << random.nextInt(16);
      assertThat(runs.find(count, 1)).as("%d granules", count).isEqualTo(model.findLarge(count, 1));
      assertThat(runs.find(count, alignment))
          .as("%d granules aligned to %d", count, alignment)
          .isEqualTo(model.findLarge(count, alignment));
      assertThat(runs.isEmpty()).isEqualTo(free.isEmpty());
      assertThat(runs.countAll()).isEqualTo(free.cardinality());
      int other = random.nextInt(starts.length);
      assertThat(runs.contains(starts[other], SizeClasses.of(lengths[other])))
          .isEqualTo(free.get(other));
    }
  }

  @Test
  void classesAreSearchedFromTheSmallestAndPlacesFromTheLowest() {
    add(0, 20_000);
    add(30_000, SHORTEST);
    add(50_000, SHORTEST);
    assertThat(runs.find(SHORTEST, 1)).isEqualTo(30_000);
    assertThat(runs.find(SHORTEST + 1, 1)).isZero();
    assertThat(runs.find(20_000, 1)).isZero();
    assertThat(runs.find(20_001, 1)).isEqualTo(NONE);
    assertThat(runs.find(SHORTEST, 32_768)).isZero();
    remove(0, 20_000);
    assertThat(runs.find(100, 65_536)).isEqualTo(NONE);
    assertThat(runs.find(100, 16_384)).isEqualTo(32_768);
  }

  @Test
  void fourRunsOfAClassThatMayFitAreProbed() {
    for (int i = 0; i < 4; i++) {
      add(i * 10_000, SHORTEST);
    }
    add(40_000, 10_000);
    assertThat(runs.find(9000, 1)).isEqualTo(NONE);
    remove(0, SHORTEST);
    assertThat(runs.find(9000, 1)).isEqualTo(40_000);
  }

  @Test
  void theLargestRunIsFound() {
    int all = 1 << 25;
    BoundaryTags region = new BoundaryTags(all);
    region.ensureChunks(0, 1);
    region.ensureChunks(all - 1, all);
    region.setRun(0, all, FREE);
    LargeRuns one = new LargeRuns(region);
    one.add(0, SizeClasses.of(all));
    assertThat(one.find(all, 1)).isZero();
    assertThat(one.find(all - 1, 1)).isZero();
    assertThat(one.find(SHORTEST, 1 << 24)).isZero();
    assertThat(one.contains(0, SizeClasses.COUNT - 1)).isTrue();
  }

  @Test
  void whatIsNotListedIsNotContained() {
    int sizeClass = SizeClasses.of(9000);
    assertThat(runs.contains(100, sizeClass)).isFalse();
    runs.remove(100, sizeClass);
    assertThat(runs.isEmpty()).isTrue();
    add(100, 9000);
    assertThat(runs.contains(100, sizeClass)).isTrue();
    assertThat(runs.contains(101, sizeClass)).isFalse();
    assertThat(runs.contains(100, sizeClass + 4)).isFalse();
    assertThat(runs.contains(100 + SHORTEST, sizeClass)).isFalse();
  }

  @Test
  void allRunsAreForgottenAtOnce() {
    add(0, 9000);
    add(20_000, 90_000);
    runs.clear();
    assertThat(runs.isEmpty()).isTrue();
    assertThat(runs.find(1, 1)).isEqualTo(NONE);
    assertThat(runs.countAll()).isZero();
    add(20_000, 90_000);
    assertThat(runs.countAll()).isEqualTo(1);
  }

  @Test
  void aWrongCountIsTold() {
    add(0, 9000);
    // The same place in the list again
    runs.add(1, SizeClasses.of(9000));
    assertThatThrownBy(runs::countAll).hasMessageContaining("counted 2, found 1");
  }

  @Test
  void memoryIsANumberPerPlaceAndASetPerClass() {
    int numbers = 4 * (CAPACITY / SHORTEST + 1);
    assertThat(runs.metadataBytes()).isEqualTo(numbers);
    add(0, 9000);
    add(20_000, 9000);
    int set = 257 / 64 / 64 * 4 + 4 + 8 + 512;
    assertThat(runs.metadataBytes()).isEqualTo(numbers + set);
    add(40_000, 90_000);
    assertThat(runs.metadataBytes()).isEqualTo(numbers + 2L * set);
  }
}
