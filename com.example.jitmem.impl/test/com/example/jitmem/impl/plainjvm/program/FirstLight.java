// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.plainjvm.program;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.runtime.JitRuntimeFactory;
import com.example.jitmem.api.virtmem.VirtMem;
import java.lang.foreign.FunctionDescriptor;
import java.util.HexFormat;
import java.util.ServiceLoader;

/// Finds the services by `ServiceLoader`, runs machine code, gives everything back. Ends with
/// status 0 if all of that went well.
public final class FirstLight {
  private static final boolean AARCH64 = System.getProperty("os.arch").equals("aarch64");

  /// `movz w0, #42; ret` or `mov eax, 42; ret`
  private static final byte[] ANSWER =
      HexFormat.of().parseHex(AARCH64 ? "40058052C0035FD6" : "B82A000000C3");

  /// `add w0, w0, w1; ret` or `lea eax, [rdi + rsi]; ret`
  private static final byte[] ADD =
      HexFormat.of().parseHex(AARCH64 ? "0000010BC0035FD6" : "8D0437C3");

  private FirstLight() {}

  /// Runs.
  ///
  /// @param arguments the file that mappings are logged to
  public static void main(String[] arguments) throws Throwable {
    checkThatThereIsNoOsgi();
    Mappings mappings = Mappings.loggedTo(arguments[0]);
    JitAllocatorFactory allocators = service(ServiceLoader.load(JitAllocatorFactory.class));
    JitRuntimeFactory runtimes = service(ServiceLoader.load(JitRuntimeFactory.class));
    VirtMem virtMem = service(ServiceLoader.load(VirtMem.class));
    check(virtMem.info().pageSize() >= 4096, "page size");

    JitAllocatorParameters dual = JitAllocatorParameters.defaults();
    for (JitAllocatorParameters parameters :
        new JitAllocatorParameters[] {dual, dual.without(JitAllocatorOption.USE_DUAL_MAPPING)}) {
      try (OwnedJitAllocator allocator = allocators.create(parameters)) {
        runCode(runtimes.create(allocator));
        check(allocator.statistics().spanCount() == 0, "a span is left");
        check(!mappings.held().isEmpty(), "the log shows no mapping of an open allocator");
      }
      check(mappings.held().isEmpty(), "left mapped: " + mappings.held());
      check(mappings.executable().isEmpty(), "left executable: " + mappings.executable());
    }
  }

  private static void runCode(JitRuntime runtime) throws Throwable {
    FunctionDescriptor constant = FunctionDescriptor.of(JAVA_INT);
    FunctionDescriptor binary = FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT);
    try (JitFunction answer = runtime.add(ANSWER, constant);
        JitFunction add = runtime.add(ADD, binary)) {
      check((int) answer.handle().invokeExact() == 42, "a constant");
      check((int) add.handle().invokeExact(40, 2) == 42, "add(40, 2)");
    }
  }

  private static void checkThatThereIsNoOsgi() {
    try {
      Class<?> found = Class.forName("org.osgi.framework.Bundle");
      throw new AssertionError("OSGi is here: " + found);
    } catch (ClassNotFoundException expected) {
      check(expected.toString().contains("org.osgi"), "another class is missing");
    }
  }

  private static <T> T service(ServiceLoader<T> loader) {
    return loader
        .findFirst()
        .orElseThrow(() -> new AssertionError("No service is found by " + loader));
  }

  private static void check(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
