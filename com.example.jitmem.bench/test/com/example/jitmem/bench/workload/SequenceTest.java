// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The numbers behind every workload.
class SequenceTest {
  private final Sequence sequence = new Sequence(Sequence.SEED);

  @Test
  void isSplitMix64() {
    SplittableRandom expected = new SplittableRandom(Sequence.SEED);
    for (int i = 0; i < 1000; i++) {
      assertThat(sequence.next()).isEqualTo(expected.nextLong());
    }
  }

  @Test
  void sizesAreLogUniform() {
    int[] sizes = IntStream.range(0, 100_000).map(i -> sequence.size()).sorted().toArray();
    assertThat(sizes[0]).isEqualTo(Sequence.SMALLEST);
    assertThat(sizes[sizes.length - 1]).isBetween(Sequence.LARGEST - 20, Sequence.LARGEST);
    // Each doubling is as likely as any other: seven of them from 32 to 4096
    for (int doubling = 1; doubling < 7; doubling++) {
      double expected = Sequence.SMALLEST << doubling;
      assertThat((double) sizes[sizes.length * doubling / 7])
          .isBetween(expected * 0.96, expected * 1.04);
    }
  }

  @Test
  void shufflingKeepsEveryNumberOnce() {
    int[] order = sequence.shuffled(1000);
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    assertThat(sorted).isEqualTo(IntStream.range(0, 1000).toArray());
    assertThat(order).isNotEqualTo(sorted);
  }

  /// The command compares this checksum with what the C++ program computes.
  @Test
  void checksumIsThatOfTheTwin() {
    assertThat(Long.toHexString(Sequence.checksum(1000))).isEqualTo("180300e66c4b4d75");
  }
}
