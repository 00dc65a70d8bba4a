// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// Operations that a fuzzer chooses, guided by the coverage of the heap, compared with a model. The
/// first byte chooses the shape of the heap.
class RegionHeapFuzzTest {
  private static final int CHECK_INTERVAL = 64;

  /// Bytes to begin with: each is a run of some hundred random operations.
  static Stream<byte[]> seeds() {
    Random random = new Random(5);
    return Stream.generate(
            () -> {
              byte[] seed = new byte[2000];
              random.nextBytes(seed);
              return seed;
            })
        .limit(20);
  }

  @MethodSource("seeds")
  @FuzzTest
  void operationsAgreeWithTheModel(byte[] bytes) {
    Bytes numbers = new Bytes(bytes);
    HeapDriver driver = new HeapDriver(model(numbers.applyAsInt(6)), numbers);
    for (int step = 1; numbers.hasMore(); step++) {
      driver.step();
      if (step % CHECK_INTERVAL == 0) {
        driver.check();
      }
    }
    driver.check();
    driver.settle();
  }

  private static HeapModel model(int shape) {
    return switch (shape) {
      case 0 -> new HeapModel(5, 64, true);
      case 1 -> new HeapModel(5, 64, false);
      case 2 -> new HeapModel(80, 64, true);
      case 3 -> new HeapModel(3, 16_384, true);
      case 4 -> new HeapModel(12, 1024, false);
      default -> new HeapModel(12, 1024, true);
    };
  }

  /// Numbers out of bytes, zeros behind their end.
  private static final class Bytes implements IntUnaryOperator {
    private final byte[] bytes;
    private int at;

    Bytes(byte[] bytes) {
      this.bytes = bytes;
    }

    boolean hasMore() {
      return at < bytes.length;
    }

    @Override
    public int applyAsInt(int bound) {
      int number = 0;
      for (int most = 1; most < bound; most <<= 8) {
        number = number << 8 | (hasMore() ? bytes[at++] & 0xFF : 0);
      }
      return Integer.remainderUnsigned(number, bound);
    }
  }
}
