// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Maven and bnd are told the same versions, and every version in one place.
class VersionTest {
  private static final Path CENTRAL = Tree.ROOT.resolve("cnf/central.mvn");

  /// The bill of materials has the version of the project, and the build inherits from it.
  private static final Set<Path> TOP =
      Set.of(Path.of("pom.xml"), Path.of("com.example.jitmem.bom/pom.xml"));

  /// Names other artifacts, and has no classes itself.
  private static final String AGGREGATOR = "org.junit.jupiter:junit-jupiter";

  /// Where documents name an artifact and its version: in names of jars and in a table.
  private static final List<Pattern> NAMED_VERSIONS =
      List.of(
          Pattern.compile("([a-z.]+)-([0-9][0-9A-Za-z.-]*)\\.jar"),
          Pattern.compile("(?m)^\\| `[a-z.]+:([a-z.]+)` \\| ([^ ]+) \\|$"));

  private final Map<String, String> managed = managed();

  @Test
  void mavenAndBndUseTheSameVersions() {
    Map<String, String> different = central();
    different.entrySet().removeIf(bnd -> bnd.getValue().equals(managed.get(bnd.getKey())));
    different.keySet().removeIf(name -> !managed.containsKey(name));
    assertThat(different).as("in cnf/central.mvn, but not so in pom.xml").isEmpty();
  }

  @Test
  void whatPomXmlDoesNotManageIsWhatMavenResolved() {
    Map<String, String> unmanaged = central();
    unmanaged.keySet().removeAll(managed.keySet());
    Set<String> missing = new TreeSet<>();
    unmanaged.forEach(
        (name, version) -> missing.add(name.replaceFirst(".*:", "") + "-" + version + ".jar"));
    for (String entry :
        System.getProperty("surefire.test.class.path").split(File.pathSeparator, -1)) {
      missing.remove(String.valueOf(Path.of(entry).getFileName()));
    }
    assertThat(missing).as("in cnf/central.mvn, but not resolved by Maven").isEmpty();
  }

  @Test
  void bndKnowsEveryDependencyOfTheBundles() {
    Set<String> missing = new TreeSet<>();
    for (String bundle : Tree.BUNDLES) {
      missing.addAll(Pom.read(Tree.ROOT.resolve(bundle).resolve("pom.xml")).dependencies());
    }
    missing.removeIf(name -> name.startsWith("com.example.jitmem:") || name.equals(AGGREGATOR));
    missing.removeAll(central().keySet());
    assertThat(missing).as("used in a bundle, but not in cnf/central.mvn").isEmpty();
  }

  @Test
  void onlyTheTopLevelPomAndItsParentNameVersions() throws Exception {
    List<String> named = new ArrayList<>();
    for (Path pom : Tree.sources(path -> path.endsWith("pom.xml") && !TOP.contains(path))) {
      for (String version : Pom.read(Tree.ROOT.resolve(pom)).versions()) {
        if (!version.startsWith("${")) {
          named.add(pom + ": " + version);
        }
      }
    }
    assertThat(named).isEmpty();
  }

  @Test
  void mavenAndBndGiveTheBundlesTheSameVersion() {
    Pattern version = Pattern.compile("(?m)^Bundle-Version:\\s*(\\S+)$");
    assertThat(version.matcher(Tree.read(Tree.ROOT.resolve("cnf/build.bnd"))).results())
        .extracting(found -> found.group(1))
        .containsExactly(Tree.VERSION.replace("-", "."));
  }

  @Test
  void documentsNameTheVersionsThatAreTested() throws Exception {
    Map<String, String> tested = new TreeMap<>();
    managed.forEach((name, version) -> tested.put(name.substring(name.indexOf(':') + 1), version));
    // Felix releases its launcher, which is no dependency, together with its framework
    tested.put(
        "org.apache.felix.main", tested.getOrDefault("org.apache.felix.framework", "unknown"));
    Set<String> different = new TreeSet<>();
    int count = 0;
    for (Document document : Document.all()) {
      for (Pattern place : NAMED_VERSIONS) {
        for (MatchResult found : place.matcher(document.text()).results().toList()) {
          count++;
          if (!found.group(2).equals(tested.get(found.group(1)))) {
            different.add(document.file() + ": " + found.group());
          }
        }
      }
    }
    assertThat(different).as("in a document, but not so in pom.xml").isEmpty();
    assertThat(count).as("versions found").isGreaterThan(NAMED_VERSIONS.size());
  }

  /// Group and artifact to version, as Maven is told them.
  private static Map<String, String> managed() {
    Map<String, String> managed = new TreeMap<>();
    for (Path pom : TOP) {
      managed.putAll(Pom.read(Tree.ROOT.resolve(pom)).managedVersions());
    }
    return managed;
  }

  /// Group and artifact to version, as bnd sees them.
  private static Map<String, String> central() {
    Map<String, String> central = new TreeMap<>();
    Tree.read(CENTRAL)
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .forEach(
            line -> {
              int end = line.lastIndexOf(':');
              String previous =
                  central.put(line.substring(0, end), line.substring(end + 1).strip());
              assertThat(previous).as("other version of " + line).isNull();
            });
    return central;
  }
}
