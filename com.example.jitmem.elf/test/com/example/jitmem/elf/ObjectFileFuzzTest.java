// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// Files that a fuzzer makes from those of compilers, guided by the coverage of reader and linker.
class ObjectFileFuzzTest {
  static Stream<byte[]> seeds() {
    return MutatedObjectTest.originals().stream();
  }

  @MethodSource("seeds")
  @FuzzTest
  void everyFileIsLinkedOrRefused(byte[] bytes) {
    HostileInput.outcome(bytes);
  }
}
