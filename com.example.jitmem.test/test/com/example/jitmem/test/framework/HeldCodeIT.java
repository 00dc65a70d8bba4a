// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test.framework;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.virtmem.VirtMem;
import com.example.jitmem.test.holder.Holder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

/// What a bundle holds of the component works on when the bundle of the implementation was updated,
/// uninstalled or refreshed: its loader loads nothing then.
@EnabledOnOs(
    value = OS.LINUX,
    architectures = {"amd64", "aarch64"})
class HeldCodeIT {
  private static final String FELIX = "org.apache.felix.framework";
  private static final String EQUINOX = "org.eclipse.osgi";

  static final List<String> FRAMEWORKS = List.of(FELIX, EQUINOX);

  static final List<Arguments> ENDS =
      FRAMEWORKS.stream()
          .flatMap(
              framework ->
                  Stream.of("update", "uninstall", "refresh", "update,refresh", "uninstall,refresh")
                      .map(action -> Arguments.of(framework, action)))
          .toList();

  @TempDir Path folder;

  private Path holder;

  @BeforeEach
  void makeBundle() throws Exception {
    holder = folder.resolve("holder.jar");
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Bundle-ManifestVersion", "2");
    attributes.putValue("Bundle-SymbolicName", Holder.class.getPackageName());
    attributes.putValue(
        "Import-Package",
        String.join(
            ",",
            "org.osgi.framework",
            JitAllocator.class.getPackageName(),
            JitRuntime.class.getPackageName(),
            VirtMem.class.getPackageName()));
    Path classes =
        Path.of(Holder.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(holder), manifest);
        Stream<Path> files =
            Files.list(classes.resolve(Holder.class.getPackageName().replace('.', '/')))) {
      for (Path file : files.toList()) {
        jar.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
        Files.copy(file, jar);
        jar.closeEntry();
      }
    }
  }

  @ParameterizedTest
  @FieldSource("ENDS")
  void heldCodeSurvivesTheProvider(String framework, String action) throws Exception {
    List<String> output = run(framework, action, "use and end");

    assertThat(output).endsWith(FrameworkProgram.STOPPED);
    assertThat(output).noneMatch(line -> line.contains("NoClassDefFoundError"));
  }

  @ParameterizedTest
  @FieldSource("FRAMEWORKS")
  void nothingIsAskedOfTheLoaderWhenTheProviderIsGone(String framework) throws Exception {
    Path log = folder.resolve("classes");

    List<String> output =
        run(
            framework,
            "uninstall,refresh",
            "call everything,use and end",
            "-Xlog:class+load=info,exceptions=info:file=" + log);

    assertThat(output).endsWith(FrameworkProgram.STOPPED);
    List<String> lines = Files.readAllLines(log);
    int gone = indexOf(lines, HeldCodeProgram.BundleIsGone.class.getName());
    assertThat(lines.subList(0, gone)).anyMatch(HeldCodeIT::isLoadedOfTheBundle);
    assertThat(lines.subList(gone, lines.size()))
        .noneMatch(HeldCodeIT::isLoadedOfTheBundle)
        .noneMatch(line -> line.contains("java/lang/ClassNotFoundException"))
        .noneMatch(line -> line.contains("java/lang/NoClassDefFoundError"));
  }

  private List<String> run(String framework, String action, String steps, String... options)
      throws Exception {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--enable-native-access=ALL-UNNAMED");
    all.add("--illegal-native-access=deny");
    all.add("-Dcom.example.jitmem.mapping.log=" + folder.resolve("mappings"));
    return new ChildFramework(framework, folder)
        .run(HeldCodeProgram.class, all, List.of(holder.toString(), action, steps));
  }

  private static int indexOf(List<String> lines, String name) throws IOException {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).contains(name)) {
        return i;
      }
    }
    throw new IOException(name + " is in none of " + lines.size() + " lines");
  }

  /// Classes that the JVM makes for lambdas have a `/` in their names; no loader is asked for them.
  private static boolean isLoadedOfTheBundle(String line) {
    return line.matches(".*\\] com\\.example\\.jitmem\\.impl\\.[^/ ]* source: .*");
  }
}
