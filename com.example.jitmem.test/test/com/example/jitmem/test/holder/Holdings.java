// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test.holder;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.allocator.WriteScope;
import com.example.jitmem.api.runtime.CallSafety;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.virtmem.CachePolicy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/// What a bundle holds of the component: thousands of spans, groups, allocators of its own, write
/// scopes that are open, and functions, one of which is running.
final class Holdings {
  private static final int SPANS = 3001;
  private static final int GROUPS = 20;
  private static final int OWNED = 5;
  private static final long TIMEOUT_SECONDS = 20;

  private final JitAllocator allocator;
  private final JitRuntime runtime;
  private final List<Span> spans = new ArrayList<>();
  private final List<CodeGroup> groups = new ArrayList<>();
  private final List<OwnedJitAllocator> owned = new ArrayList<>();
  private final List<Span> ownedSpans = new ArrayList<>();
  private final List<CodeGroup> ownedGroups = new ArrayList<>();
  private final List<JitFunction> functions = new ArrayList<>();
  private final WriteScope scope;
  private final WriteScope scopeOfOwned;
  private final Span written;
  private final Span writtenOfOwned;
  private final MemorySegment mayReturn = Arena.ofAuto().allocate(ValueLayout.JAVA_INT);
  private final JitFunction waiting;
  private final FutureTask<Integer> call;

  Holdings(Services services) throws Exception {
    runtime = services.runtime();
    allocator = runtime.allocator();
    for (int i = 0; i < SPANS; i++) {
      spans.add(place(allocator, i));
    }
    for (int i = 0; i < GROUPS; i++) {
      CodeGroup group = allocator.openGroup();
      group.alloc(100);
      group.alloc(SpanRequest.of(5000).withName("held"));
      groups.add(group);
    }
    for (int i = 0; i < OWNED; i++) {
      OwnedJitAllocator another = services.allocators().create();
      ownedSpans.add(place(another, i));
      CodeGroup group = another.openGroup();
      group.alloc(64);
      ownedGroups.add(group);
      owned.add(another);
    }
    for (CallSafety safety : CallSafety.values()) {
      int number = functions.size();
      functions.add(
          runtime.add(
              MemorySegment.ofArray(code(number)),
              NativeCode.CONSTANT,
              FunctionOptions.defaults().withSafety(safety).withName("held")));
    }
    written = allocator.alloc(64);
    scope = allocator.openWriteScope(CachePolicy.DEFAULT);
    scope.write(written, 0, MemorySegment.ofArray(code(1)));
    writtenOfOwned = owned.getFirst().alloc(64);
    scopeOfOwned = owned.getFirst().openWriteScope(CachePolicy.FLUSH_AFTER_WRITE);
    scopeOfOwned.write(writtenOfOwned, 0, MemorySegment.ofArray(code(1)));
    waiting = runtime.add(NativeCode.waiting(runtime.architecture()), NativeCode.WAITING);
    CountDownLatch begun = new CountDownLatch(1);
    call =
        new FutureTask<>(
            () -> {
              begun.countDown();
              return invoke(waiting, mayReturn);
            });
    Thread.ofPlatform().daemon().start(call);
    Checks.that(begun.await(TIMEOUT_SECONDS, TimeUnit.SECONDS), "The call begins");
  }

  /// Uses what is held and ends all of it, when the component is gone.
  void useAndEnd() throws Throwable {
    for (int i = 0; i < SPANS; i++) {
      Checks.equal(call(spans.get(i)), i % 1000);
    }
    for (JitFunction function : functions) {
      Checks.equal((int) function.handle().invokeExact(), functions.indexOf(function));
    }
    Checks.that(allocator.statistics().ownSpanCount() >= SPANS, "The account is there");
    writeOn();
    Checks.thrown(IllegalStateException.class, () -> allocator.alloc(64));
    endCalls();
    endSpans();
    for (CodeGroup group : groups) {
      group.close();
      Checks.that(!group.arena().scope().isAlive(), "A group that is closed has ended");
    }
    Checks.equal(allocator.statistics().ownSpanCount(), 0L);
    endOwned();
    Checks.equal(Mappings.held(), List.of());
  }

  private void writeOn() throws Throwable {
    allocator.write(
        written,
        target -> target.copyFrom(MemorySegment.ofArray(code(2))).byteSize(),
        CachePolicy.DEFAULT);
    Checks.equal(call(written), 2);
    scope.write(written, 0, MemorySegment.ofArray(code(3)));
    scope.flush();
    Checks.equal(call(written), 3);
    scope.write(written, target -> target.copyFrom(MemorySegment.ofArray(code(4))).byteSize());
    scope.close();
    Checks.equal(call(written), 4);
    try (WriteScope another = allocator.openWriteScope(CachePolicy.FLUSH_AFTER_WRITE)) {
      another.write(written, 0, MemorySegment.ofArray(code(5)));
    }
    Checks.equal(call(written), 5);
    scopeOfOwned.write(writtenOfOwned, 0, MemorySegment.ofArray(code(6)));
    scopeOfOwned.close();
    Checks.equal(call(writtenOfOwned), 6);
  }

  private void endCalls() throws Exception {
    Checks.thrown(IllegalStateException.class, waiting::close);
    mayReturn.set(ValueLayout.JAVA_INT, 0, 1);
    Checks.equal(call.get(TIMEOUT_SECONDS, TimeUnit.SECONDS), NativeCode.WAITED);
    waiting.close();
    functions.forEach(JitFunction::close);
    for (JitFunction function : functions.subList(0, 2)) {
      Checks.thrown(IllegalStateException.class, () -> function.handle().invoke());
    }
  }

  private void endSpans() {
    written.close();
    for (int i = 0; i < SPANS; i++) {
      switch (i % 3) {
        case 0 -> spans.get(i).close();
        case 1 -> allocator.release(spans.get(i).rx());
        default -> {
          allocator.shrink(spans.get(i), 1);
          spans.get(i).close();
        }
      }
      Checks.that(!spans.get(i).isLive(), "A span that is closed has ended");
    }
  }

  private void endOwned() {
    for (OwnedJitAllocator another : owned) {
      Checks.that(another.statistics().spanCount() >= 2, "The spans of an allocator are there");
      Checks.thrown(IllegalStateException.class, another::close);
    }
    ownedGroups.forEach(CodeGroup::close);
    writtenOfOwned.close();
    // A span that the allocator ends leaves its region to the garbage collector
    ownedSpans.forEach(Span::close);
    for (OwnedJitAllocator another : owned) {
      another.close();
      Checks.thrown(IllegalStateException.class, () -> another.alloc(1));
    }
  }

  private Span place(JitAllocator where, int number) {
    Span span = where.alloc(8);
    where.write(span, 0, MemorySegment.ofArray(code(number % 1000)), CachePolicy.DEFAULT);
    return span;
  }

  private byte[] code(int constant) {
    return NativeCode.returning(runtime.architecture(), constant);
  }

  private int call(Span span) throws Throwable {
    return (int) runtime.bind(span.rx(), NativeCode.CONSTANT).invokeExact();
  }

  private static int invoke(JitFunction function, MemorySegment argument) throws Exception {
    try {
      return (int) function.handle().invokeExact(argument);
    } catch (Throwable e) {
      throw new AssertionError("The call ends well", e);
    }
  }
}
