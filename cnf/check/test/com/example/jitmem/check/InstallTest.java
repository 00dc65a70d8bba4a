// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A user's project with README's dependencies, after `mvn install` of a copy of this tree into an
/// empty local repository. Plugins and libraries come from the local repository of this build.
class InstallTest {
  private static final List<String> PUBLISHED =
      List.of("com.example.jitmem.api", "com.example.jitmem.impl", "com.example.jitmem.elf");
  private static final Pattern README_DEPENDENCIES =
      Pattern.compile("```xml\\n(<dependencyManagement>.*?)```", Pattern.DOTALL);
  private static final String MAVEN =
      System.getProperty("os.name").startsWith("Windows") ? "mvn.cmd" : "mvn";
  private static final long LIMIT_SECONDS = 240;

  @TempDir static Path folder;
  static Path repository;

  @BeforeAll
  static void install() throws Exception {
    repository = folder.resolve("repository");
    Files.writeString(
        folder.resolve("settings.xml"),
        """
        <settings>
          <mirrors>
            <mirror><id>local</id><mirrorOf>*</mirrorOf><url>%s</url></mirror>
          </mirrors>
        </settings>
        """
            .formatted(Path.of(environment("MAVEN_REPO")).toUri()));
    Path copy = folder.resolve("copy");
    List<Path> files = new ArrayList<>(Tree.sources(path -> !path.endsWith(".gitignore")));
    for (String bundle : PUBLISHED) {
      files.addAll(classes(bundle));
    }
    for (Path file : files) {
      Path target = copy.resolve(file);
      Files.createDirectories(target.resolveSibling("."));
      Files.copy(Tree.ROOT.resolve(file), target);
    }
    maven(
        copy,
        "install",
        "-pl",
        "com.example.jitmem.bom,.," + String.join(",", PUBLISHED),
        "-Dmaven.main.skip",
        "-Dmaven.test.skip",
        "-Dquality.skip");
  }

  private static List<Path> classes(String bundle) throws IOException {
    try (Stream<Path> files = Files.walk(Tree.ROOT.resolve(bundle).resolve("target/classes"))) {
      return files.filter(Files::isRegularFile).map(Tree.ROOT::relativize).toList();
    }
  }

  @Test
  void theDependenciesOfReadmeResolveAndRun() throws Exception {
    Matcher dependencies = README_DEPENDENCIES.matcher(Tree.read(Tree.ROOT.resolve("README.md")));
    assertThat(dependencies.find()).as("dependencies in README.md").isTrue();
    Path project = Files.createDirectories(folder.resolve("user"));
    Files.writeString(
        project.resolve("pom.xml"),
        """
        <project xmlns="http://maven.apache.org/POM/4.0.0">
          <modelVersion>4.0.0</modelVersion>
          <groupId>my.group</groupId>
          <artifactId>my.application</artifactId>
          <version>1</version>
          <packaging>pom</packaging>
          %s
        </project>
        """
            .formatted(dependencies.group(1)));
    Files.writeString(
        project.resolve("Main.java"),
        """
        import com.example.jitmem.api.allocator.JitAllocatorFactory;
        import java.util.ServiceLoader;

        void main() {
          var factory = ServiceLoader.load(JitAllocatorFactory.class).findFirst().orElseThrow();
          try (var allocator = factory.create(); var span = allocator.alloc(100)) {
            IO.println("allocated " + span.byteSize());
          }
        }
        """);
    String output =
        maven(
            project,
            "org.codehaus.mojo:exec-maven-plugin:" + execPluginVersion() + ":exec",
            "-Dexec.executable=" + Path.of(System.getProperty("java.home"), "bin", "java"),
            "-Dexec.args=--enable-native-access=ALL-UNNAMED -classpath %classpath Main.java");
    assertThat(output).contains("allocated 128");
  }

  @Test
  void onlyWhatIsPublishedIsInstalledAndBillsOfMaterialsBesideIt() throws IOException {
    Path group = repository.resolve("com/example/jitmem");
    try (Stream<Path> artifacts = Files.list(group)) {
      assertThat(artifacts.filter(Files::isDirectory).map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "com.example.jitmem.bom",
              "com.example.jitmem.parent",
              "com.example.jitmem.api",
              "com.example.jitmem.impl",
              "com.example.jitmem.elf");
    }
    for (String bundle : PUBLISHED) {
      assertThat(installed(bundle, "-cyclonedx.json"))
          .content()
          .contains("\"bomFormat\" : \"CycloneDX\"", "pkg:maven/com.example.jitmem/" + bundle);
    }
  }

  @Test
  void aBuildInAnotherFolderMakesTheSameBytes() {
    for (String bundle : PUBLISHED) {
      assertThat(installed(bundle, ".jar")).hasSameBinaryContentAs(Tree.mavenJar(bundle));
    }
  }

  private static Path installed(String artifact, String suffix) {
    return repository
        .resolve("com/example/jitmem")
        .resolve(artifact)
        .resolve(Tree.VERSION)
        .resolve(artifact + "-" + Tree.VERSION + suffix);
  }

  private static String execPluginVersion() {
    Matcher version =
        Pattern.compile("exec-maven-plugin</artifactId>\\s*<version>([^<]+)<")
            .matcher(Tree.read(Tree.ROOT.resolve("pom.xml")));
    assertThat(version.find()).isTrue();
    return version.group(1);
  }

  private static String maven(Path project, String... arguments) throws Exception {
    Path output = folder.resolve(project.getFileName() + ".log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(property("maven.home"), "bin", MAVEN).toString());
    command.addAll(List.of("-B", "-s", folder.resolve("settings.xml").toString()));
    command.add("-Dmaven.repo.local=" + repository);
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(project.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("JAVA_HOME", property("maven.java.home"));
    Process process = builder.start();
    boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
    process.destroyForcibly();
    String text = Files.readString(output);
    assertThat(ended).as("ended in time: " + text).isTrue();
    assertThat(process.exitValue()).as(text).isZero();
    return text;
  }

  private static String environment(String name) {
    return Objects.requireNonNull(System.getenv(name), name);
  }

  private static String property(String name) {
    return Objects.requireNonNull(System.getProperty(name), name);
  }
}
