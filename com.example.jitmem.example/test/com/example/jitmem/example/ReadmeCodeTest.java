// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Compiles README's Java code as it stands there, and runs it.
class ReadmeCodeTest {
  private static final Pattern BLOCK =
      Pattern.compile("^```java\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  private static final String IMPORTS =
      """
      import com.example.jitmem.api.allocator.*;
      import com.example.jitmem.api.runtime.*;
      import com.example.jitmem.api.virtmem.*;
      import java.lang.foreign.*;
      import java.lang.invoke.MethodHandle;
      import java.util.ServiceLoader;
      import org.osgi.service.component.annotations.*;
      """;

  /// At 0 a function that returns 42, at 16 one that returns 7.
  private static final byte[] TWO_ENTRIES = new byte[32];

  static {
    System.arraycopy(movEaxRet(42), 0, TWO_ENTRIES, 0, 6);
    System.arraycopy(movEaxRet(7), 0, TWO_ENTRIES, 16, 6);
  }

  @TempDir Path folder;

  @Test
  void everyBlockIsTested() throws Exception {
    List<String> starts = List.of("@Component", "try (Span", "@Reference", "OwnedJitAllocator");
    assertThat(blocks()).hasSameSizeAs(starts);
    for (String start : starts) {
      assertThat(block(start)).isNotEmpty();
    }
  }

  @Test
  void theTwelveLinesPrintWhatTheMachineCodeReturns() throws Throwable {
    Class<?> hello = compile("HelloJit", IMPORTS + block("@Component"));
    try (OwnedJitAllocator allocator = PlainJvm.allocator()) {
      JitRuntime runtime = PlainJvm.runtime(allocator);
      assertThat(printed(() -> hello.getConstructor(JitRuntime.class).newInstance(runtime)))
          .isEqualTo("42\n");
    }
  }

  @Test
  void anEntryPointInsideASpanIsCalled() throws Throwable {
    Method method =
        method(
            "static void run(JitAllocator allocator, JitRuntime runtime, byte[] code,"
                + " FunctionDescriptor type) throws Throwable {\n"
                + block("try (Span")
                + "}",
            JitAllocator.class,
            JitRuntime.class,
            byte[].class,
            FunctionDescriptor.class);
    try (OwnedJitAllocator allocator = PlainJvm.allocator()) {
      JitRuntime runtime = PlainJvm.runtime(allocator);
      FunctionDescriptor type = FunctionDescriptor.of(ValueLayout.JAVA_INT);
      assertThat(printed(() -> method.invoke(null, allocator, runtime, TWO_ENTRIES, type)))
          .isEqualTo("7\n");
      assertThat(allocator.statistics().spanCount()).isZero();
    }
  }

  @Test
  void theFactoriesGiveAFunction() throws Throwable {
    Method method =
        method(
            "static Object[] run(byte[] code) {\n"
                + block("OwnedJitAllocator")
                + "return new Object[] {answer, allocator};\n}",
            byte[].class);
    Object[] made = (Object[]) method.invoke(null, (Object) TWO_ENTRIES);
    try (OwnedJitAllocator _ = (OwnedJitAllocator) made[1];
        JitFunction answer = (JitFunction) made[0]) {
      assertThat((int) answer.handle().invokeExact()).isEqualTo(42);
    }
  }

  @Test
  void theReferenceNamesTheAllocatorThatTheFileConfigures() throws Exception {
    String reference = block("@Reference");
    compile("Consumer", IMPORTS + "class Consumer {\n" + reference + "}");
    String name = reference.replaceAll("(?s).*jitmem\\.name=([a-z]+).*", "$1");
    assertThat(readme()).contains("\"com.example.jitmem.allocator~" + name + "\": {");
  }

  private interface Action {
    void run() throws Exception;
  }

  private static String printed(Action action) throws Exception {
    var out = new ByteArrayOutputStream();
    PrintStream original = System.out;
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      action.run();
    } finally {
      System.setOut(original);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private Method method(String source, Class<?>... parameters) throws Exception {
    Method method =
        compile("Shown", IMPORTS + "class Shown {\n" + source + "\n}")
            .getDeclaredMethod("run", parameters);
    method.setAccessible(true);
    return method;
  }

  private Class<?> compile(String name, String source) throws Exception {
    Path file = Files.writeString(folder.resolve(name + ".java"), source);
    JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
    var messages = new StringWriter();
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  messages,
                  files,
                  null,
                  List.of("-d", folder.toString(), "-proc:none", "-cp", classPath()),
                  null,
                  files.getJavaFileObjects(file))
              .call();
      assertThat(compiled).as(source + messages).isTrue();
    }
    var loader =
        new URLClassLoader(
            new URL[] {folder.toUri().toURL()}, ReadmeCodeTest.class.getClassLoader());
    return loader.loadClass(name);
  }

  private static String classPath() {
    return Objects.requireNonNullElse(
        System.getProperty("surefire.test.class.path"), System.getProperty("java.class.path"));
  }

  private static String readme() throws Exception {
    return Files.readString(Path.of("../README.md"));
  }

  private static List<String> blocks() throws Exception {
    return BLOCK.matcher(readme()).results().map(found -> found.group(1)).toList();
  }

  private static String block(String start) throws Exception {
    return blocks().stream()
        .filter(code -> code.startsWith(start))
        .reduce((_, _) -> assertionError(start))
        .orElseThrow();
  }

  private static String assertionError(String start) {
    throw new AssertionError("two blocks start with " + start);
  }

  private static byte[] movEaxRet(int value) {
    return new byte[] {(byte) 0xB8, (byte) value, 0, 0, 0, (byte) 0xC3};
  }
}
