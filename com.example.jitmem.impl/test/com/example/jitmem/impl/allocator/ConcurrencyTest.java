// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.impl.memory.FakeCodeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Threads that allocate, write, verify, shrink and release at once, with an oracle that sees every
/// overlap: a span is entered after it was allocated and removed before it is released.
class ConcurrencyTest {
  private static final int THREADS = 4;
  private static final int OPS = Math.min(300_000, Integer.getInteger("jitmem.test.ops", 2000));

  private final ConcurrentSkipListMap<Long, Long> endsByStart = new ConcurrentSkipListMap<>();

  static Stream<JitAllocatorParameters> configurations() {
    JitAllocatorParameters defaults = JitAllocatorParameters.defaults();
    return Stream.of(
        defaults,
        defaults.with(JitAllocatorOption.IMMEDIATE_RELEASE),
        defaults.with(JitAllocatorOption.FILL_UNUSED_MEMORY, JitAllocatorOption.USE_MULTIPLE_POOLS),
        defaults.with(JitAllocatorOption.FILL_UNUSED_MEMORY, JitAllocatorOption.IMMEDIATE_RELEASE));
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void threadsNeverGetTheSameMemory(JitAllocatorParameters parameters) throws Exception {
    FakeCodeMemory memory = new FakeCodeMemory();
    SharedAllocator shared = new SharedAllocator(memory, parameters);
    long seed = System.nanoTime();
    inThreads(
        i -> {
          AllocatorView view = shared.openView("thread " + i);
          return () -> run(memory, shared, view, new Random(seed + i));
        });
    assertThat(memory.violations).as("seed " + seed).isEmpty();
    SelfCheck.of(shared.core());
    assertThat(shared.statistics().spanCount()).isZero();
    assertThat(shared.statistics().reservedBytes()).isEqualTo(memory.committedBytes());
    assertThat(shared.statistics().drainingBytes()).isZero();
    shared.retire();
    assertThat(memory.regions).isEmpty();
  }

  private static void inThreads(IntFunction<Runnable> work) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> runs = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        runs.add(threads.submit(work.apply(i)));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    }
  }

  /* Without queries or other views regions stay plain, so that releases are buffered. */
  @Test
  void threadsThatShareAViewNeverGetTheSameMemory() throws Exception {
    FakeCodeMemory memory = new FakeCodeMemory();
    SharedAllocator shared = new SharedAllocator(memory, JitAllocatorParameters.defaults());
    shared.core().releases.takeAll();
    AllocatorView view = shared.openView("all");
    long seed = System.nanoTime();
    inThreads(i -> () -> allocateAndReleaseMany(memory, view, new Random(seed + i)));
    assertThat(memory.violations).as("seed " + seed).isEmpty();
    SelfCheck.of(shared.core());
    assertThat(shared.statistics().spanCount()).isZero();
    assertThat(shared.statistics().reservedBytes()).isEqualTo(memory.committedBytes());
  }

  private void allocateAndReleaseMany(FakeCodeMemory memory, AllocatorView view, Random random) {
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < OPS; i++) {
      spans.add(alloc(view, random));
      if (spans.size() == 40) {
        Collections.shuffle(spans, random);
        spans.subList(0, random.nextInt(30)).forEach(span -> shrink(view, span));
        spans.forEach(span -> verifyMark(memory, span));
        spans.forEach(span -> endsByStart.remove(span.rx().address()));
        spans.forEach(Span::close);
        spans.clear();
      }
    }
    spans.forEach(Span::close);
  }

  private void shrink(AllocatorView view, Span span) {
    long start = span.rx().address();
    endsByStart.put(start, start + 64);
    view.shrink(span, 64);
    assertThat(span.byteSize()).isEqualTo(64);
  }

  @Test
  void aSpanClosedByManyThreadsEndsOnce() throws Exception {
    FakeCodeMemory memory = new FakeCodeMemory();
    AllocatorView view =
        new SharedAllocator(memory, JitAllocatorParameters.defaults()).openView("one");
    Span neighbour = view.alloc(64);
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      for (int round = 0; round < 500; round++) {
        Span span = view.alloc(64);
        CyclicBarrier start = new CyclicBarrier(THREADS);
        List<Future<?>> closings = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
          closings.add(
              threads.submit(
                  () -> {
                    start.await();
                    span.close();
                    return null;
                  }));
        }
        for (Future<?> closing : closings) {
          closing.get();
        }
        assertThat(view.statistics().spanCount()).isEqualTo(1);
      }
    }
    SelfCheck.of(view.core());
    assertThat(neighbour.isLive()).isTrue();
    assertThat(memory.violations).isEmpty();
  }

  private void run(
      FakeCodeMemory memory, SharedAllocator shared, AllocatorView view, Random random) {
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < OPS; i++) {
      int dice = random.nextInt(100);
      if (dice == 0) {
        useGroup(view, random);
      } else if (dice == 1) {
        JitAllocatorParameters parameters = shared.requestedParameters();
        shared.reconfigure(
            parameters.withBlockByteSize(parameters.blockByteSize() == 65536 ? 131072 : 65536));
      } else if (dice < 55 || spans.isEmpty()) {
        spans.add(alloc(view, random));
      } else {
        release(memory, view, spans.remove(random.nextInt(spans.size())), random);
      }
    }
    for (Span span : spans) {
      release(memory, view, span, random);
    }
    view.reset(ResetPolicy.HARD);
  }

  private Span alloc(AllocatorView view, Random random) {
    Span span = view.alloc(16 + random.nextInt(random.nextInt(30) == 0 ? 200_000 : 2000));
    enter(span);
    view.write(span, 0, mark(span), CachePolicy.DEFAULT);
    return span;
  }

  private void release(FakeCodeMemory memory, AllocatorView view, Span span, Random random) {
    long address = span.rx().address();
    verifyMark(memory, span);
    assertThat(view.query(span.rx())).contains(span);
    endsByStart.remove(address);
    if (random.nextInt(4) == 0) {
      view.shrink(span, 1);
    }
    span.close();
  }

  private void useGroup(AllocatorView view, Random random) {
    try (CodeGroup group = view.openGroup()) {
      for (int i = 0; i < 5; i++) {
        Span span = group.alloc(1 + random.nextInt(3000));
        view.write(span, 0, mark(span), CachePolicy.DEFAULT);
      }
    }
  }

  private static void verifyMark(FakeCodeMemory memory, Span span) {
    assertThat(memory.read(span.rx().address(), 8))
        .isEqualTo(mark(span).toArray(ValueLayout.JAVA_BYTE));
  }

  private void enter(Span span) {
    long start = span.rx().address();
    long end = start + span.byteSize();
    assertThat(endsByStart.put(start, end)).isNull();
    Map.Entry<Long, Long> before = endsByStart.lowerEntry(start);
    assertThat(before == null || before.getValue() <= start).as("overlap below").isTrue();
    Map.Entry<Long, Long> after = endsByStart.higherEntry(start);
    assertThat(after == null || end <= after.getKey()).as("overlap above").isTrue();
  }

  private static MemorySegment mark(Span span) {
    long address = span.rx().address();
    byte[] bytes = new byte[8];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) ((address * 0x9E3779B97F4A7C15L) >> (8 * i));
    }
    return MemorySegment.ofArray(bytes);
  }
}
