// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.virtmem.CachePolicy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.test.common.annotation.InjectService;

/// Wrong arguments reach the allocator through the injected object and change nothing.
class ArgumentsTest {
  @InjectService(filter = "(jitmem.name=default)")
  JitAllocator allocator;

  @InjectService(filter = "(jitmem.name=default)")
  JitRuntime runtime;

  private Span span;

  @BeforeEach
  void begin() {
    span = allocator.alloc(256);
  }

  @AfterEach
  void nothingHasChanged() {
    assertThat(span.isLive()).isTrue();
    assertThat(span.byteSize()).isEqualTo(256);
    assertThat(allocator.statistics().ownSpanCount()).isEqualTo(1);
    span.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, JitAllocator.MAX_SPAN_BYTE_SIZE + 1, Long.MAX_VALUE})
  void sizeOutsideTheRangeIsRefused(long byteSize) {
    assertThatIllegalArgumentException().isThrownBy(() -> allocator.alloc(byteSize));
    try (CodeGroup group = allocator.openGroup()) {
      assertThatIllegalArgumentException().isThrownBy(() -> group.alloc(byteSize));
    }
  }

  @Test
  void addressThatIsNoStartOfASpanIsNotReleased() {
    MemorySegment rx = span.rx();

    assertThatIllegalArgumentException().isThrownBy(() -> allocator.release(MemorySegment.NULL));
    assertThatIllegalArgumentException().isThrownBy(() -> allocator.release(rx.asSlice(64)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> allocator.release(MemorySegment.ofArray(new byte[8])));
    assertThat(allocator.query(MemorySegment.NULL)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, 257, Long.MAX_VALUE})
  void spanCannotBeShrunkToASizeOutsideIt(long byteSize) {
    assertThatIllegalArgumentException().isThrownBy(() -> allocator.shrink(span, byteSize));
  }

  @Test
  void writesAreBoundsChecked() {
    MemorySegment source = MemorySegment.ofArray(new byte[8]);

    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> allocator.write(span, 249, source, CachePolicy.DEFAULT));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> allocator.write(span, -1, source, CachePolicy.DEFAULT));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> allocator.write(span, _ -> 257, CachePolicy.DEFAULT));
  }

  @Test
  void endedSpanIsRefused() {
    Span ended = allocator.alloc(8);
    ended.close();

    assertThatIllegalStateException().isThrownBy(ended::rx);
    assertThatIllegalStateException().isThrownBy(() -> allocator.shrink(ended, 1));
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                allocator.write(ended, 0, MemorySegment.ofArray(new byte[1]), CachePolicy.DEFAULT));
  }

  @Test
  void closedArenaIsRefused() {
    Arena arena = closedArena();

    assertThatIllegalStateException().isThrownBy(() -> allocator.alloc(8, arena));
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                runtime.add(
                    MemorySegment.ofArray(MachineCode.returning(runtime, 1)),
                    MachineCode.TYPE,
                    FunctionOptions.defaults().withArena(arena)));
  }

  @Test
  @SuppressWarnings("NullAway")
  void nullIsRefused() {
    assertThatNullPointerException().isThrownBy(() -> allocator.release(null));
    assertThatNullPointerException().isThrownBy(() -> allocator.query(null));
    assertThatNullPointerException().isThrownBy(() -> allocator.shrink(null, 1));
    assertThatNullPointerException().isThrownBy(() -> allocator.reset(null));
    assertThatNullPointerException().isThrownBy(() -> allocator.openWriteScope(null));
    assertThatNullPointerException().isThrownBy(() -> runtime.bind(null, MachineCode.TYPE));
    assertThatNullPointerException().isThrownBy(() -> runtime.bind(span.rx(), null));
    assertThatNullPointerException()
        .isThrownBy(() -> runtime.add(MachineCode.returning(runtime, 1), null));
  }

  @Test
  void codeThatCannotBeAddedLeavesNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> runtime.add(new byte[0], MachineCode.TYPE));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> runtime.bind(MemorySegment.ofArray(new byte[8]), MachineCode.TYPE));
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                runtime.add(
                    64,
                    (_, _) -> {
                      throw new IllegalStateException("The emitter has failed");
                    },
                    MachineCode.TYPE,
                    FunctionOptions.defaults()))
        .withMessage("The emitter has failed");
  }

  private static Arena closedArena() {
    try (Arena arena = Arena.ofShared()) {
      return arena;
    }
  }
}
