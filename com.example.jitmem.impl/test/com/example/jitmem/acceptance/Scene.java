// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_DUAL_MAPPING;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.testing.Figures;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.OtherThread;
import com.example.jitmem.testing.Services;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What wrong calls are made with: an allocator with live spans, an ended one, and things that do
/// not belong to it.
final class Scene implements AutoCloseable {
  private static final int LIVE_VALUE = 42;
  private static final int ARENA_VALUE = 43;

  final OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING);
  final OwnedJitAllocator other = Services.allocator(USE_DUAL_MAPPING);
  final OwnedJitAllocator closed = Services.allocator(USE_DUAL_MAPPING);

  /// A live span of 192 bytes.
  final Span live = allocator.alloc(192);

  final Arena arena = Arena.ofShared();
  final Span arenaSpan = allocator.alloc(192, arena);
  final Span ended = allocator.alloc(192);
  final MemorySegment endedRx = ended.rx();
  final Span foreign = other.alloc(192);
  final Span ofClosed = closed.alloc(192);
  final MemorySegment ofClosedRx = ofClosed.rx();

  /// A span of another implementation.
  final Span impostor = proxy(Span.class);

  /// An allocator of another implementation.
  final JitAllocator impostorAllocator = proxy(JitAllocator.class);

  final Arena closedArena = Arena.ofShared();
  final MemorySegment closedSegment = closedArena.allocate(16);

  /// Belongs to a thread that has ended.
  final Arena confinedElsewhere = OtherThread.call(Arena::ofConfined);

  final MemorySegment segmentElsewhere = OtherThread.call(() -> Arena.ofConfined().allocate(16));

  final MemorySegment bytes = MemorySegment.ofArray(new byte[16]);

  /// Functions that end with the scene.
  final List<JitFunction> functions = new ArrayList<>();

  private final Figures before;

  /// The calls that are refused, which may add to the scene as they are prepared.
  final List<RefusedCall> calls;

  Scene() {
    MachineCode.writeConstant(allocator, live, LIVE_VALUE);
    MachineCode.writeConstant(allocator, arenaSpan, ARENA_VALUE);
    closed.close();
    closedArena.close();
    raisePeaks();
    calls = prepareCalls();
    ended.close();
    before = Figures.of(allocator);
  }

  /// Checks that nothing has changed since the scene was set.
  void checkUnchanged() {
    assertThat(Figures.of(allocator)).isEqualTo(before);
    assertThat(other.statistics().spanCount()).isEqualTo(1);
    assertThat(live.isLive() && arenaSpan.isLive() && foreign.isLive()).isTrue();
    assertThat(live.byteSize()).isEqualTo(192);
    assertThat(MachineCode.run(allocator, live)).isEqualTo(LIVE_VALUE);
    assertThat(MachineCode.run(allocator, arenaSpan)).isEqualTo(ARENA_VALUE);
    assertThat(allocator.query(live.rx())).contains(live);
    assertThat(allocator.query(arenaSpan.rx())).contains(arenaSpan);
  }

  /// A refused call may hold a span for a moment; the peaks shall not show it.
  private void raisePeaks() {
    Stream.generate(() -> allocator.alloc(1024)).limit(20).toList().forEach(Span::close);
  }

  private List<RefusedCall> prepareCalls() {
    RefusedCall.Table table = new RefusedCall.Table();
    AllocatorCalls.addTo(table, this);
    WriteCalls.addTo(table, this);
    VirtMemCalls.addTo(table, this);
    RuntimeCalls.addTo(table, this);
    ParameterCalls.addTo(table);
    return table.calls();
  }

  private static <T> T proxy(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, _) -> {
              if (method.getName().equals("toString")) {
                return "impostor";
              }
              throw new UnsupportedOperationException(method.getName());
            }));
  }

  @Override
  public void close() {
    arena.close();
    functions.forEach(JitFunction::close);
    allocator.close();
    other.close();
  }
}
