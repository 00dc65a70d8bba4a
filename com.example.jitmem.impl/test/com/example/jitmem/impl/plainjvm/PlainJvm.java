// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.plainjvm;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.impl.DefaultJitAllocatorFactory;
import com.example.jitmem.impl.plainjvm.program.FirstLight;
import com.example.jitmem.testing.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/// Runs the programs of [com.example.jitmem.impl.plainjvm.program] with the jars of the API and of
/// the implementation, on the class path or the module path, and nothing else.
final class PlainJvm {
  private static final String PROGRAM_MODULE = "com.example.jitmem.plainjvm";
  private static final String MODULE_INFO =
      """
      module com.example.jitmem.plainjvm {
        requires com.example.jitmem.api;
        uses com.example.jitmem.api.allocator.JitAllocatorFactory;
        uses com.example.jitmem.api.runtime.JitRuntimeFactory;
        uses com.example.jitmem.api.virtmem.VirtMem;
      }
      """;

  private final Path folder;
  private final List<String> options = new ArrayList<>();

  /// @param folder an empty folder for the programs' classes
  PlainJvm(Path folder) throws IOException {
    this.folder = folder;
    copyPrograms();
  }

  PlainJvm with(String... added) {
    options.addAll(List.of(added));
    return this;
  }

  ChildJvm.Result runOnClassPath(Class<?> program, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("-cp", path(), program.getName()));
    return run(command, arguments);
  }

  ChildJvm.Result runOnModulePath(Class<?> program, String... arguments) throws Exception {
    compileModuleInfo();
    String main = PROGRAM_MODULE + "/" + program.getName();
    return run(new ArrayList<>(List.of("-p", path(), "-m", main)), arguments);
  }

  private ChildJvm.Result run(List<String> main, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ChildJvm.java());
    command.addAll(options);
    command.addAll(main);
    command.addAll(List.of(arguments));
    return ChildJvm.run(command);
  }

  private String path() throws URISyntaxException {
    return String.join(
        File.pathSeparator,
        jarOf(JitAllocatorFactory.class).toString(),
        jarOf(DefaultJitAllocatorFactory.class).toString(),
        folder.toString());
  }

  private static Path jarOf(Class<?> type) throws URISyntaxException {
    Path jar = locationOf(type);
    assertThat(jar).isRegularFile();
    return jar;
  }

  private static Path locationOf(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private void copyPrograms() throws IOException {
    Path packageFolder = Path.of(FirstLight.class.getPackageName().replace('.', '/'));
    Path target = Files.createDirectories(folder.resolve(packageFolder));
    try (Stream<Path> classes = Files.list(locationOf(FirstLight.class).resolve(packageFolder))) {
      for (Path file : classes.toList()) {
        Files.copy(file, target.resolve(file.getFileName()));
      }
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  private void compileModuleInfo() throws Exception {
    Path source = Files.writeString(folder.resolve("module-info.java"), MODULE_INFO);
    int status =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                System.out,
                System.err,
                "-p",
                jarOf(JitAllocatorFactory.class).toString(),
                "-d",
                folder.toString(),
                source.toString());
    assertThat(status).as("status of javac").isZero();
  }
}
