// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

/// The random numbers that decide what a workload does. `native/sequence.h` gives the same ones.
///
/// The generator is SplitMix64 (Steele, Lea and Flood, *Fast splittable pseudorandom number
/// generators*, 2014). Not thread-safe.
public final class Sequence {
  /// The smallest size of a span in bytes.
  public static final int SMALLEST = 32;

  /// The largest size of a span in bytes.
  public static final int LARGEST = 4096;

  /// The seed of every workload.
  public static final long SEED = 42;

  private static final int SIZE_BITS = 10;
  private static final int SIZE_MASK = (1 << SIZE_BITS) - 1;
  private static final short[] SIZES = sizes();

  private long state;

  /// Begins a sequence.
  ///
  /// @param seed decides all of it
  public Sequence(long seed) {
    state = seed;
  }

  /// The next 64 random bits.
  long next() {
    state += 0x9E3779B97F4A7C15L;
    long mixed = state;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }

  /// The next size.
  ///
  /// @return a size in bytes, log-uniform from [#SMALLEST] to [#LARGEST]
  public int size() {
    return sizeOf(next());
  }

  /// The next index.
  ///
  /// @param bound a positive number
  /// @return an index from 0 to `bound` - 1
  public int index(int bound) {
    return indexOf(next(), bound);
  }

  /// An index below a bound, from the upper half of random bits.
  static int indexOf(long bits, int bound) {
    return (int) (((bits >>> 32) * bound) >>> 32);
  }

  /// A size in bytes, log-uniform from [#SMALLEST] to [#LARGEST], from the lowest random bits.
  static int sizeOf(long bits) {
    return SIZES[(int) bits & SIZE_MASK];
  }

  /// The numbers from 0 to `count` - 1 in a random order.
  int[] shuffled(int count) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int other = index(i + 1);
      order[i] = order[other];
      order[other] = i;
    }
    return order;
  }

  /// A checksum of the first operations of a churn, by which two implementations are compared.
  static long checksum(int count) {
    Sequence sequence = new Sequence(SEED);
    long sum = 0;
    for (int i = 0; i < count; i++) {
      long bits = sequence.next();
      sum = sum * 31 + indexOf(bits, 1000) * 8192L + sizeOf(bits);
    }
    for (int index : sequence.shuffled(1000)) {
      sum = sum * 31 + index;
    }
    return sum;
  }

  /// The middles of equally likely intervals, rounded. A table, so that drawing a size takes about
  /// a nanosecond in both languages and gives the same numbers.
  private static short[] sizes() {
    short[] sizes = new short[1 << SIZE_BITS];
    for (int i = 0; i < sizes.length; i++) {
      double quantile = (i + 0.5) / sizes.length;
      sizes[i] = (short) Math.round(SMALLEST * Math.pow((double) LARGEST / SMALLEST, quantile));
    }
    return sizes;
  }
}
