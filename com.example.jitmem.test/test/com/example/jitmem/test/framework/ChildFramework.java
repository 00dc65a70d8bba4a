// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test.framework;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Collectors;

/// Runs a program in a JVM of its own, with the bundles that users of the component need.
final class ChildFramework {
  private static final long TIME_LIMIT_SECONDS = 60;

  /// In the order in which they are started, so that components activate as their bundle starts.
  private static final List<String> BUNDLES =
      List.of(
          "org.osgi.util.function",
          "org.osgi.util.promise",
          "org.osgi.service.component",
          "org.apache.felix.scr",
          "com.example.jitmem.api",
          "com.example.jitmem.impl");

  /// One line for a message.
  private static final String LOG_FORMAT = "-Djava.util.logging.SimpleFormatter.format=%4$s %5$s%n";

  private final String framework;
  private final Path folder;

  /// @param framework the symbolic name of the framework
  /// @param folder an empty folder
  ChildFramework(String framework, Path folder) {
    this.framework = framework;
    this.folder = folder;
  }

  /// Runs [FrameworkProgram] to its end.
  ///
  /// @param options of the JVM
  /// @return what it wrote to its standard and error output
  List<String> run(String... options) throws Exception {
    return run(FrameworkProgram.class, List.of(options), List.of());
  }

  /// Runs a program to its end.
  ///
  /// @param program its main class
  /// @param options of the JVM
  /// @param arguments between the folder for the framework's data and the bundles
  /// @return what it wrote to its standard and error output
  List<String> run(Class<?> program, List<String> options, List<String> arguments)
      throws Exception {
    Map<String, Path> jars = jarsBySymbolicName();
    Path classes = Path.of(program.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add(LOG_FORMAT);
    command.add("-cp");
    command.add(jars.get(framework) + File.pathSeparator + classes);
    command.add(program.getName());
    command.add(folder.resolve("storage").toString());
    command.addAll(arguments);
    BUNDLES.forEach(bundle -> command.add(String.valueOf(jars.get(bundle))));
    return run(command);
  }

  private List<String> run(List<String> command) throws Exception {
    Path output = folder.resolve("output");
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    try {
      assertThat(process.waitFor(TIME_LIMIT_SECONDS, TimeUnit.SECONDS))
          .as("%s ends within %d s", command, TIME_LIMIT_SECONDS)
          .isTrue();
    } finally {
      process.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(output);
    assertThat(process.exitValue()).as("Status of the program that wrote %s", lines).isZero();
    return lines;
  }

  private static Map<String, Path> jarsBySymbolicName() throws IOException {
    return Collections.list(
            ChildFramework.class.getClassLoader().getResources(JarFile.MANIFEST_NAME))
        .stream()
        .filter(url -> url.getProtocol().equals("jar"))
        .collect(Collectors.toMap(ChildFramework::symbolicName, ChildFramework::jar, (a, _) -> a));
  }

  private static String symbolicName(URL manifest) {
    try (InputStream stream = manifest.openStream()) {
      String header = new Manifest(stream).getMainAttributes().getValue("Bundle-SymbolicName");
      return header == null ? "" : header.replaceFirst(";.*", "").strip();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Path jar(URL manifest) {
    try {
      URL jar = ((JarURLConnection) manifest.openConnection()).getJarFileURL();
      return Path.of(jar.toURI());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
