// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.allocator.WriteScope;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.log.LoggerNames;
import com.example.jitmem.impl.memory.FakeCodeMemory;
import com.example.jitmem.impl.memory.FakeCodeMemory.Call;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every call to the port is refused once, in every operation: nothing leaks, nothing is half done.
class FaultTest {
  private static final MemorySegment CODE = MemorySegment.ofArray(new byte[] {1, 2, 3, 4});
  private static final Logger LOG = Logger.getLogger(LoggerNames.ALLOCATOR);

  /// Where there is no region yet.
  private static final Vicinity FAR = Vicinity.of(MemorySegment.ofAddress(0x2000_0000_0000L));

  private FakeCodeMemory memory = new FakeCodeMemory();

  /// One operation on an allocator with a few spans, two of them given.
  @FunctionalInterface
  interface Operation {
    void run(OwnedAllocator allocator, Span first, Span second);
  }

  private static final Map<String, Operation> OPERATIONS =
      Map.of(
          "alloc with growth",
          (allocator, first, second) -> allocator.alloc(300_000),
          "alloc in a new region",
          (allocator, first, second) -> allocator.alloc(100L << 20),
          "alloc near an anchor",
          (allocator, first, second) -> allocator.alloc(SpanRequest.of(64).withVicinity(FAR)),
          "alloc with alignment",
          (allocator, first, second) ->
              allocator.alloc(SpanRequest.of(5000).withByteAlignment(1 << 20)),
          "alloc with an arena",
          (allocator, first, second) -> {
            try (Arena arena = Arena.ofConfined()) {
              allocator.alloc(200_000, arena);
            }
          },
          "release",
          (allocator, first, second) -> first.close(),
          "shrink",
          (allocator, first, second) -> allocator.shrink(first, 1),
          "write",
          (allocator, first, second) -> allocator.write(first, 0, CODE, CachePolicy.DEFAULT),
          "write with a function",
          (allocator, first, second) -> allocator.write(first, rw -> 64L, CachePolicy.DEFAULT),
          "write in a scope",
          (allocator, first, second) -> {
            try (WriteScope scope = allocator.openWriteScope(CachePolicy.DEFAULT)) {
              scope.write(first, 0, CODE);
              scope.flush();
              scope.write(second, rw -> 64L);
            }
          });

  static Stream<String> operations() {
    return OPERATIONS.keySet().stream().sorted();
  }

  static Stream<JitAllocatorParameters> configurations() {
    return Configurations.all();
  }

  @BeforeAll
  static void expectWarnings() {
    LOG.setLevel(Level.OFF);
  }

  @AfterAll
  static void showWarnings() {
    LOG.setLevel(null);
  }

  @AfterEach
  void noCallBrokeThePort() {
    assertThat(memory.violations).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("operations")
  void anOperationSucceedsOrChangesNothing(String name) {
    int refused = 0;
    for (JitAllocatorParameters parameters : configurations().toList()) {
      int k = 1;
      while (failing(name, parameters, k)) {
        k++;
      }
      refused += k - 1;
    }
    assertThat(refused).as("calls refused").isPositive();
  }

  private boolean failing(String name, JitAllocatorParameters parameters, int k) {
    memory = new FakeCodeMemory();
    OwnedAllocator allocator = TestAllocators.owned(memory, parameters);
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      spans.add(allocator.alloc(70_000));
    }
    long used = allocator.statistics().usedBytes();
    boolean failed = false;
    memory.failCall(k);
    try {
      Objects.requireNonNull(OPERATIONS.get(name)).run(allocator, spans.get(0), spans.get(1));
    } catch (VirtMemException e) {
      failed = true;
      assertThat(allocator.statistics().spanCount()).isEqualTo(3);
    }
    boolean refused = memory.callCount() >= k;
    memory.failNothing();
    SelfCheck.of(allocator.core());
    assertThat(allocator.statistics().reservedBytes()).isEqualTo(memory.committedBytes());
    assertThat(spans.get(2).isLive()).isTrue();
    if (failed) {
      assertThat(allocator.statistics().usedBytes()).isEqualTo(used);
    }
    checkFilled(allocator);
    allocator.reset(ResetPolicy.HARD);
    assertThat(memory.regions).isEmpty();
    assertThat(allocator.statistics().reservedBytes()).isZero();
    allocator.close();
    assertThat(memory.violations).isEmpty();
    return refused;
  }

  /// With the option, new spans hold the pattern whatever has failed before.
  private void checkFilled(OwnedAllocator allocator) {
    if (allocator.parameters().hasOption(JitAllocatorOption.FILL_UNUSED_MEMORY)) {
      for (int i = 0; i < 20; i++) {
        Span span = allocator.alloc(20_000);
        assertThat(memory.read(span.rx().address(), (int) span.byteSize()))
            .containsOnly((byte) FakeCodeMemory.TRAP);
      }
      SelfCheck.of(allocator.core());
    }
  }

  @Test
  void aFailedAllocIsCountedAndReservesNothing() {
    OwnedAllocator allocator = TestAllocators.owned(memory, JitAllocatorParameters.defaults());
    for (Call call : new Call[] {Call.RESERVE, Call.COMMIT}) {
      memory.failEvery(call);
      assertThatThrownBy(() -> allocator.alloc(64)).isInstanceOf(VirtMemException.class);
    }
    assertThat(allocator.statistics().failureCount()).isEqualTo(2);
    assertThat(memory.regions).isEmpty();
    memory.failNothing();
    assertThat(allocator.alloc(64).isLive()).isTrue();
  }

  @Test
  void regionsAreHalvedWhereAddressSpaceIsScarce() {
    OwnedAllocator allocator = TestAllocators.owned(memory, JitAllocatorParameters.defaults());
    memory.maxRegion = 1 << 20;
    allocator.alloc(64);
    assertThat(allocator.statistics().addressSpaceBytes()).isEqualTo(1 << 20);
    assertThatThrownBy(() -> allocator.alloc(2 << 20))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> assertThat(e.reason()).isEqualTo(VirtMemException.Reason.OUT_OF_MEMORY));
    for (int i = 0; i < 40; i++) {
      allocator.alloc(100_000);
    }
    SelfCheck.of(allocator.core());
  }

  @Test
  void releaseSucceedsWhenTheSystemTakesNothingBack() {
    OwnedAllocator allocator = TestAllocators.owned(memory, JitAllocatorParameters.defaults());
    Span anchor = allocator.alloc(64);
    Span large = allocator.alloc(1 << 20);
    long reserved = allocator.statistics().reservedBytes();
    memory.failEvery(Call.DECOMMIT);
    large.close();
    assertThat(allocator.statistics().spanCount()).isEqualTo(1);
    assertThat(allocator.statistics().reservedBytes()).isEqualTo(reserved);
    SelfCheck.of(allocator.core());
    Span again = allocator.alloc(1 << 20);
    assertThat(allocator.statistics().reservedBytes()).as("used again").isEqualTo(reserved);
    memory.failNothing();
    again.close();
    assertThat(allocator.statistics().blockCount()).isLessThanOrEqualTo(2);
    assertThat(anchor.isLive()).isTrue();
  }

  @Test
  void memoryThatCannotBeFilledIsSetAsideUntilItCan() {
    OwnedAllocator allocator =
        TestAllocators.owned(
            memory, JitAllocatorParameters.defaults().with(JitAllocatorOption.FILL_UNUSED_MEMORY));
    Span anchor = allocator.alloc(64);
    Span released = allocator.alloc(1024);
    long address = released.rx().address();
    allocator.write(released, 0, CODE, CachePolicy.DEFAULT);
    memory.failEvery(Call.FILL);
    released.close();
    assertThat(allocator.statistics().usedBytes()).isEqualTo(64);
    SelfCheck.of(allocator.core());
    assertThat(allocator.alloc(1024).rx().address()).isNotEqualTo(address);
    assertThatThrownBy(() -> allocator.alloc(1 << 20)).isInstanceOf(VirtMemException.class);
    memory.failNothing();
    allocator.alloc(1 << 20);
    assertThat(memory.read(address, 4)).containsOnly((byte) FakeCodeMemory.TRAP);
    assertThat(allocator.alloc(1024).rx().address()).isEqualTo(address);
    assertThat(anchor.isLive()).isTrue();
  }

  @Test
  void neitherFilledNorTakenBackMemoryIsUsedOnceItIsFilled() {
    OwnedAllocator allocator =
        TestAllocators.owned(
            memory, JitAllocatorParameters.defaults().with(JitAllocatorOption.FILL_UNUSED_MEMORY));
    allocator.alloc(64);
    memory.fail(
        (call, n) ->
            call == Call.FILL || call == Call.DECOMMIT ? VirtMemException.Reason.OTHER : null);
    assertThatThrownBy(() -> allocator.alloc(1 << 20)).isInstanceOf(VirtMemException.class);
    SelfCheck.of(allocator.core());
    assertThat(allocator.statistics().reservedBytes()).isEqualTo(memory.committedBytes());
    memory.failNothing();
    Span span = allocator.alloc(900_000);
    assertThat(allocator.statistics().reservedBytes()).isEqualTo(memory.committedBytes());
    assertThat(memory.read(span.rx().address(), 900_000)).containsOnly((byte) FakeCodeMemory.TRAP);
    SelfCheck.of(allocator.core());
  }
}
