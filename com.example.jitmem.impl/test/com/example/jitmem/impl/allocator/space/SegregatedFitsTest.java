// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static com.example.jitmem.impl.allocator.space.BoundaryTags.FREE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.LIVE;
import static com.example.jitmem.impl.allocator.space.BoundaryTags.NONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The search, compared with one that looks at every run, in the largest region.
class SegregatedFitsTest {
  private static final int CHUNK = 4096;
  private static final int REGION = 1 << 25;

  /// Chunks with runs, on both sides of the edges of all levels of bits.
  private static final int[] CHUNKS = {0, 1, 63, 64, 65, 127, 4095, 4096, 4160, 8191};

  private final BoundaryTags tags = new BoundaryTags(REGION);
  private final SegregatedFits fits = new SegregatedFits(tags);
  private final FitModel model = new FitModel();
  private final List<IntRange> cells = new ArrayList<>();
  private final BitSet free = new BitSet();

  /// Divides granules into runs that can be made free, with a live granule between them.
  private void divide(int from, int to, Random random, int shortest, int longest) {
    tags.ensureChunks(from, to);
    int start = from;
    while (start < to) {
      int end = Math.min(to - 1, start + shortest + random.nextInt(longest - shortest + 1));
      if (start < end) {
        tags.setRun(start, end, LIVE);
        cells.add(new IntRange(start, end));
      }
      tags.setRun(end, end + 1, LIVE);
      start = end + 1;
    }
  }

  private void add(int start, int end) {
    tags.setRun(start, end, FREE);
    fits.add(start, end);
    model.add(start, end);
  }

  private void remove(int start, int end) {
    tags.setRun(start, end, LIVE);
    fits.remove(start, end);
    model.remove(start);
  }

  private void flip(int cell) {
    IntRange run = cells.get(cell);
    if (free.get(cell)) {
      remove(run.start(), run.end());
    } else {
      add(run.start(), run.end());
    }
    free.flip(cell);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void theSearchFindsWhatALookAtEveryRunFinds(long seed) {
    Random random = new Random(seed);
    for (int chunk : CHUNKS) {
      int longest = new int[] {3, 40, 300, 3000}[random.nextInt(4)];
      divide(chunk * CHUNK, (chunk + 1) * CHUNK, random, 1, longest);
    }
    divide(200 * CHUNK, 210 * CHUNK, random, 5000, 12_000);
    for (int step = 0; step < 1200; step++) {
      // Few runs at a time, so that classes come and go
      int cell = random.nextInt(cells.size());
      if (free.cardinality() > step % 300 / 4) {
        flip(free.nextSetBit(random.nextInt(free.length())));
      } else {
        flip(cell);
      }
      int count = 1 + random.nextInt(new int[] {8, 50, 400, 4000, 12_000}[random.nextInt(5)]);
      int alignment = 1 << random.nextInt(14);
      assertThat(fits.find(count)).as("%d granules", count).isEqualTo(model.find(count));
      assertThat(fits.find(count, alignment))
          .as("%d granules aligned to %d", count, alignment)
          .isEqualTo(model.find(count, alignment));
      assertThat(fits.isEmpty()).isEqualTo(free.isEmpty());
      if (step % 100 == 0) {
        fits.check();
      }
    }
    fits.check();
  }

  /// Makes free runs of some lengths, one in each word from a granule on.
  private void oneInEachWord(int from, int... lengths) {
    tags.ensureChunks(from, from + 64 * lengths.length);
    for (int i = 0; i < lengths.length; i++) {
      int start = from + 64 * i;
      tags.setRun(start + lengths[i], start + 64, LIVE);
      add(start, start + lengths[i]);
    }
  }

  @Test
  void aFewWordsOfAClassThatMayFitAreProbed() {
    oneInEachWord(0, 40, 41, 42, 43, 47);
    assertThat(fits.find(47)).isEqualTo(NONE);
    assertThat(fits.find(43)).isEqualTo(192);
    remove(0, 40);
    assertThat(fits.find(47)).as("sought in vain, and nothing was added").isEqualTo(NONE);
    oneInEachWord(8192, 1);
    assertThat(fits.find(47)).isEqualTo(256);
  }

  @Test
  void aSearchInVainIsRememberedUntilARunIsAdded() {
    oneInEachWord(0, 10, 20);
    assertThat(fits.find(21)).isEqualTo(NONE);
    assertThat(fits.find(20)).isEqualTo(64);
    assertThat(fits.find(21)).isEqualTo(NONE);
    fits.check();
    oneInEachWord(128, 30);
    assertThat(fits.find(21)).isEqualTo(128);
    assertThat(fits.find(31)).isEqualTo(NONE);
  }

  @Test
  void theLowestOfTwoRunsInAWordIsFound() {
    tags.ensureChunks(0, 64);
    for (int start : new int[] {3, 20, 40}) {
      tags.setRun(start + 5, start + 6, LIVE);
      add(start, start + 5);
    }
    assertThat(fits.find(5)).isEqualTo(3);
    remove(3, 8);
    assertThat(fits.find(5)).isEqualTo(20);
    remove(20, 25);
    assertThat(fits.find(5)).isEqualTo(40);
    remove(40, 45);
    assertThat(fits.find(5)).isEqualTo(NONE);
    assertThat(fits.isEmpty()).isTrue();
  }

  @Test
  void allRunsAreForgottenAtOnce() {
    oneInEachWord(0, 10, 20, 50);
    tags.ensureChunks(CHUNK, 5 * CHUNK);
    add(CHUNK, 5 * CHUNK);
    assertThat(fits.find(20_000)).isEqualTo(NONE);
    fits.clear();
    tags.clear(5 * CHUNK);
    assertThat(fits.isEmpty()).isTrue();
    assertThat(fits.find(1)).isEqualTo(NONE);
    fits.check();
    oneInEachWord(0, 10);
    assertThat(fits.find(10)).isZero();
    assertThat(fits.find(11)).isEqualTo(NONE);
    fits.check();
    remove(0, 10);
    assertThat(fits.isEmpty()).isTrue();
  }

  @Test
  void placesOfForgottenRunsAreNotSought() {
    oneInEachWord(0, 10);
    fits.clear();
    tags.clear(64);
    oneInEachWord(70 * CHUNK, 10);
    assertThat(fits.find(10)).isEqualTo(70 * CHUNK);
  }

  @Test
  void aLargeRunAloneCounts() {
    tags.ensureChunks(0, 3 * CHUNK);
    add(0, 3 * CHUNK);
    assertThat(fits.isEmpty()).isFalse();
    assertThat(fits.find(5)).isZero();
  }

  @Test
  void shortRunsAreOfTheExactLength() {
    tags.ensureChunks(0, 128);
    tags.setRun(33, 34, LIVE);
    tags.setRun(66, 67, LIVE);
    add(0, 33);
    add(34, 66);
    assertThat(fits.find(32)).isEqualTo(34);
    assertThat(fits.find(33)).isZero();
  }

  @Test
  void aRunThatIsNotListedIsToldByTheCheck() {
    oneInEachWord(0, 10, 20);
    tags.setRun(100, 128, FREE);
    assertThatThrownBy(fits::check).hasMessageContaining("a free run is not listed: 100");
  }

  @Test
  void aLargeRunThatIsNotListedIsToldByTheCheck() {
    tags.ensureChunks(0, 8 * CHUNK);
    tags.setRun(0, 3 * CHUNK, FREE);
    assertThatThrownBy(fits::check).hasMessageContaining("a large run is not listed: 0");
  }

  @Test
  void aLargeRunThatIsNotFreeIsToldByTheCheck() {
    tags.ensureChunks(0, 8 * CHUNK);
    add(0, 3 * CHUNK);
    fits.check();
    tags.setKind(0, LIVE);
    assertThatThrownBy(fits::check).hasMessageContaining("large free runs: counted 1, found 0");
  }

  @Test
  void aClassWithoutRunsIsToldByTheCheck() {
    oneInEachWord(0, 10);
    tags.setKind(0, LIVE);
    assertThatThrownBy(fits::check).hasMessageContaining("size class 9 is marked wrongly");
  }

  @Test
  void aWordWithoutARunOfItsClassIsToldByTheCheck() {
    oneInEachWord(0, 10, 20, 10);
    tags.setKind(128, LIVE);
    assertThatThrownBy(fits::check).hasMessageContaining("size class 9 lists word 2");
  }

  @Test
  void aRunThatIsNotSoughtIsToldByTheCheck() {
    oneInEachWord(0, 10);
    tags.setKind(0, LIVE);
    assertThat(fits.find(5)).isEqualTo(NONE);
    tags.setKind(0, FREE);
    assertThatThrownBy(fits::check).hasMessageContaining("runs of class 9 are not sought");
  }

  @Test
  void aLargeRunThatIsNotSoughtIsToldByTheCheck() {
    tags.ensureChunks(0, 8 * CHUNK);
    add(0, 8192);
    assertThat(fits.find(8193)).isEqualTo(NONE);
    fits.check();
    tags.setEnd(0, 8000);
    assertThat(fits.find(8192)).isEqualTo(NONE);
    tags.setEnd(0, 8192);
    assertThatThrownBy(fits::check).hasMessageContaining("large runs are not sought");
  }

  @Test
  void memoryIsThatOfTheUpperLevelsAndOfLargeRuns() {
    int largeNumbers = 4 * (REGION / 8192 + 1);
    assertThat(fits.metadataBytes()).isEqualTo((128 + 2) * 64 * 8 + largeNumbers);
    BoundaryTags small = new BoundaryTags(65 * CHUNK);
    assertThat(new SegregatedFits(small).metadataBytes())
        .isEqualTo((2 + 1) * 64 * 8 + 4 * (65 * CHUNK / 8192 + 1));
  }
}
