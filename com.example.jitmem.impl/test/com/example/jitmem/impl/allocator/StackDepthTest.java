// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.impl.memory.FakeCodeMemory;
import com.example.jitmem.impl.memory.FakeCodeMemory.Call;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The way from a method of the API to the port to memory is short enough to be read in one go. The
/// figures stand in DESIGN.
class StackDepthTest {
  private static final int ALLOC_TO_COMMIT = 8;
  private static final int CLOSE_TO_DECOMMIT = 8;

  private final FakeCodeMemory memory = new FakeCodeMemory();
  private final List<List<String>> walks = new ArrayList<>();

  /// Notes the methods of the allocator that lead to a call, the innermost first.
  private void recordWalksTo(Call wanted) {
    memory.fail(
        (call, number) -> {
          if (call == wanted) {
            walks.add(walk());
          }
          return null;
        });
  }

  private static List<String> walk() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames
                    .filter(frame -> frame.getClassName().contains(".impl.allocator."))
                    .filter(frame -> !frame.getClassName().contains("Test"))
                    .map(frame -> frame.getClassName() + "." + frame.getMethodName())
                    .toList());
  }

  @Test
  void allocReachesCommitInAFewSteps() {
    OwnedAllocator allocator = TestAllocators.owned(memory, JitAllocatorParameters.defaults());
    recordWalksTo(Call.COMMIT);
    allocator.alloc(64);
    assertThat(walks).hasSize(1);
    assertThat(walks.getFirst()).hasSizeBetween(3, ALLOC_TO_COMMIT);
    assertThat(walks.getFirst().getLast()).endsWith("AllocatorView.alloc");
  }

  @Test
  void closeReachesDecommitInAFewSteps() {
    OwnedAllocator allocator =
        TestAllocators.owned(
            memory, JitAllocatorParameters.defaults().with(JitAllocatorOption.IMMEDIATE_RELEASE));
    Span first = allocator.alloc(64);
    Span large = allocator.alloc(10 * 65536);
    recordWalksTo(Call.DECOMMIT);
    large.close();
    assertThat(walks).isNotEmpty();
    assertThat(walks.getFirst()).hasSizeBetween(3, CLOSE_TO_DECOMMIT);
    assertThat(walks.getFirst().getLast()).endsWith("PlainSpan.close");
    assertThat(first.isLive()).isTrue();
  }
}
