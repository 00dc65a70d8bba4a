// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_DUAL_MAPPING;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.WriteScope;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.DualMapping;
import com.example.jitmem.api.virtmem.ProtectJitReadWriteScope;
import com.example.jitmem.api.virtmem.VirtMem;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.Services;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Uses that end a JVM which is not prepared for them.
@OnLinux
class HostileMemoryIT {
  private static final int CODE_SIZE = 1024;

  static Stream<List<JitAllocatorOption>> mappings() {
    return Stream.of(List.of(USE_DUAL_MAPPING), List.of());
  }

  @DisabledIfSystemProperty(
      named = OnLinux.EMULATED,
      matches = "true",
      disabledReason = "qemu-user needs more than ten minutes for so many mappings")
  @ParameterizedTest
  @MethodSource("mappings")
  void holesDoNotUseUpTheMappingsOfTheProcess(List<JitAllocatorOption> options) throws Exception {
    long before = mappingCount();
    try (OwnedJitAllocator allocator =
        Services.allocator(options.toArray(JitAllocatorOption[]::new))) {
      List<Span> spans = new ArrayList<>();
      for (int i = 0; i < 8_000; i++) {
        spans.add(allocator.alloc(192 * 1024));
      }
      for (int i = 0; i < spans.size(); i += 2) {
        spans.get(i).close();
      }
      assertThat(mappingCount() - before).isLessThan(5_000);
      List<Span> again = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        Span span = allocator.alloc(192 * 1024);
        allocator.write(span, 0, MemorySegment.ofArray(new byte[] {1, 2, 3}), CachePolicy.DEFAULT);
        assertThat(span.rx().get(ValueLayout.JAVA_BYTE, 2)).isEqualTo((byte) 3);
        again.add(span);
      }
      assertThat(new LiveAddresses(spans, again).overlap()).isFalse();
      allocator.reset(ResetPolicy.HARD);
      assertThat(mappingCount() - before).isLessThan(50);
    }
  }

  /// Addresses of spans of the same size.
  private record LiveAddresses(List<Span> first, List<Span> second) {
    boolean overlap() {
      long[] starts =
          Stream.concat(first.stream(), second.stream())
              .filter(Span::isLive)
              .mapToLong(span -> span.rx().address())
              .sorted()
              .toArray();
      for (int i = 1; i < starts.length; i++) {
        if (starts[i] - starts[i - 1] < 192 * 1024) {
          return true;
        }
      }
      return false;
    }
  }

  @ParameterizedTest
  @MethodSource("mappings")
  void codeCanBeMovedInsideItsSpan(List<JitAllocatorOption> options) {
    byte[] code = new byte[CODE_SIZE];
    new Random(1).nextBytes(code);
    try (OwnedJitAllocator allocator =
        Services.allocator(options.toArray(JitAllocatorOption[]::new))) {
      for (int distance : new int[] {8, -8, 300, -300}) {
        Span span = allocator.alloc(2 * CODE_SIZE);
        int from = 400;
        allocator.write(span, from, MemorySegment.ofArray(code), CachePolicy.DEFAULT);
        MemorySegment source = span.rx().asSlice(from, CODE_SIZE);
        allocator.write(span, from + distance, source, CachePolicy.DEFAULT);
        assertThat(bytes(span, from + distance)).as("by %d", distance).isEqualTo(code);

        try (WriteScope scope = allocator.openWriteScope(CachePolicy.DEFAULT)) {
          scope.write(span, from, MemorySegment.ofArray(code));
          scope.write(span, from + distance, source);
        }
        assertThat(bytes(span, from + distance)).as("by %d", distance).isEqualTo(code);
      }
    }
  }

  @Test
  void codeOfADualMappingCanBeMovedInsideIt() {
    byte[] code = new byte[CODE_SIZE];
    new Random(1).nextBytes(code);
    VirtMem virtMem = Services.virtMem();
    try (Arena arena = Arena.ofConfined()) {
      DualMapping mapping = virtMem.allocDualMapping(2 * CODE_SIZE, Set.of(), arena);
      MemorySegment source = mapping.rx().asSlice(0, CODE_SIZE);
      mapping.rw().copyFrom(MemorySegment.ofArray(code));
      try (ProtectJitReadWriteScope scope =
          virtMem.openReadWriteScope(mapping.rw(), CachePolicy.DEFAULT)) {
        scope.write(8, source);
      }
      assertThat(mapping.rx().asSlice(8, CODE_SIZE).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(code);
    }
  }

  private static byte[] bytes(Span span, long offset) {
    return span.rx().asSlice(offset, CODE_SIZE).toArray(ValueLayout.JAVA_BYTE);
  }

  @DisabledIfSystemProperty(
      named = OnLinux.EMULATED,
      matches = "true",
      disabledReason = "Collections without a break leave other emulated threads next to no time")
  @Test
  void memoryStaysMappedWhileAnUnreachableScopeWrites() throws Exception {
    byte[] large = new byte[1 << 20];
    Arrays.fill(large, (byte) 0xC3);
    AtomicBoolean done = new AtomicBoolean();
    Thread collector =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!done.get()) {
                    System.gc();
                  }
                });
    try {
      for (int i = 0; i < 30; i++) {
        writeAndForget(large);
      }
    } finally {
      done.set(true);
      collector.join();
    }
  }

  @SuppressWarnings("MustBeClosedChecker")
  private static void writeAndForget(byte[] code) {
    OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING);
    Span span = allocator.alloc(code.length);
    allocator.openWriteScope(CachePolicy.DEFAULT).write(span, 0, MemorySegment.ofArray(code));
  }

  private static long mappingCount() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.count();
    }
  }
}
