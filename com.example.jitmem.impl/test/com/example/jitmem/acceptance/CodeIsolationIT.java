// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_DUAL_MAPPING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.OnLinux;
import com.example.jitmem.testing.ProcessMaps;
import com.example.jitmem.testing.Services;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/// Code cannot be written through the executable view, nor by a child of `fork`.
@OnLinux
class CodeIsolationIT {
  @DisabledIfSystemProperty(
      named = OnLinux.EMULATED,
      matches = "true",
      disabledReason = "qemu-user takes MADV_DONTFORK and does nothing")
  @Test
  void childrenOfForkGetNeitherViewOfDualMappedCode() {
    try (OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING)) {
      Span span = allocator.alloc(4096);
      // dc: "do not copy area on fork", proc_pid_smaps(5)
      assertThat(ProcessMaps.flagsAt(span.rx().address())).contains("dc");
      assertThat(ProcessMaps.flagsAt(writableAddress(allocator, span))).contains("dc");
    }
  }

  @Test
  void childrenOfForkGetTheirOwnCopyOfDirectlyMappedCode() {
    try (OwnedJitAllocator allocator = Services.allocator()) {
      assumeTrue(allocator.codeWriting() instanceof CodeWriting.Direct);
      Span span = allocator.alloc(4096);
      long address = span.rx().address();
      Set<String> flags = ProcessMaps.flagsAt(address);
      // sh: shared; private memory is copied when either side writes
      assertThat(flags.contains("dc") || !flags.contains("sh")).as("flags %s", flags).isTrue();
    }
  }

  @TestFactory
  Stream<DynamicTest> dualMappedPagesAreNeverWritableAndExecutable() {
    return Stream.of(
            EnumSet.of(USE_DUAL_MAPPING),
            EnumSet.complementOf(EnumSet.of(JitAllocatorOption.CUSTOM_FILL_PATTERN)))
        .map(
            options ->
                DynamicTest.dynamicTest(
                    options.toString(),
                    () -> checkViews(JitAllocatorParameters.defaults().withOptions(options))));
  }

  @Test
  void defaultParametersKeepWritableAndExecutableMemoryApart() {
    checkViews(JitAllocatorParameters.defaults());
    try (OwnedJitAllocator allocator = Services.allocatorFactory().create()) {
      assertThat(allocator.requestedParameters()).isEqualTo(JitAllocatorParameters.defaults());
      assertThat(allocator.codeWriting()).isInstanceOf(CodeWriting.DualMapped.class);
    }
  }

  @Test
  void directCodeIsWrittenWhereItIsExecuted() {
    JitAllocatorParameters parameters = JitAllocatorParameters.defaults().withDirect(true);
    try (OwnedJitAllocator allocator = Services.allocatorFactory().create(parameters)) {
      Span span = allocator.alloc(100);
      assertThat(allocator.codeWriting()).isEqualTo(new CodeWriting.Direct());
      assertThat(writableAddress(allocator, span)).isEqualTo(span.rx().address());
      ProcessMaps.read().checkAccess(span.rx().address(), 128, "r", "w", "x");
    }
  }

  @Test
  void executableViewCannotBeWrittenFromJava() {
    for (JitAllocatorOption[] options : new JitAllocatorOption[][] {{USE_DUAL_MAPPING}, {}}) {
      try (OwnedJitAllocator allocator = Services.allocator(options)) {
        MemorySegment rx = allocator.alloc(100).rx();
        assertThat(rx.isReadOnly()).isTrue();
        assertThat(rx.byteSize()).isEqualTo(128);
      }
    }
  }

  @Test
  void uncommittedAddressesOfARegionAreNotAccessible() {
    try (OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING)) {
      Span span = allocator.alloc(64);
      long committed = allocator.statistics().reservedBytes();
      ProcessMaps.Mapping mapping = ProcessMaps.read().within(span.rx().address(), 1).getFirst();
      assertThat(mapping.end() - mapping.start()).isLessThanOrEqualTo(committed);
      assertThat(allocator.statistics().addressSpaceBytes()).isGreaterThan(committed);
      assertThat(
              ProcessMaps.read().within(mapping.end(), 1).stream()
                  .filter(next -> next.allows("w") || next.allows("x")))
          .isEmpty();
    }
  }

  private static void checkViews(JitAllocatorParameters parameters) {
    try (OwnedJitAllocator allocator = Services.allocatorFactory().create(parameters)) {
      for (int i = 0; i < 100; i++) {
        Span span = allocator.alloc(10_000);
        MachineCode.writeConstant(allocator, span, i);
        long rx = span.rx().address();
        long rw = writableAddress(allocator, span);
        assertThat(rw).isNotEqualTo(rx);
        checkNotBoth(rx, span.byteSize(), "r", "x");
        checkNotBoth(rw, span.byteSize(), "r", "w");
        assertThat(MachineCode.run(allocator, span)).isEqualTo(i);
        if (i % 3 == 0) {
          span.close();
        }
      }
    }
  }

  private static void checkNotBoth(long address, long byteSize, String... access) {
    ProcessMaps maps = ProcessMaps.read();
    maps.checkAccess(address, byteSize, access);
    assertThat(maps.within(address, byteSize)).noneMatch(mapping -> mapping.allows("w", "x"));
  }

  private static long writableAddress(OwnedJitAllocator allocator, Span span) {
    long[] address = new long[1];
    allocator.write(
        span,
        target -> {
          address[0] = target.address();
          ProcessMaps.read().checkAccess(target.address(), target.byteSize(), "r", "w");
          return target.byteSize();
        },
        CachePolicy.NEVER_FLUSH);
    return address[0];
  }
}
