// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_DUAL_MAPPING;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.runtime.JitRuntimeFactory;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.HardenedRuntimeInfo.RefusedWay;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.DefaultJitAllocatorFactory;
import com.example.jitmem.impl.ffm.Downcalls;
import com.example.jitmem.impl.memory.CodeMemorySource;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.MappingLog;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.host.Platform;
import com.example.jitmem.impl.os.linux.LinuxOs;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/// Puts this process under a policy and tells on its standard output what becomes of code: a line
/// for each way, tried alone, and one for each request of the API, which walks down the ladder.
///
/// Lines are `KIND|SUBJECT|OUTCOME|DETAIL`, where the outcome is `runs` or a refusal.
final class HardenedProgram {
  /// More code than a block holds.
  private static final int FUNCTIONS = 300;

  private static final long LARGE_SPAN = 4L * 1024 * 1024;
  private static final FunctionDescriptor TYPE = FunctionDescriptor.of(JAVA_INT);

  private final Os os =
      new LinuxOs(new Downcalls(Downcalls.ERRNO), TestSystem.PROCESSOR, MappingLog.NONE);
  private final JitAllocatorFactory allocators =
      ServiceLoader.load(JitAllocatorFactory.class).findFirst().orElseThrow();
  private final JitRuntimeFactory runtimes =
      ServiceLoader.load(JitRuntimeFactory.class).findFirst().orElseThrow();

  private HardenedProgram() {}

  /// Runs.
  ///
  /// @param arguments the policy
  public static void main(String[] arguments) {
    HardenedProgram program = new HardenedProgram();
    program.loadClasses();
    try {
      ProcessPolicy.valueOf(arguments[0]).apply();
    } catch (UnsupportedOperationException e) {
      System.out.println(e.getMessage());
      System.exit(HardenedJvm.NOT_POSSIBLE);
    }
    for (CodeWriting way : TestSystem.allWays()) {
      program.report("way", way, program.only(way), parameters(way));
    }
    JitAllocatorParameters defaults = JitAllocatorParameters.defaults();
    program.report("request", "default", program.allocators, defaults);
    program.report("request", "no options", program.allocators, defaults.without(USE_DUAL_MAPPING));
    line("placed", "", program.placed());
    program.report("request", "direct", program.allocators, defaults.withDirect(true));
  }

  /// Does everything once where nothing is refused, and is refused something: afterwards no class
  /// file has to be opened.
  private void loadClasses() {
    for (CodeWriting way : TestSystem.allWays()) {
      outcome(only(way), parameters(way));
    }
    WritingWays ways = new WritingWays(Platform.open());
    outcome(
        new DefaultJitAllocatorFactory(new SystemCodeMemorySource(() -> ways)),
        JitAllocatorParameters.defaults());
    line("ready", "", placed());
    Throwable refusal =
        catchThrowable(() -> os.map(1L << 60, MemoryAccess.RW, Set.of(), AddressWindow.ANYWHERE));
    line("ready", "", "refused|" + refusal);
  }

  /// A factory of allocators on memory that is written in one way.
  private JitAllocatorFactory only(CodeWriting way) {
    CodeMemorySource source =
        request -> {
          Optional<VirtMemException> refusal = SelfTest.refusal(os, way);
          if (refusal.isPresent()) {
            throw refusal.get();
          }
          return new SystemCodeMemory(os, way, refusedForms(way), false, e -> {});
        };
    return new DefaultJitAllocatorFactory(source);
  }

  private List<RefusedWay> refusedForms(CodeWriting way) {
    return way instanceof CodeWriting.DualMapped(CodeWriting.Backing backing)
        ? os.refusedForms(backing).stream().map(form -> new RefusedWay(way, form)).toList()
        : List.of();
  }

  private static JitAllocatorParameters parameters(CodeWriting way) {
    return JitAllocatorParameters.defaults()
        .with(JitAllocatorOption.FILL_UNUSED_MEMORY)
        .withDirect(way instanceof CodeWriting.Direct);
  }

  /// What becomes of memory near an address.
  private String placed() {
    AddressWindow window = new AddressWindow(0, Long.MAX_VALUE, 1L << 44);
    long pageSize = os.facts().pageSize();
    try {
      os.unmap(os.map(pageSize, MemoryAccess.RW, Set.of(), window), pageSize);
      return "runs|";
    } catch (VirtMemException e) {
      return "refused|" + e.reason() + ": " + e.getMessage();
    }
  }

  private void report(
      String kind, Object subject, JitAllocatorFactory factory, JitAllocatorParameters parameters) {
    line(kind, subject, outcome(factory, parameters));
  }

  private static void line(String kind, Object subject, String outcome) {
    System.out.println(kind + "|" + subject + "|" + outcome);
  }

  private String outcome(JitAllocatorFactory factory, JitAllocatorParameters parameters) {
    try (OwnedJitAllocator allocator = factory.create(parameters)) {
      exercise(allocator);
      long addresses = allocator.statistics().addressSpaceBytes();
      return "runs|"
          + allocator.codeWriting()
          + " after "
          + allocator.refusedWays().stream().map(HardenedProgram::refused).toList()
          + ", regions of "
          + addresses
          + " bytes, a large span: "
          + largeSpan(allocator);
    } catch (VirtMemException e) {
      return "refused|" + e.getMessage();
    }
  }

  private static String refused(RefusedWay refused) {
    return refused.way() + ": " + refused.cause().getMessage();
  }

  /// Functions that are added, called by other threads, replaced, and taken away, while one of them
  /// is called all the time.
  private void exercise(OwnedJitAllocator allocator) {
    JitRuntime runtime = runtimes.create(allocator);
    JitFunction busy = runtime.add(TestSystem.PROCESSOR.returning(7), TYPE);
    AtomicBoolean stop = new AtomicBoolean();
    Thread caller = Thread.ofPlatform().start(() -> callUntil(stop, busy));
    try {
      addAndTakeAway(allocator, runtime);
    } finally {
      stop.set(true);
      join(caller);
    }
    busy.close();
  }

  private void addAndTakeAway(OwnedJitAllocator allocator, JitRuntime runtime) {
    List<JitFunction> functions = new ArrayList<>();
    for (int i = 0; i < FUNCTIONS; i++) {
      functions.add(runtime.add(TestSystem.PROCESSOR.returning(i), TYPE));
    }
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      callers.add(Thread.ofPlatform().start(() -> functions.forEach(HardenedProgram::call)));
    }
    callers.forEach(HardenedProgram::join);
    for (int i = 0; i < FUNCTIONS; i++) {
      check(call(functions.get(i)) == i, "function " + i);
    }
    Span span = allocator.alloc(64);
    for (int i = 0; i < 3; i++) {
      byte[] code = TestSystem.PROCESSOR.returning(-i);
      allocator.write(span, 0, MemorySegment.ofArray(code), CachePolicy.DEFAULT);
      check(os.run(span.rx().address()) == -i, "code that was written again");
    }
    span.close();
    functions.forEach(JitFunction::close);
  }

  private static void callUntil(AtomicBoolean stop, JitFunction function) {
    while (!stop.get()) {
      check(call(function) == 7, "a function that was left alone");
    }
  }

  /// Stores to every page of a span that needs more than one block.
  private static String largeSpan(OwnedJitAllocator allocator) {
    try (Span span = allocator.alloc(LARGE_SPAN)) {
      allocator.write(
          span,
          target -> {
            target.fill((byte) 0x90);
            return target.byteSize();
          },
          CachePolicy.DEFAULT);
      return "written";
    } catch (VirtMemException e) {
      check(e.reason() == VirtMemException.Reason.OUT_OF_MEMORY, e.toString());
      return String.valueOf(e.getMessage());
    }
  }

  private static int call(JitFunction function) {
    try {
      return (int) function.handle().invokeExact();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void check(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
