// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.WriteScope;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.DualMapping;
import com.example.jitmem.api.virtmem.ProtectJitReadWriteScope;
import com.example.jitmem.impl.DefaultJitAllocatorFactory;
import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.ffm.Downcalls;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.memory.CodeMemory;
import com.example.jitmem.impl.memory.CodeMemorySource.Request;
import com.example.jitmem.impl.memory.CodeRegion;
import com.example.jitmem.impl.memory.WriteSession;
import com.example.jitmem.impl.os.MappingLog;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.Processor;
import com.example.jitmem.impl.os.linux.LinuxOs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// How often caches are flushed and other threads interrupted. The memory is real; the calls that
/// flush are recorded in place of being made.
class FlushBatchTest {
  private static final Request DUAL = new Request(true, false, false);
  private static final MemorySegment CODE = MemorySegment.ofArray(new byte[64]);

  /// Commands of membarrier(2).
  private static final int QUERY = 0;

  private static final int SYNC_CORE = 32;
  private static final int ALL_COMMANDS = 0x7F;

  /// Pairs of addresses.
  private final List<String> flushed = Collections.synchronizedList(new ArrayList<>());

  private int barriers;

  private final NativeCalls calls = new RecordingCalls();
  private final List<CodeRegion> regions = new ArrayList<>();
  private CodeMemory memory = open(Processor.AARCH64);

  private final class RecordingCalls implements NativeCalls {
    private final Downcalls system = new Downcalls(Downcalls.ERRNO);

    @Override
    public Result call(CFunction function, long... arguments) {
      return switch (function.name()) {
        case "__clear_cache" -> {
          if (arguments[0] != arguments[1]) {
            flushed.add(Long.toHexString(arguments[0]) + "-" + Long.toHexString(arguments[1]));
          }
          yield new Result(0, 0);
        }
        case "syscall" -> {
          barriers += arguments[1] == SYNC_CORE ? 1 : 0;
          yield new Result(arguments[1] == QUERY ? ALL_COMMANDS : 0, 0);
        }
        default -> system.call(function, arguments);
      };
    }
  }

  private WritingWays ways(Processor processor) {
    return new WritingWays(pretending(new LinuxOs(calls, processor, MappingLog.NONE)));
  }

  /// A system whose code need not be that of the processor that runs the test: it is read in place
  /// of being run.
  private static Os pretending(Os os) {
    return (Os)
        Proxy.newProxyInstance(
            Os.class.getClassLoader(),
            new Class<?>[] {Os.class},
            (_, method, arguments) ->
                switch (method.getName()) {
                  case "run" -> constantAt((long) arguments[0], os.facts().processor());
                  case "equals" -> Proxy.isProxyClass(arguments[0].getClass());
                  default -> invoke(os, method, arguments);
                });
  }

  private static @Nullable Object invoke(Os os, Method method, Object... arguments)
      throws Throwable {
    try {
      return method.invoke(os, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static int constantAt(long address, Processor processor) {
    MemorySegment code = MemorySegment.ofAddress(address).reinterpret(CODE.byteSize());
    return switch (processor) {
      case X86_64 -> code.get(JAVA_INT_UNALIGNED, 1);
      case AARCH64 ->
          ((code.get(JAVA_INT, 0) >>> 5) & 0xFFFF)
              | (((code.get(JAVA_INT, 4) >>> 5) & 0xFFFF) << Character.SIZE);
    };
  }

  private CodeMemory open(Processor processor) {
    return new SystemCodeMemorySource(() -> ways(processor)).open(DUAL);
  }

  private CodeRegion region() {
    CodeRegion region = memory.reserve(4 * memory.pageSize());
    regions.add(region);
    region.commit(0, 4 * memory.pageSize());
    return region;
  }

  private static String range(CodeRegion region, long start, long end) {
    long address = region.rx().address();
    return Long.toHexString(address + start) + "-" + Long.toHexString(address + end);
  }

  @BeforeEach
  void forgetTheSelfTest() {
    flushed.clear();
    barriers = 0;
  }

  @AfterEach
  void release() {
    regions.forEach(CodeRegion::release);
  }

  private static void write(WriteSession session, CodeRegion region, long start, long end) {
    session.writable(region, start, end - start);
    session.written(region, start, end - start);
  }

  @Test
  void aSessionFlushesMergedRangesAndInterruptsOnce() {
    CodeRegion one = region();
    CodeRegion two = region();
    try (WriteSession session = memory.openSession(CachePolicy.DEFAULT)) {
      write(session, one, 256, 320);
      write(session, two, 64, 128);
      write(session, one, 0, 64);
      write(session, one, 64, 256);
      write(session, two, 1024, 1088);
      write(session, one, 300, 310);
      assertThat(flushed).isEmpty();
    }
    assertThat(flushed)
        .containsExactlyInAnyOrder(range(one, 0, 320), range(two, 64, 128), range(two, 1024, 1088));
    assertThat(barriers).isOne();
  }

  @Test
  void flushingAgainFlushesOnlyWhatWasWrittenSince() {
    CodeRegion region = region();
    try (WriteSession session = memory.openSession(CachePolicy.DEFAULT)) {
      write(session, region, 0, 64);
      session.flush();
      write(session, region, 128, 192);
    }
    assertThat(flushed).containsExactly(range(region, 0, 64), range(region, 128, 192));
    assertThat(barriers).isEqualTo(2);
  }

  @Test
  void aSessionThatWroteNothingInterruptsNoThread() {
    memory.openSession(CachePolicy.DEFAULT).close();
    assertThat(barriers).isZero();
  }

  @Test
  void aSessionThatNeverFlushesInterruptsNoThread() {
    CodeRegion region = region();
    region.write(0, CODE, CachePolicy.NEVER_FLUSH);
    try (WriteSession session = memory.openSession(CachePolicy.NEVER_FLUSH)) {
      write(session, region, 0, 64);
    }
    assertThat(flushed).isEmpty();
    assertThat(barriers).isZero();
  }

  @Test
  void aWriteIsABatchOfItsOwn() {
    CodeRegion region = region();
    region.write(128, CODE, CachePolicy.DEFAULT);
    region.fill(256, 64, 0);
    assertThat(flushed).containsExactly(range(region, 128, 192), range(region, 256, 320));
    assertThat(barriers).isEqualTo(2);
  }

  @Test
  void x86PaysNothing() {
    memory = open(Processor.X86_64);
    CodeRegion region = region();
    region.write(0, CODE, CachePolicy.FLUSH_AFTER_WRITE);
    try (WriteSession session = memory.openSession(CachePolicy.FLUSH_AFTER_WRITE)) {
      write(session, region, 0, 64);
    }
    assertThat(flushed).isEmpty();
    assertThat(barriers).isZero();
  }

  @Test
  void aWriteScopeOfTheAllocatorIsOneBatch() {
    SystemCodeMemorySource source = new SystemCodeMemorySource(() -> ways(Processor.AARCH64));
    try (OwnedJitAllocator allocator =
        new DefaultJitAllocatorFactory(source).create(JitAllocatorParameters.defaults())) {
      List<Span> spans = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        spans.add(allocator.alloc(64));
      }
      flushed.clear();
      barriers = 0;
      try (WriteScope scope = allocator.openWriteScope(CachePolicy.DEFAULT)) {
        for (Span span : spans) {
          scope.write(span, 0, CODE);
        }
      }
      assertThat(flushed).as("spans that lie side by side").hasSizeLessThan(10);
      assertThat(barriers).isOne();
    }
  }

  @Test
  void aScopeOnMappedMemoryIsOneBatch() {
    try (Arena arena = Arena.ofShared()) {
      DefaultVirtMem virtMem = new DefaultVirtMem(() -> ways(Processor.AARCH64));
      DualMapping mapping = virtMem.allocDualMapping(1024, Set.of(), arena);
      flushed.clear();
      barriers = 0;
      try (ProtectJitReadWriteScope scope =
          virtMem.openReadWriteScope(mapping.rw(), CachePolicy.DEFAULT)) {
        scope.write(64, CODE);
        scope.write(512, CODE);
        scope.write(0, CODE);
      }
      long address = mapping.rx().address();
      assertThat(flushed)
          .containsExactly(
              Long.toHexString(address) + "-" + Long.toHexString(address + 128),
              Long.toHexString(address + 512) + "-" + Long.toHexString(address + 576));
      assertThat(barriers).isOne();
    }
  }
}
