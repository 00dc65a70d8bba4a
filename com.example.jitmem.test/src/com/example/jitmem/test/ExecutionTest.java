// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.service.JitMemConstants;
import com.example.jitmem.api.virtmem.CodeWriting;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

class ExecutionTest {
  @InjectBundleContext BundleContext context;
  @InjectService ConfigurationAdmin admin;

  @InjectService(filter = "(jitmem.name=default)")
  JitAllocator allocator;

  @InjectService(filter = "(jitmem.name=default)")
  JitRuntime runtime;

  private Configurations configurations;

  @BeforeEach
  void begin() {
    configurations = new Configurations(context, admin);
  }

  @AfterEach
  void cleanUp() throws Exception {
    configurations.deleteAll();
  }

  @Test
  void dualMappedCodeRunsAndNoPageIsWritableAndExecutable() throws Throwable {
    assertThat(allocator.codeWriting()).isInstanceOf(CodeWriting.DualMapped.class);
    assertThat(allocator.refusedWays())
        .noneMatch(refused -> refused.way() instanceof CodeWriting.Direct);
    try (Span span = MachineCode.place(allocator, runtime, 1234)) {
      assertThat(MachineCode.call(runtime, span)).isEqualTo(1234);
      assertThat(OwnMappings.isOwn(span.rx().address())).isTrue();
      assertThat(OwnMappings.access(span.rx().address())).startsWith("r-x");
      assertThat(OwnMappings.lines())
          .as("One view executes, the other writes")
          .anyMatch(line -> line.contains(" r-x"))
          .anyMatch(line -> line.contains(" rw-"))
          .noneMatch(line -> line.contains(" rwx"));
    }
  }

  @Test
  void directCodeRunsAtTheAddressItIsWrittenTo() throws Throwable {
    try (AllocatorServices direct = AllocatorServices.watch(context, "direct")) {
      configurations.factory("direct", Map.of(JitMemConstants.USE_DUAL_MAPPING, false));
      ServiceReference<?> service = direct.await();
      JitRuntime onDirect = (JitRuntime) context.getService(service);
      JitAllocator directAllocator = onDirect.allocator();

      assertThat(directAllocator.codeWriting()).isEqualTo(new CodeWriting.Direct());
      assertThat(directAllocator.parameters().hasOption(JitAllocatorOption.USE_DUAL_MAPPING))
          .isFalse();
      try (Span span = MachineCode.place(directAllocator, onDirect, 4321)) {
        assertThat(MachineCode.call(onDirect, span)).isEqualTo(4321);
        assertThat(OwnMappings.access(span.rx().address())).startsWith("rwx");
      }
      context.ungetService(service);
    }
  }

  @Test
  void emittedCodeKnowsItsAddress() throws Throwable {
    byte[] code = MachineCode.returning(runtime, 99);
    long[] address = new long[1];

    try (JitFunction function =
        runtime.add(
            4096,
            (rx, out) -> {
              address[0] = rx.address();
              MemorySegment.copy(MemorySegment.ofArray(code), 0, out, 0, code.length);
              return code.length;
            },
            MachineCode.TYPE,
            FunctionOptions.defaults())) {
      assertThat(MachineCode.call(function.handle())).isEqualTo(99);
      assertThat(function.span().rx().address()).isEqualTo(address[0]);
      assertThat(function.span().byteSize()).isEqualTo(allocator.parameters().granuleByteSize());
    }
  }
}
