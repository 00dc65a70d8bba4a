// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Random operations on heaps of some shapes, compared with a model. The number of operations for
/// each shape is the system property `jitmem.test.heap.ops`; `jitmem.test.seed` replays a run.
class RegionHeapModelTest {
  private static final int OPS = Integer.getInteger("jitmem.test.heap.ops", 20_000);

  /// How often everything is compared, which takes as long as hundreds of operations.
  private static final int CHECK_INTERVAL = OPS <= 100_000 ? 97 : 9_973;

  private static final int SETTLE_INTERVAL = 10 * CHECK_INTERVAL;

  @ParameterizedTest
  @CsvSource({
    "1, 64, true",
    "9, 64, true",
    "9, 64, false",
    "70, 64, true",
    "6, 1024, true",
    "6, 1024, false",
    "3, 16384, true",
    "33, 2048, true",
  })
  void randomOperationsAgreeWithTheModel(int blocks, int blockGranules, boolean padding) {
    long seed = Long.getLong("jitmem.test.seed", blocks);
    SplittableRandom random = new SplittableRandom(seed);
    HeapDriver driver =
        new HeapDriver(new HeapModel(blocks, blockGranules, padding), random::nextInt);
    int step = 0;
    try {
      for (; step < OPS; step++) {
        driver.step();
        if (step % CHECK_INTERVAL == 0) {
          driver.check();
        }
        if (step % SETTLE_INTERVAL == 0) {
          driver.settle();
        }
      }
      driver.settle();
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError("step " + step + " from seed " + seed, e);
    }
  }
}
