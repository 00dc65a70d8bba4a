// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import static org.assertj.core.api.Assertions.assertThat;

import aQute.bnd.differ.Baseline;
import aQute.bnd.differ.DiffPluginImpl;
import aQute.bnd.osgi.Domain;
import aQute.bnd.osgi.EmbeddedResource;
import aQute.bnd.osgi.Instructions;
import aQute.bnd.osgi.Jar;
import aQute.bnd.service.diff.Delta;
import aQute.bnd.service.diff.Diff;
import aQute.libg.reporter.ReporterAdapter;
import java.io.InputStream;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.attribute.RuntimeInvisibleAnnotationsAttribute;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.jar.Manifest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The API that was built, compared with the API as it was last accepted.
class ApiBaselineTest {
  private static final String API = "com.example.jitmem.api";
  private static final String ACCEPTED = "cnf/baseline/" + API + ".jar";
  private static final String SPAN = "com/example/jitmem/api/allocator/Span.class";
  private static final String OPTION = "com/example/jitmem/api/allocator/JitAllocatorOption.class";
  private static final String VERSION = "Lorg/osgi/annotation/versioning/Version;";
  private static final Set<Delta> INCOMPATIBLE = Set.of(Delta.MAJOR, Delta.REMOVED);

  private Jar built = new Jar("none");
  private Jar accepted = new Jar("none");

  @BeforeEach
  void open() throws Exception {
    built = new Jar(Tree.mavenJar(API).toFile());
    accepted = new Jar(Tree.ROOT.resolve(ACCEPTED).toFile());
  }

  @AfterEach
  void close() {
    built.close();
    accepted.close();
  }

  @Test
  void theApiIsCompatibleWithTheAcceptedOneAndItsPackagesHaveTheVersionsForIt() throws Exception {
    assertThat(problems())
        .as("If the change is meant, copy the built bundle of the API to " + ACCEPTED)
        .isEmpty();
  }

  @Test
  void aRemovedTypeIsFound() throws Exception {
    built.remove(SPAN);
    assertThat(problems())
        .anyMatch(problem -> problem.startsWith("incompatible: ") && problem.contains("Span"));
  }

  @Test
  void aRemovedTypeIsFoundInANewMajorVersionToo() throws Exception {
    built.remove(SPAN);
    replaceInExports("1\\.\\d+\\.\\d+", "2.0.0");
    assertThat(problems())
        .anyMatch(problem -> problem.startsWith("incompatible: ") && problem.contains("Span"));
  }

  @Test
  void anAdditionWithoutANewVersionIsFound() throws Exception {
    accepted.remove(OPTION);
    assertThat(problems())
        .anyMatch(problem -> problem.startsWith("version of " + API + ".allocator "));
  }

  @Test
  void anAdditionWithANewMinorVersionIsAccepted() throws Exception {
    accepted.remove(OPTION);
    replaceInExports("allocator;version=\"1\\.\\d+", "allocator;version=\"1.99");
    assertThat(problems()).isEmpty();
  }

  @Test
  void aMissingVersionIsFound() throws Exception {
    String packageInfo = API.replace('.', '/') + "/runtime/package-info.class";
    ClassFile classFile = ClassFile.of();
    byte[] without =
        classFile.transformClass(
            classFile.parse(bytes(packageInfo)),
            ClassTransform.dropping(RuntimeInvisibleAnnotationsAttribute.class::isInstance));
    built.putResource(packageInfo, new EmbeddedResource(without, 0));
    assertThat(problems())
        .contains(API + ".runtime has no version of its own")
        .noneMatch(problem -> problem.startsWith("incompatible: "));
  }

  private void replaceInExports(String pattern, String replacement) throws Exception {
    Manifest manifest = built.getManifest();
    String exports = manifest.getMainAttributes().getValue("Export-Package");
    String replaced = exports.replaceAll(pattern, replacement);
    assertThat(replaced).isNotEqualTo(exports);
    manifest.getMainAttributes().putValue("Export-Package", replaced);
    built.setManifest(manifest);
  }

  private List<String> problems() throws Exception {
    Baseline baseline = new Baseline(new ReporterAdapter(), new DiffPluginImpl());
    List<String> problems = new ArrayList<>();
    for (String exported : Domain.domain(built.getManifest()).getExportPackage().keySet()) {
      if (!hasVersion(exported)) {
        problems.add(exported + " has no version of its own");
      }
    }
    for (Baseline.Info info : baseline.baseline(built, accepted, new Instructions("*"))) {
      if (info.mismatch) {
        problems.add(
            "version of %s is %s, has to be %s"
                .formatted(info.packageName, info.newerVersion, info.suggestedVersion));
      }
      addIncompatible(info.packageDiff, info.packageName, problems);
    }
    return problems;
  }

  /// Whether `package-info.java` names a version. Without one bnd exports the package in the
  /// version of the bundle, which fits by accident.
  private boolean hasVersion(String exported) throws Exception {
    return ClassFile.of()
        .parse(bytes(exported.replace('.', '/') + "/package-info.class"))
        .findAttributes(Attributes.runtimeInvisibleAnnotations())
        .stream()
        .flatMap(attribute -> attribute.annotations().stream())
        .anyMatch(annotation -> annotation.className().equalsString(VERSION));
  }

  private byte[] bytes(String resource) throws Exception {
    try (InputStream stream =
        Objects.requireNonNull(built.getResource(resource), resource).openInputStream()) {
      return stream.readAllBytes();
    }
  }

  /// Adds the innermost differences that break code written for the accepted API.
  private static void addIncompatible(Diff diff, String path, List<String> problems) {
    if (!INCOMPATIBLE.contains(diff.getDelta())) {
      return;
    }
    int before = problems.size();
    for (Diff child : diff.getChildren()) {
      addIncompatible(child, path + " > " + child.getName(), problems);
    }
    if (problems.size() == before) {
      problems.add("incompatible: " + path + " " + diff.getDelta());
    }
  }
}
