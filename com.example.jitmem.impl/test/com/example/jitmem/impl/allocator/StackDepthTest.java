// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.impl.memory.FakeCodeMemory;
import com.example.jitmem.impl.memory.FakeCodeMemory.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The ways from a method of the API to the port to memory are the first two walks of DESIGN, and
/// short enough to be read in one go.
class StackDepthTest {
  private static final Path DESIGN = Path.of("..", "DESIGN.md");
  private static final int ALLOC_TO_COMMIT = 8;
  private static final int CLOSE_TO_DECOMMIT = 8;
  private static final int TICK_TO_DECOMMIT = 12;
  private static final int LARGE = 10 * 65536;

  private final FakeCodeMemory memory = new FakeCodeMemory();
  private final Deque<Runnable> ticks = new ArrayDeque<>();
  private final List<List<StackWalker.StackFrame>> stacks = new ArrayList<>();

  /// Notes the methods of the allocator that lead to a call, the innermost first.
  private void recordStacksAt(Call wanted) {
    memory.fail(
        (call, number) -> {
          if (call == wanted) {
            stacks.add(stack());
          }
          return null;
        });
  }

  private static List<StackWalker.StackFrame> stack() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames
                    .filter(frame -> frame.getClassName().contains(".impl.allocator."))
                    .filter(frame -> !frame.getClassName().contains("Test"))
                    .toList());
  }

  private OwnedAllocator allocator(JitAllocatorParameters parameters) {
    return new OwnedAllocator(memory, parameters, ticks::add, System::nanoTime);
  }

  private void assertSteps(String outermost, int most) {
    assertThat(stacks).isNotEmpty();
    assertThat(stacks.getFirst()).hasSizeBetween(3, most);
    assertThat(file(stacks.getFirst().getLast())).isEqualTo(outermost);
  }

  private void assertDrawn(String title) throws IOException {
    String figure = figure(title);
    assertThat(stacks.getFirst()).allSatisfy(frame -> assertThat(figure).contains(file(frame)));
  }

  /// The figure after a line of DESIGN.
  private static String figure(String title) throws IOException {
    String design = Files.readString(DESIGN);
    int start = design.indexOf("```", design.indexOf(title));
    return design.substring(start, design.indexOf("\n```", start));
  }

  /// The file of a frame without its folder.
  private static String file(StackWalker.StackFrame frame) {
    String name = frame.getClassName().replaceFirst("\\$.*", "");
    return name.substring(name.lastIndexOf('.') + 1) + ".java";
  }

  @Test
  void allocReachesCommitInAFewSteps() throws IOException {
    OwnedAllocator allocator = allocator(JitAllocatorParameters.defaults());
    recordStacksAt(Call.COMMIT);
    allocator.alloc(64);
    assertSteps("AllocatorView.java", ALLOC_TO_COMMIT);
    assertDrawn("From `alloc` to `mmap`");
  }

  @Test
  void aTickReachesDecommitInAFewSteps() throws IOException {
    OwnedAllocator allocator = allocator(JitAllocatorParameters.defaults());
    Span first = allocator.alloc(64);
    allocator.alloc(LARGE).close();
    recordStacksAt(Call.DECOMMIT);
    while (!ticks.isEmpty()) {
      ticks.remove().run();
    }
    assertSteps("PurgeTimer.java", TICK_TO_DECOMMIT);
    assertDrawn("From `close` to `munmap`");
    assertThat(first.isLive()).isTrue();
  }

  @Test
  void closeReachesDecommitInAFewStepsWhereBlocksAreReleasedAtOnce() {
    OwnedAllocator allocator =
        allocator(JitAllocatorParameters.defaults().with(JitAllocatorOption.IMMEDIATE_RELEASE));
    Span first = allocator.alloc(64);
    Span large = allocator.alloc(LARGE);
    recordStacksAt(Call.DECOMMIT);
    large.close();
    assertSteps("PlainSpan.java", CLOSE_TO_DECOMMIT);
    assertThat(first.isLive()).isTrue();
  }
}
