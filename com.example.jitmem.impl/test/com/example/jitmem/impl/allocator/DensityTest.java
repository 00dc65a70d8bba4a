// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.impl.memory.FakeCodeMemory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// That free memory is found again: how much of what is committed is in use after spans came and
/// went.
class DensityTest {
  private static final int SPANS = 5_000;

  private final FakeCodeMemory memory = new FakeCodeMemory();
  private final Random random = new Random(7);

  static Stream<Set<JitAllocatorOption>> options() {
    return Stream.of(Set.of(), Set.of(JitAllocatorOption.IMMEDIATE_RELEASE));
  }

  @ParameterizedTest
  @MethodSource("options")
  void littleMemoryIsCommittedInVain(Set<JitAllocatorOption> options) {
    OwnedAllocator allocator =
        new OwnedAllocator(memory, JitAllocatorParameters.defaults().withOptions(options));
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < SPANS; i++) {
      spans.add(allocator.alloc(1 + random.nextInt(2_000)));
    }
    for (int i = 0; i < 10 * SPANS; i++) {
      int victim = random.nextInt(SPANS);
      spans.get(victim).close();
      spans.set(victim, allocator.alloc(1 + random.nextInt(2_000)));
    }
    assertThat(allocator.statistics().usedRatio()).as("after replacing").isGreaterThan(0.9);
    Collections.shuffle(spans, random);
    spans.subList(0, SPANS / 2).forEach(Span::close);
    for (int i = 0; i < SPANS; i++) {
      spans.add(allocator.alloc(1 + random.nextInt(4_000)));
    }
    assertThat(allocator.statistics().usedRatio()).as("after filling holes").isGreaterThan(0.9);
    SelfCheck.of(allocator.core());
    allocator.close();
    assertThat(memory.violations).isEmpty();
  }
}
