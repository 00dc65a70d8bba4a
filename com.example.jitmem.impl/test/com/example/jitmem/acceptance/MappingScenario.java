// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_DUAL_MAPPING;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.WriteScope;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMem;
import com.example.jitmem.testing.GarbageCollection;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.Services;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/// Uses the component in every way and checks what it maps. The main class of a JVM of its own, in
/// which [LoggedMappings#PROPERTY] names a file; ends with an exception when a check fails.
final class MappingScenario {
  private MappingScenario() {}

  public static void main(String[] arguments) throws IOException {
    useEverything();
    LoggedMappings.read().checkEmpty();
    List<String> descriptors = descriptors();
    useEverything();
    useAllocator(JitAllocatorParameters.defaults().withDirect(true));
    LoggedMappings.read().checkEmpty();
    assertThat(descriptors()).containsExactlyInAnyOrderElementsOf(descriptors);
  }

  private static void useEverything() {
    useAllocator(JitAllocatorParameters.defaults());
    for (JitAllocatorOption option : JitAllocatorOption.values()) {
      if (option != JitAllocatorOption.CUSTOM_FILL_PATTERN) {
        useAllocator(Services.parameters(USE_DUAL_MAPPING).with(option));
      }
    }
    useAllocator(
        JitAllocatorParameters.defaults()
            .withFillPattern(1)
            .withOptions(EnumSet.allOf(JitAllocatorOption.class)));
    usePages();
    forgetAllocators();
  }

  private static void useAllocator(JitAllocatorParameters parameters) {
    boolean mayBeBoth = !parameters.hasOption(USE_DUAL_MAPPING);
    try (OwnedJitAllocator allocator = Services.allocatorFactory().create(parameters)) {
      for (ResetPolicy policy : ResetPolicy.values()) {
        allocateAndRelease(allocator);
        if (!mayBeBoth) {
          LoggedMappings.read().checkNoneIsWritableAndExecutable();
        }
        allocator.reset(policy);
      }
      try (CodeGroup group = allocator.openGroup()) {
        Span span = group.alloc(100_000);
        MachineCode.writeConstant(allocator, span, 3);
        assertThat(MachineCode.run(allocator, span)).isEqualTo(3);
        assertThat(span.isLive()).isTrue();
      }
    }
    LoggedMappings.read().checkEmpty();
  }

  private static void allocateAndRelease(OwnedJitAllocator allocator) {
    Random random = new Random(5);
    List<Span> live = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      Span span = allocator.alloc(1 + random.nextInt(20_000));
      MachineCode.writeConstant(allocator, span, i);
      if (i % 100 == 0) {
        LoggedMappings.read().checkHolds(span.rx().address());
        checkDuringWrite(allocator, span);
      }
      assertThat(MachineCode.run(allocator, span)).isEqualTo(i);
      live.add(span);
      if (random.nextBoolean()) {
        live.remove(random.nextInt(live.size())).close();
      }
    }
    live.forEach(span -> allocator.shrink(span, 1));
    live.subList(0, live.size() / 2).forEach(Span::close);
  }

  private static void checkDuringWrite(OwnedJitAllocator allocator, Span span) {
    try (WriteScope scope = allocator.openWriteScope(CachePolicy.DEFAULT)) {
      scope.write(
          span,
          target -> {
            LoggedMappings.read().checkHolds(target.address());
            if (allocator.parameters().hasOption(USE_DUAL_MAPPING)) {
              LoggedMappings.read().checkNoneIsWritableAndExecutable();
            }
            return target.byteSize();
          });
    }
  }

  private static void usePages() {
    VirtMem virtMem = Services.virtMem();
    assertThat(virtMem.hardenedRuntimeInfo().codeWriting()).isNotNull();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pages = virtMem.alloc(100_000, MemoryAccess.RW, Set.of(), arena);
      LoggedMappings.read().checkHolds(pages.address());
      virtMem.protect(pages, MemoryAccess.RX);
      MemorySegment rw = virtMem.allocDualMapping(100_000, Set.of(), arena).rw();
      LoggedMappings.read().checkHolds(rw.address());
      LoggedMappings.read().checkNoneIsWritableAndExecutable();
    }
    LoggedMappings.read().checkEmpty();
  }

  /// Leaves allocators with spans to the garbage collector, one closed and one not.
  private static void forgetAllocators() {
    writeAndForget().close();
    writeAndForget();
    GarbageCollection.repeatUntil(() -> LoggedMappings.read().isEmpty());
    LoggedMappings.read().checkEmpty();
  }

  private static OwnedJitAllocator writeAndForget() {
    OwnedJitAllocator allocator = Services.allocator(USE_DUAL_MAPPING);
    MachineCode.writeConstant(allocator, allocator.alloc(1000), 1);
    assertThat(LoggedMappings.read().isEmpty()).isFalse();
    return allocator;
  }

  /// What the open descriptors of this process stand for, without the one that lists them.
  private static List<String> descriptors() throws IOException {
    List<String> targets = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path entry : entries) {
        String target = Files.readSymbolicLink(entry).toString();
        if (!target.startsWith("/proc/")) {
          targets.add(target);
        }
      }
    }
    return targets;
  }
}
