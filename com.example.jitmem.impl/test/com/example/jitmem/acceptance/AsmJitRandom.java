// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import java.util.List;
import java.util.SplittableRandom;

/// The random numbers of AsmJit's tests: xorshift128+ seeded by SplitMix64, which is what
/// [SplittableRandom] is.
final class AsmJitRandom {
  /// Stands in for a state word that the seed makes zero.
  private static final long NOT_ZERO = 0x1F0A2BE71D163FA0L;

  private long state0;
  private long state1;

  AsmJitRandom(long seed) {
    SplittableRandom mix = new SplittableRandom(seed);
    state0 = notZero(mix.nextLong());
    state1 = notZero(mix.nextLong());
  }

  long nextLong() {
    long x = state0;
    long y = state1;
    x ^= x << 23;
    y ^= y >>> 5;
    x ^= x >>> 18;
    x ^= y;
    state0 = y;
    state1 = x;
    return x + y;
  }

  /// A number from 0 to a bound less one, made of 32 random bits.
  int nextInt(int bound) {
    return (int) Long.remainderUnsigned(nextLong() >>> 32, bound);
  }

  /// Swaps each element with one at a random position, in AsmJit's order.
  <T> void shuffle(List<T> list) {
    for (int i = 0; i < list.size(); i++) {
      int other = nextInt(list.size());
      T element = list.get(i);
      list.set(i, list.get(other));
      list.set(other, element);
    }
  }

  private static long notZero(long word) {
    return word == 0 ? NOT_ZERO : word;
  }
}
