// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.api.allocator.JitAllocatorOption.FILL_UNUSED_MEMORY;
import static com.example.jitmem.api.allocator.JitAllocatorOption.IMMEDIATE_RELEASE;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_DUAL_MAPPING;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.WriteScope;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.testing.Figures;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.OtherThread;
import com.example.jitmem.testing.Services;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Writers that do what a writer should not.
@OnLinux
class HostileWriterIT {
  private static final CachePolicy POLICY = CachePolicy.DEFAULT;

  private final OwnedJitAllocator allocator =
      Services.allocator(USE_DUAL_MAPPING, FILL_UNUSED_MEMORY, IMMEDIATE_RELEASE);
  private final Span span = allocator.alloc(1000);

  @AfterEach
  void closeAllocator() {
    allocator.close();
  }

  @Test
  void exceptionOfAWriterComesThroughAndKeepsWhatWasWritten() {
    IOException thrown = new IOException("no code");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () ->
                allocator.write(
                    span,
                    target -> {
                      target.set(JAVA_BYTE, 999, (byte) 1);
                      throw thrown;
                    },
                    POLICY))
        .isSameAs(thrown);
    assertThat(span.byteSize()).isEqualTo(1024);
    assertThat(span.rx().get(JAVA_BYTE, 999)).isEqualTo((byte) 1);
    checkUsable();
  }

  @Test
  void wrongResultOfAWriterKeepsWhatWasWritten() {
    for (long returned : new long[] {0, -1, 1025, Long.MAX_VALUE}) {
      byte value = (byte) returned;
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  allocator.write(
                      span,
                      target -> {
                        target.fill(value);
                        return returned;
                      },
                      POLICY));
      assertThat(span.byteSize()).isEqualTo(1024);
      assertThat(span.rx().get(JAVA_BYTE, 1023)).isEqualTo(value);
    }
    checkUsable();
  }

  @Test
  void segmentOfAWriterEndsWithTheWriteAndStaysInItsThread() {
    List<MemorySegment> leaked = new ArrayList<>();
    allocator.write(
        span,
        target -> {
          leaked.add(target);
          leaked.add(target.asSlice(10));
          assertThatExceptionOfType(WrongThreadException.class)
              .isThrownBy(() -> OtherThread.run(() -> target.set(JAVA_BYTE, 0, (byte) 1)));
          return target.byteSize();
        },
        POLICY);
    for (MemorySegment segment : leaked) {
      assertThatIllegalStateException().isThrownBy(() -> segment.set(JAVA_BYTE, 0, (byte) 1));
    }
    checkUsable();
  }

  @Test
  void segmentOfAScopeEndsWithTheWrite() {
    List<MemorySegment> leaked = new ArrayList<>();
    try (WriteScope scope = allocator.openWriteScope(POLICY)) {
      scope.write(
          span,
          target -> {
            leaked.add(target);
            return target.byteSize();
          });
      assertThatIllegalStateException()
          .isThrownBy(() -> leaked.getFirst().set(JAVA_BYTE, 0, (byte) 1));
    }
    checkUsable();
  }

  @Test
  void writerMayAllocateQueryAndWriteOtherSpans() {
    List<Span> allocated = new ArrayList<>();
    allocator.write(
        span,
        target -> {
          for (int i = 0; i < 200; i++) {
            Span inner = allocator.alloc(1000);
            allocated.add(inner);
            MachineCode.writeConstant(allocator, inner, i);
            assertThat(allocator.query(inner.rx())).contains(inner);
            MachineCode.writeConstant(allocator, span, i);
            try (WriteScope scope = allocator.openWriteScope(POLICY)) {
              scope.write(inner, 512, MemorySegment.ofArray(MachineCode.constant(-i)));
            }
          }
          MemorySegment last = MemorySegment.ofArray(MachineCode.constant(4711));
          target.asSlice(0, last.byteSize()).copyFrom(last);
          return last.byteSize();
        },
        POLICY);
    assertThat(MachineCode.run(allocator, span)).isEqualTo(4711);
    assertThat(span.byteSize()).isEqualTo(64);
    for (int i = 0; i < 200; i++) {
      assertThat(MachineCode.run(allocator, allocated.get(i))).isEqualTo(i);
    }
    allocated.forEach(Span::close);
    checkUsable();
  }

  @Test
  void writerThatReleasesItsSpanHarmsNoOtherSpan() {
    Span neighbour = allocator.alloc(1000);
    MachineCode.writeConstant(allocator, neighbour, 5);
    Throwable outcome =
        catchThrowable(
            () ->
                allocator.write(
                    span,
                    _ -> {
                      span.close();
                      return 1;
                    },
                    POLICY));
    assertThat(outcome)
        .satisfiesAnyOf(
            nothing -> assertThat(nothing).isNull(),
            refusal -> assertThat(refusal).isInstanceOf(IllegalStateException.class));
    assertThat(MachineCode.run(allocator, neighbour)).isEqualTo(5);
    span.close();
    assertThat(allocator.statistics().spanCount()).isEqualTo(1);
    assertThat(allocator.statistics().usedBytes()).isEqualTo(1024);
    checkUsable();
  }

  @Test
  void writerThatReusesTheMemoryOfItsSpanDoesNotShrinkTheNewOwner() {
    Span neighbour = allocator.alloc(64);
    List<Span> owners = new ArrayList<>();
    Throwable ignored =
        catchThrowable(
            () ->
                allocator.write(
                    span,
                    _ -> {
                      span.close();
                      owners.add(allocator.alloc(1000));
                      return 1;
                    },
                    POLICY));
    assertThat(ignored)
        .satisfiesAnyOf(
            nothing -> assertThat(nothing).isNull(),
            refusal -> assertThat(refusal).isInstanceOf(IllegalStateException.class));
    for (Span owner : owners) {
      assertThat(owner.byteSize()).isEqualTo(1024);
    }
    assertThat(neighbour.isLive()).isTrue();
    checkUsable();
  }

  @Test
  void writerThatResetsTheAllocatorLeavesItUsable() {
    Throwable outcome =
        catchThrowable(
            () ->
                allocator.write(
                    span,
                    _ -> {
                      allocator.reset(ResetPolicy.HARD);
                      return 1;
                    },
                    POLICY));
    assertThat(outcome)
        .satisfiesAnyOf(
            nothing -> assertThat(nothing).isNull(),
            refusal -> assertThat(refusal).isInstanceOf(IllegalStateException.class));
    allocator.reset(ResetPolicy.HARD);
    assertThat(allocator.statistics().spanCount()).isZero();
    checkUsable();
  }

  @Test
  void spanWrittenByAScopeMayEndBeforeTheScope() {
    try (WriteScope scope = allocator.openWriteScope(CachePolicy.FLUSH_AFTER_WRITE)) {
      for (int i = 0; i < 100; i++) {
        Span written = allocator.alloc(10_000);
        scope.write(written, 0, MemorySegment.ofArray(MachineCode.constant(i)));
        written.close();
      }
      scope.flush();
      Span written = allocator.alloc(300_000);
      scope.write(written, 0, MemorySegment.ofArray(MachineCode.constant(1)));
      allocator.reset(ResetPolicy.HARD);
    }
    checkUsable();
  }

  @Test
  void scopeThatIsNeverClosedHindersNoOtherCall() {
    WriteScope forgotten = allocator.openWriteScope(POLICY);
    forgotten.write(span, 0, MemorySegment.ofArray(MachineCode.constant(3)));
    checkUsable();
    allocator.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> forgotten.write(span, 0, MemorySegment.ofArray(new byte[1])));
    forgotten.close();
  }

  private void checkUsable() {
    Figures before = Figures.of(allocator);
    Span other = allocator.alloc(100);
    MachineCode.writeConstant(allocator, other, 12);
    assertThat(MachineCode.run(allocator, other)).isEqualTo(12);
    other.close();
    assertThat(Figures.of(allocator).spanCount()).isEqualTo(before.spanCount());
    assertThat(Figures.of(allocator).usedBytes()).isEqualTo(before.usedBytes());
  }
}
