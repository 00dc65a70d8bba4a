// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import static org.assertj.core.api.Assertions.assertThat;

import aQute.bnd.header.Attrs;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.time.LocalDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// What the bundles say of themselves, to a framework and to the module system.
class BundleTest {
  static final List<String> BUNDLES = Tree.BUNDLES;

  private static final String API = "com.example.jitmem.api";
  private static final String IMPL = "com.example.jitmem.impl";
  private static final Set<String> API_PACKAGES =
      Set.of(API + ".allocator", API + ".runtime", API + ".service", API + ".virtmem");

  @ParameterizedTest
  @FieldSource("BUNDLES")
  void everyBundleNeedsJava25(String bundle) throws IOException {
    try (BundleJar jar = open(bundle)) {
      assertThat(jar.capabilities("Require-Capability", "osgi.ee"))
          .extracting(attributes -> attributes.get("filter:"))
          .containsExactly("(&(osgi.ee=JavaSE)(version=25))");
    }
  }

  @ParameterizedTest
  @FieldSource("BUNDLES")
  void everyBundleSaysWhatItIsAndUnderWhichLicence(String bundle) throws IOException {
    try (BundleJar jar = open(bundle)) {
      assertThat(jar.headers())
          .containsEntry("Bundle-SymbolicName", bundle)
          .containsEntry("Bundle-Version", Tree.VERSION.replace("-", "."))
          .containsEntry("Bundle-License", "Apache-2.0")
          .containsKeys("Bundle-Name", "Bundle-Description", "Bundle-Vendor");
    }
  }

  @ParameterizedTest
  @FieldSource("BUNDLES")
  void everyBundleIsAClosedModuleOfItsSymbolicName(String bundle) throws IOException {
    try (BundleJar jar = open(bundle)) {
      assertThat(jar.module().name()).isEqualTo(bundle);
      assertThat(jar.module().isOpen()).isFalse();
    }
  }

  @ParameterizedTest
  @FieldSource("BUNDLES")
  void nothingInABundleTellsWhenOrWhereItWasBuilt(String bundle) throws IOException {
    LocalDateTime fixed = LocalDateTime.of(2026, 1, 1, 0, 0);
    try (BundleJar jar = open(bundle)) {
      assertThat(jar.entries()).extracting(JarEntry::getTimeLocal).containsOnly(fixed);
      assertThat(jar.headers())
          .doesNotContainKeys("Bnd-LastModified", "Built-By", "Build-Jdk", "Created-By", "Tool");
      assertThat(jar.headers().values()).noneMatch(value -> value.contains(Tree.ROOT.toString()));
    }
  }

  @Test
  void theApiExportsItsFourPackagesWithVersions() throws IOException {
    try (BundleJar jar = open(API)) {
      assertThat(jar.clauses("Export-Package").keySet()).isEqualTo(API_PACKAGES);
      assertThat(jar.clauses("Export-Package").values())
          .extracting(Attrs::getVersion)
          .allMatch(version -> Pattern.matches("1\\.\\d+\\.\\d+", version));
      assertThat(exports(jar.module())).isEqualTo(API_PACKAGES);
    }
  }

  @Test
  void theApiNeedsNothingButJavaBaseAtRunTime() throws IOException {
    try (BundleJar jar = open(API)) {
      assertThat(requiredAtRunTime(jar.module())).containsExactly("java.base");
      jar.clauses("Import-Package")
          .forEach(
              (imported, attributes) -> {
                if (!imported.startsWith(API)) {
                  assertThat(attributes.get("resolution:")).as(imported).isEqualTo("optional");
                }
              });
    }
  }

  @Test
  void noPackageOfTheApiUsesAnnotations() throws IOException {
    try (BundleJar jar = open(API)) {
      assertThat(jar.clauses("Export-Package").values())
          .allSatisfy(
              attributes ->
                  assertThat(String.valueOf(attributes.get("uses:")))
                      .doesNotContain("org.jspecify"));
    }
  }

  @Test
  void theImplementationExportsNothing() throws IOException {
    try (BundleJar jar = open(IMPL)) {
      assertThat(jar.clauses("Export-Package").keySet()).isEmpty();
      assertThat(exports(jar.module())).isEmpty();
    }
  }

  @Test
  void theImplementationNeedsOnlyTheApiOnTheModulePath() throws IOException {
    try (BundleJar jar = open(IMPL)) {
      assertThat(requiredAtRunTime(jar.module())).containsExactlyInAnyOrder("java.base", API);
    }
  }

  @Test
  void theImplementationOffersItselfAndItsServices() throws IOException {
    try (BundleJar jar = open(IMPL)) {
      assertThat(jar.capabilities("Provide-Capability", "osgi.implementation"))
          .extracting(attributes -> attributes.get("osgi.implementation"))
          .containsExactly("com.example.jitmem");
      assertThat(services(jar.capabilities("Provide-Capability", "osgi.service")))
          .contains(
              API + ".allocator.JitAllocator",
              API + ".allocator.JitAllocatorFactory",
              API + ".runtime.JitRuntime",
              API + ".virtmem.VirtMem");
    }
  }

  @Test
  void theImplementationIsFoundByServiceLoader() throws IOException {
    try (BundleJar jar = open(IMPL)) {
      assertThat(jar.module().provides())
          .extracting(ModuleDescriptor.Provides::service)
          .contains(API + ".allocator.JitAllocatorFactory");
      assertThat(jar.contents())
          .containsKey("META-INF/services/" + API + ".allocator.JitAllocatorFactory");
    }
  }

  private static BundleJar open(String bundle) throws IOException {
    return new BundleJar(Tree.mavenJar(bundle));
  }

  private static Set<String> exports(ModuleDescriptor module) {
    return module.exports().stream()
        .map(ModuleDescriptor.Exports::source)
        .collect(Collectors.toSet());
  }

  private static Set<String> requiredAtRunTime(ModuleDescriptor module) {
    return module.requires().stream()
        .filter(requires -> !requires.modifiers().contains(Requires.Modifier.STATIC))
        .map(Requires::name)
        .collect(Collectors.toSet());
  }

  private static List<String> services(Collection<Attrs> capabilities) {
    return capabilities.stream()
        .map(attributes -> attributes.get("objectClass"))
        .flatMap(classes -> Stream.of(classes.split(",", -1)))
        .toList();
  }
}
