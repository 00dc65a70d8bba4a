// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static com.example.jitmem.api.allocator.JitAllocatorOption.FILL_UNUSED_MEMORY;
import static com.example.jitmem.api.allocator.JitAllocatorOption.IMMEDIATE_RELEASE;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_DUAL_MAPPING;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_MULTIPLE_POOLS;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.WriteScope;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.HardenedRuntimeInfo.RefusedWay;
import com.example.jitmem.impl.DefaultJitAllocatorFactory;
import com.example.jitmem.impl.os.LedgerCalls;
import com.example.jitmem.testing.ProcessMaps;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The allocator where nothing can be mapped twice.
class SealedAllocatorTest {
  private static final long PAGE = 4096;
  private static final String EXECUTABLE = "r-xp";

  private final TestSystem system = new TestSystem();

  SealedAllocatorTest() {
    system.calls.refuse(TestSystem.EACCES, TestSystem.named("mremap", "memfd_create", "mkostemp"));
  }

  @AfterEach
  void nothingIsLeftMapped() {
    assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
  }

  private OwnedJitAllocator allocator(JitAllocatorOption... options) {
    EnumSet<JitAllocatorOption> all = EnumSet.of(USE_DUAL_MAPPING);
    all.addAll(List.of(options));
    return new DefaultJitAllocatorFactory(new SystemCodeMemorySource(() -> system.ways))
        .create(JitAllocatorParameters.defaults().withOptions(all));
  }

  private void write(OwnedJitAllocator allocator, Span span, int value) {
    allocator.write(span, 0, system.code(value), CachePolicy.DEFAULT);
  }

  private long protections() {
    return system.calls.made().stream().filter("mprotect"::equals).count();
  }

  @Test
  void whatIsInEffectIsTold() {
    try (OwnedJitAllocator allocator = allocator()) {
      assertThat(allocator.codeWriting()).isEqualTo(new CodeWriting.WriteThenSeal());
      assertThat(allocator.requestedParameters().hasOption(USE_DUAL_MAPPING)).isTrue();
      assertThat(allocator.parameters().hasOption(USE_DUAL_MAPPING)).isFalse();
      assertThat(allocator.refusedWays())
          .extracting(RefusedWay::way)
          .containsExactly(Arrays.copyOfRange(TestSystem.allWays(), 1, 5));
    }
  }

  @Test
  void spansHavePagesOfTheirOwn() {
    try (OwnedJitAllocator allocator = allocator(USE_MULTIPLE_POOLS)) {
      for (int i = 1; i < 100; i++) {
        Span span = allocator.alloc(i * 100L);
        assertThat(span.rx().address() % PAGE).isZero();
        assertThat(span.byteSize() % PAGE).isZero();
      }
      allocator.reset(ResetPolicy.HARD);
    }
  }

  @Test
  void aScopeWritesManySpansWithTwoChangesOfProtection() {
    try (OwnedJitAllocator allocator = allocator()) {
      List<Span> spans = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        spans.add(allocator.alloc(64));
      }
      long before = protections();
      try (WriteScope scope = allocator.openWriteScope(CachePolicy.DEFAULT)) {
        for (int i = 0; i < 10; i++) {
          scope.write(spans.get(i), 0, system.code(i));
          scope.write(spans.get(i), target -> 6);
        }
        assertThat(protections()).isEqualTo(before);
      }
      assertThat(protections()).isEqualTo(before + 2);
      for (int i = 0; i < 10; i++) {
        assertThat(system.run(spans.get(i).rx())).isEqualTo(i);
      }
      allocator.reset(ResetPolicy.HARD);
    }
  }

  @Test
  void randomSpansKeepTheirCodeAndFreeMemoryIsFilled() {
    SplittableRandom random = new SplittableRandom(4);
    try (OwnedJitAllocator allocator = allocator(FILL_UNUSED_MEMORY, IMMEDIATE_RELEASE)) {
      List<Span> spans = new ArrayList<>();
      for (int i = 0; i < 2_000; i++) {
        if (spans.size() < 40 && random.nextBoolean()) {
          Span span = allocator.alloc(1 + random.nextInt(40_000));
          assertThat(span.rx().get(ValueLayout.JAVA_INT, 0))
              .isEqualTo(system.os.facts().processor().trapPattern());
          write(allocator, span, span.hashCode());
          allocator.shrink(span, 1 + random.nextLong(span.byteSize()));
          spans.add(span);
        } else if (!spans.isEmpty()) {
          Span span = spans.remove(random.nextInt(spans.size()));
          assertThat(system.run(span.rx())).isEqualTo(span.hashCode());
          span.close();
        }
      }
      for (Span span : spans) {
        assertThat(system.run(span.rx())).isEqualTo(span.hashCode());
        assertThat(ProcessMaps.accessTo(span.rx().address(), span.byteSize()))
            .isEqualTo(EXECUTABLE);
      }
      allocator.reset(ResetPolicy.HARD);
      assertThat(allocator.statistics().reservedBytes()).isZero();
    }
  }
}
