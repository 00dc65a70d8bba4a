// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.Statistics;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.impl.DefaultJitRuntimeFactory;
import com.example.jitmem.impl.allocator.AllocatorView;
import com.example.jitmem.impl.allocator.OwnedAllocator;
import com.example.jitmem.impl.allocator.SelfChecks;
import com.example.jitmem.impl.allocator.SharedAllocator;
import com.example.jitmem.impl.allocator.TestAllocators;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// An allocator with live spans of all kinds, each with code of its own, and a runtime on it.
final class AllocatorStage extends Stage {
  static final FunctionDescriptor TYPE = FunctionDescriptor.of(ValueLayout.JAVA_INT);

  private final JitAllocatorParameters parameters;
  private final SharedAllocator shared;
  private final AllocatorView view;
  private final JitRuntime runtime;
  private final List<Other> others = new ArrayList<>();
  private final List<Live> live = new ArrayList<>();
  private @Nullable Figures before;

  /// What is checked of an allocator that operations end.
  private record Other(Supplier<Statistics> statistics, Runnable selfCheck) {
    Statistics figures() {
      return statistics.get();
    }
  }

  /// A span whose code returns a value.
  private record Live(Span span, int value) {}

  /// Figures that a refused operation does not change.
  private record Figures(long spans, long usedBytes, long ownSpans, long ownUsedBytes) {
    static Figures of(Statistics statistics) {
      return new Figures(
          statistics.spanCount(),
          statistics.usedBytes(),
          statistics.ownSpanCount(),
          statistics.ownUsedBytes());
    }
  }

  AllocatorStage(FaultySystem system, JitAllocatorParameters parameters) {
    super(system);
    this.parameters = parameters;
    shared = TestAllocators.shared(system.memory(), parameters);
    atEnd(shared::retire);
    view = shared.openView("the stage");
    runtime = new DefaultJitRuntimeFactory().create(view);
    if (!shared.codeWriting().equals(system.mode().way())) {
      throw new AssertionError("Written by " + shared.codeWriting());
    }
    Arena arena = newArena();
    enliven(closedAtEnd(view.alloc(64)));
    enliven(closedAtEnd(view.alloc(70_000)));
    enliven(view.alloc(1_000, arena));
    JitFunction function = runtime.add(system.code(99), TYPE, AllocatorOperations.UNCHECKED);
    atEnd(function::close);
    live.add(new Live(function.span(), 99));
  }

  private void enliven(Span span) {
    int value = 42 + live.size();
    view.write(span, 0, system().code(value), CachePolicy.DEFAULT);
    live.add(new Live(span, value));
  }

  JitAllocatorParameters parameters() {
    return parameters;
  }

  SharedAllocator shared() {
    return shared;
  }

  AllocatorView view() {
    return view;
  }

  JitRuntime runtime() {
    return runtime;
  }

  /// A span of 70,000 bytes with code.
  Span second() {
    return live.get(1).span();
  }

  /// Another allocator with the same parameters and no span.
  OwnedAllocator anotherAllocator() {
    OwnedAllocator other = TestAllocators.owned(system().memory(), parameters);
    others.add(new Other(other::statistics, () -> SelfChecks.of(other)));
    atEnd(other::close);
    return other;
  }

  /// Another allocator for several users with the same parameters and no span.
  SharedAllocator anotherShared() {
    SharedAllocator other = TestAllocators.shared(system().memory(), parameters);
    others.add(new Other(other::statistics, () -> SelfChecks.of(other)));
    atEnd(other::retire);
    return other;
  }

  Span closedAtEnd(Span span) {
    atEnd(span::close);
    return span;
  }

  /* Asking for figures gives memory back that is due, so that comes first. */
  @Override
  void remember() {
    before = Figures.of(view.statistics());
    others.forEach(Other::figures);
    super.remember();
  }

  @Override
  void requireUnchanged() {
    Figures after = Figures.of(view.statistics());
    others.forEach(Other::figures);
    super.requireUnchanged();
    if (!after.equals(Objects.requireNonNull(before))) {
      throw new AssertionError("Figures changed from " + before + " to " + after);
    }
  }

  @Override
  void requireSound(boolean takesBack) {
    SelfChecks.of(shared);
    others.forEach(other -> other.selfCheck().run());
    requireMapped(takesBack);
    for (Live one : live) {
      int found = system().run(one.span().rx());
      if (found != one.value()) {
        throw new AssertionError("Code of " + one + " returns " + found);
      }
    }
  }

  /// Compares the committed memory of the statistics with what is mapped.
  private void requireMapped(boolean takesBack) {
    Statistics statistics = shared.statistics();
    long reserved = statistics.reservedBytes();
    long addresses = statistics.addressSpaceBytes();
    for (Other other : others) {
      statistics = other.figures();
      reserved += statistics.reservedBytes();
      addresses += statistics.addressSpaceBytes();
    }
    system().mode().requireMapped(system().lines(), reserved, addresses, takesBack);
  }

  @Override
  void proceed() {
    for (long byteSize : new long[] {64, 5_000, 200_000}) {
      Span span = view.alloc(byteSize);
      MemorySegment code = system().code((int) byteSize);
      view.write(span, 0, code, CachePolicy.DEFAULT);
      if (system().run(span.rx()) != byteSize) {
        throw new AssertionError("New code does not run");
      }
      span.close();
    }
    SelfChecks.of(shared);
  }
}
