// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test.holder;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.allocator.Statistics;
import com.example.jitmem.api.allocator.WriteScope;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.runtime.JitRuntimeFactory;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.HardenedRuntimeFlag;
import com.example.jitmem.api.virtmem.HardenedRuntimeInfo;
import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.api.virtmem.VirtMemException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;

/// Calls every public method of what a bundle can hold, in the right way and in each wrong way that
/// has an exception of its own. Nothing of it has been called before.
final class EveryMethod {
  private static final MemorySegment NOWHERE = MemorySegment.ofAddress(1L << 62);

  private final Coverage coverage = new Coverage();
  private final Services services;
  private final JitAllocator ended;
  private final Span heldOfEnded;
  private final byte[] code;

  EveryMethod(Services services) {
    this.services = services;
    ended = coverage.of(JitAllocator.class, services.runtime().allocator());
    heldOfEnded = services.runtime().allocator().alloc(64);
    code = NativeCode.returning(services.runtime().architecture(), 42);
  }

  /// Calls everything.
  void run() throws Throwable {
    JitAllocatorFactory allocators = coverage.of(JitAllocatorFactory.class, services.allocators());
    allocators.create().close();
    allocators.create(JitAllocatorParameters.defaults().withDirect(true)).close();
    for (JitAllocatorParameters parameters : parameters()) {
      try (OwnedJitAllocator allocator =
          coverage.of(OwnedJitAllocator.class, allocators.create(parameters))) {
        useAllocator(allocator);
        refuseByAllocator(allocator);
        useGroups(allocator);
        useScopes(allocator);
        JitRuntimeFactory runtimes = coverage.of(JitRuntimeFactory.class, services.runtimes());
        useRuntime(runtimes.create(allocator));
        allocator.reset(ResetPolicy.SOFT);
        allocator.reset(ResetPolicy.HARD);
      }
    }
    useEnded();
    new EveryMemoryMethod(coverage, services.virtMem()).run();
    Checks.equal(coverage.missed(), Set.of());
  }

  /// Ends what it holds.
  void end() {
    heldOfEnded.close();
  }

  private static Set<JitAllocatorParameters> parameters() {
    JitAllocatorParameters defaults = JitAllocatorParameters.defaults();
    Set<JitAllocatorParameters> all = new HashSet<>();
    all.add(defaults);
    for (JitAllocatorOption option : JitAllocatorOption.values()) {
      all.add(
          option == JitAllocatorOption.CUSTOM_FILL_PATTERN
              ? defaults.with(JitAllocatorOption.FILL_UNUSED_MEMORY).withFillPattern(0xCCCCCCCC)
              : defaults.with(option));
    }
    all.add(defaults.without(JitAllocatorOption.USE_DUAL_MAPPING));
    return all;
  }

  private void useAllocator(JitAllocator allocator) throws Exception {
    Span first = coverage.read(Span.class, allocator.alloc(100));
    Span named = coverage.read(Span.class, allocator.alloc(SpanRequest.of(9000).withName("named")));
    allocator.alloc(SpanRequest.of(64).withByteAlignment(4096)).close();
    allocator.alloc(SpanRequest.of(64).withVicinity(Vicinity.of(first.rx()))).close();
    allocator.write(first, 0, MemorySegment.ofArray(code), CachePolicy.DEFAULT);
    allocator.write(first, target -> target.byteSize(), CachePolicy.FLUSH_AFTER_WRITE);
    allocator.write(first, code, (target, _) -> target.byteSize(), CachePolicy.NEVER_FLUSH);
    allocator.shrink(named, 10);
    Checks.that(allocator.query(first.rx()).isPresent(), "A span is found");
    Checks.that(allocator.query(NOWHERE).isEmpty(), "Nothing is where there is nothing");
    coverage.read(Statistics.class, allocator.statistics());
    coverage.read(JitAllocator.class, allocator);
    allocator.release(first.rx());
    named.close();
    named.close();
    try (Arena confined = Arena.ofConfined();
        Arena shared = Arena.ofShared()) {
      allocator.alloc(64, confined);
      allocator.alloc(64, shared);
    }
  }

  private void refuseByAllocator(OwnedJitAllocator allocator) {
    Span span = allocator.alloc(640);
    Span ended = allocator.alloc(64);
    ended.close();
    Checks.thrown(IllegalArgumentException.class, () -> allocator.alloc(0));
    Checks.thrown(IllegalArgumentException.class, () -> allocator.alloc(Long.MAX_VALUE));
    Checks.thrown(IllegalArgumentException.class, () -> allocator.release(NOWHERE));
    Checks.thrown(IllegalArgumentException.class, () -> allocator.release(span.rx().asSlice(64)));
    Checks.thrown(IllegalArgumentException.class, () -> allocator.shrink(span, 0));
    Checks.thrown(IllegalArgumentException.class, () -> allocator.shrink(span, 6400));
    Checks.thrown(IllegalArgumentException.class, () -> allocator.shrink(heldOfEnded, 1));
    Checks.thrown(IllegalStateException.class, () -> allocator.shrink(ended, 1));
    Checks.thrown(IllegalStateException.class, ended::rx);
    Checks.thrown(
        IndexOutOfBoundsException.class,
        () -> allocator.write(span, 640, MemorySegment.ofArray(code), CachePolicy.DEFAULT));
    Checks.thrown(
        IllegalArgumentException.class, () -> allocator.write(span, _ -> 0, CachePolicy.DEFAULT));
    Checks.thrown(
        IOException.class,
        () ->
            allocator.write(
                span,
                _ -> {
                  throw new IOException("No code");
                },
                CachePolicy.DEFAULT));
    Checks.thrown(
        VirtMemException.class,
        () -> allocator.alloc(SpanRequest.of(64).withVicinity(Vicinity.of(NOWHERE))));
    Arena closed;
    try (Arena arena = Arena.ofShared()) {
      closed = arena;
      Span ofArena = allocator.alloc(64, arena);
      Checks.thrown(UnsupportedOperationException.class, ofArena::close);
      Checks.thrown(IllegalStateException.class, () -> allocator.reset(ResetPolicy.HARD));
      Checks.thrown(IllegalStateException.class, allocator::close);
    }
    Checks.thrown(IllegalStateException.class, () -> allocator.alloc(64, closed));
  }

  private void useGroups(JitAllocator allocator) {
    CodeGroup group = coverage.read(CodeGroup.class, allocator.openGroup());
    group.alloc(64);
    group.alloc(SpanRequest.of(64).withName("in a group"));
    Checks.thrown(IllegalArgumentException.class, () -> group.alloc(0));
    group.close();
    Checks.thrown(IllegalStateException.class, () -> group.alloc(64));
  }

  private void useScopes(JitAllocator allocator) throws Exception {
    Span span = allocator.alloc(256);
    WriteScope scope =
        coverage.read(WriteScope.class, allocator.openWriteScope(CachePolicy.DEFAULT));
    scope.write(span, 0, MemorySegment.ofArray(code));
    scope.write(span, target -> target.byteSize());
    scope.write(span, code, (target, _) -> 64);
    scope.flush();
    Checks.thrown(
        IndexOutOfBoundsException.class, () -> scope.write(span, -1, MemorySegment.ofArray(code)));
    Checks.thrown(IllegalArgumentException.class, () -> scope.write(span, _ -> 1000));
    Span endsWhileOpen = allocator.alloc(64);
    scope.write(endsWhileOpen, 0, MemorySegment.ofArray(code));
    endsWhileOpen.close();
    Checks.thrown(
        IllegalStateException.class,
        () -> scope.write(endsWhileOpen, 0, MemorySegment.ofArray(code)));
    scope.close();
    scope.close();
    Checks.thrown(IllegalStateException.class, scope::flush);
    Checks.thrown(
        IllegalStateException.class, () -> scope.write(span, 0, MemorySegment.ofArray(code)));
  }

  private void useRuntime(JitRuntime ofFactory) throws Throwable {
    JitRuntime runtime = coverage.read(JitRuntime.class, ofFactory);
    JitFunction function = coverage.read(JitFunction.class, runtime.add(code, NativeCode.CONSTANT));
    Checks.equal((int) function.handle().invokeExact(), 42);
    Checks.thrown(
        IllegalArgumentException.class, () -> runtime.add(new byte[0], NativeCode.CONSTANT));
    Checks.thrown(
        IllegalArgumentException.class,
        () -> runtime.add(64, (_, _) -> 65, NativeCode.CONSTANT, FunctionOptions.defaults()));
    runtime
        .add(
            64,
            (_, out) -> out.copyFrom(MemorySegment.ofArray(code)).byteSize(),
            NativeCode.CONSTANT,
            FunctionOptions.defaults())
        .close();
    try (Arena arena = Arena.ofShared()) {
      FunctionOptions options = FunctionOptions.defaults().withArena(arena);
      JitFunction ofArena = runtime.add(MemorySegment.ofArray(code), NativeCode.CONSTANT, options);
      Checks.equal((int) ofArena.handle().invokeExact(), 42);
      Checks.thrown(UnsupportedOperationException.class, ofArena::close);
    }
    Checks.equal((int) runtime.bind(function.span().rx(), NativeCode.CONSTANT).invokeExact(), 42);
    Checks.thrown(
        IllegalArgumentException.class,
        () -> runtime.bind(MemorySegment.ofArray(code), NativeCode.CONSTANT));
    Checks.equal(function.isLive(), true);
    Checks.equal(function.as(IntSupplier.class).getAsInt(), 42);
    Checks.equal(function.as(MethodHandles.lookup(), IntSupplier.class).getAsInt(), 42);
    Checks.thrown(IllegalArgumentException.class, () -> function.as(Runtime.class));
    function.close();
    function.close();
    Checks.thrown(IllegalStateException.class, () -> function.handle().invoke());
    Checks.equal(function.retire().toCompletableFuture().isDone(), true);
  }

  private void useEnded() {
    Checks.thrown(IllegalStateException.class, () -> ended.alloc(64));
    Checks.thrown(IllegalStateException.class, () -> ended.alloc(64, Arena.ofAuto()));
    Checks.thrown(
        IllegalStateException.class, () -> services.runtime().add(code, NativeCode.CONSTANT));
    ended.query(NOWHERE);
    coverage.read(Statistics.class, ended.statistics());
    Checks.thrown(IllegalStateException.class, ended::openGroup);
    Checks.equal(ended.parameters(), ended.requestedParameters());
    Checks.that(!ended.codeWriting().toString().isEmpty(), "The way of writing is known");
    Checks.equal(ended.refusedWays(), List.of());
    ended.openWriteScope(CachePolicy.DEFAULT).close();
    ended.shrink(heldOfEnded, 64);
    ended.write(heldOfEnded, target -> target.byteSize(), CachePolicy.DEFAULT);
    ended.write(heldOfEnded, code, (target, _) -> target.byteSize(), CachePolicy.DEFAULT);
    // Groups are held, which have an arena
    Checks.thrown(IllegalStateException.class, () -> ended.reset(ResetPolicy.HARD));
    Checks.thrown(IllegalArgumentException.class, () -> ended.release(NOWHERE));
    Checks.thrown(IllegalStateException.class, () -> ended.alloc(SpanRequest.of(64)));
    ended.write(heldOfEnded, 0, MemorySegment.ofArray(code), CachePolicy.DEFAULT);
    coverage
        .read(HardenedRuntimeInfo.class, services.virtMem().hardenedRuntimeInfo())
        .hasFlag(HardenedRuntimeFlag.MAP_JIT);
  }
}
