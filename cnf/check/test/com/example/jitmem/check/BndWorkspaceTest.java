// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import static org.assertj.core.api.Assertions.assertThat;

import aQute.bnd.build.Project;
import aQute.bnd.build.ProjectBuilder;
import aQute.bnd.build.Run;
import aQute.bnd.build.Workspace;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// The tree is a bnd workspace too, and both builds make the same bundles.
///
/// bnd writes into the tree it opens, so it gets a copy.
class BndWorkspaceTest {
  @TempDir static Path copy;
  static Workspace workspace;

  static final List<String> BUNDLES = Tree.BUNDLES;

  @BeforeAll
  static void open() throws Exception {
    for (Path file : Tree.sources(path -> true)) {
      copy(file);
    }
    for (String bundle : BUNDLES) {
      copyFolder(Path.of(bundle, "target", "classes"));
    }
    workspace = new Workspace(copy.toFile());
  }

  @AfterAll
  static void close() {
    workspace.close();
  }

  @Test
  void bndFindsTheBundlesOfTheMavenBuildAndNoErrors() throws Exception {
    assertThat(workspace.getAllProjects())
        .extracting(Project::getName)
        .containsExactlyInAnyOrderElementsOf(BUNDLES);
    for (Project project : workspace.getAllProjects()) {
      project.prepare();
      assertThat(project.getErrors()).as(project.getName()).isEmpty();
      assertThat(project.getWarnings()).as(project.getName()).isEmpty();
    }
    assertThat(workspace.getErrors()).isEmpty();
    assertThat(workspace.getWarnings()).isEmpty();
  }

  @ParameterizedTest
  @FieldSource("BUNDLES")
  void bndBuildsTheBundleThatMavenBuilds(String bundle) throws Exception {
    try (BundleJar bnd = new BundleJar(build(bundle));
        BundleJar maven = new BundleJar(Tree.mavenJar(bundle))) {
      assertThat(bnd.headers()).isEqualTo(maven.headers());
      SortedMap<String, String> mavenContents = maven.contents();
      mavenContents.keySet().removeIf(name -> name.startsWith("META-INF/maven/"));
      assertThat(bnd.contents()).isEqualTo(mavenContents);
    }
  }

  @ParameterizedTest
  @FieldSource("BUNDLES")
  void twoBuildsMakeTheSameBytes(String bundle) throws Exception {
    assertThat(bytes(bundle)).isEqualTo(bytes(bundle));
  }

  @Test
  void everyBndrunFindsItsBundlesInTheWorkspace() throws Exception {
    for (Path bndrun : Tree.sources(path -> path.toString().endsWith(".bndrun"))) {
      Run run = Run.createRun(workspace, copy.resolve(bndrun).toFile());
      if (run.getProperty("-runbundles") != null) {
        assertThat(run.getRunbundles()).as(bndrun.toString()).isNotEmpty();
        assertThat(run.getErrors()).as(bndrun.toString()).isEmpty();
      }
    }
  }

  private static Path build(String bundle) throws Exception {
    Project project = workspace.getProject(bundle);
    File[] files = project.build();
    assertThat(project.getErrors()).as(bundle).isEmpty();
    assertThat(files).as(bundle).hasSize(1);
    return files[0].toPath();
  }

  private static byte[] bytes(String bundle) throws Exception {
    try (ProjectBuilder builder = workspace.getProject(bundle).getBuilder(null)) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      builder.build().write(bytes);
      return bytes.toByteArray();
    }
  }

  private static void copyFolder(Path folder) throws IOException {
    try (var files = Files.walk(Tree.ROOT.resolve(folder))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        copy(Tree.ROOT.relativize(file));
      }
    }
  }

  private static void copy(Path file) throws IOException {
    Path to = copy.resolve(file);
    Files.createDirectories(to.resolveSibling("."));
    Files.copy(Tree.ROOT.resolve(file), to);
  }
}
