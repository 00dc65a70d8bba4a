// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// The rules of who may import whom, for names that are written out instead of imported.
class ReferenceTest {
  private static final String IMPL = "com/example/jitmem/impl/";

  @Test
  void onlyTheForeignFunctionPackageLinksNativeCode() throws IOException {
    assertThat(
            packages(
                "com.example.jitmem.impl",
                name ->
                    name.startsWith("java/lang/foreign/Linker")
                        || name.equals("java/lang/foreign/SymbolLookup")))
        .containsExactly(IMPL + "ffm");
  }

  @Test
  void onlyTheOsgiPackageKnowsOsgi() throws IOException {
    assertThat(packages("com.example.jitmem.impl", name -> name.startsWith("org/osgi/")))
        .containsExactly(IMPL + "osgi");
  }

  @Test
  void onlyVirtualMemoryAndTheSystemsKnowTheSystems() throws IOException {
    Set<String> packages =
        packages("com.example.jitmem.impl", name -> name.startsWith(IMPL + "os/"));
    packages.removeIf(name -> name.startsWith(IMPL + "os"));
    assertThat(packages).containsExactly(IMPL + "virtmem");
  }

  @Test
  void theExampleAndTheTestsKnowOnlyTheApi() throws IOException {
    for (String bundle : Set.of("com.example.jitmem.example", "com.example.jitmem.test")) {
      assertThat(packages(bundle, name -> name.startsWith(IMPL))).as(bundle).isEmpty();
    }
  }

  /// The packages of a bundle with classes that refer to classes of such names.
  private static Set<String> packages(String bundle, Predicate<String> wanted) throws IOException {
    Set<String> packages = new TreeSet<>();
    for (Map.Entry<String, ClassModel> entry : ClassFiles.of(bundle).entrySet()) {
      if (refers(entry.getValue(), wanted)) {
        packages.add(ClassFiles.packageOf(entry.getKey()));
      }
    }
    return packages;
  }

  private static boolean refers(ClassModel model, Predicate<String> wanted) {
    for (var entry : model.constantPool()) {
      if (entry instanceof ClassEntry reference && wanted.test(reference.asInternalName())) {
        return true;
      }
    }
    return false;
  }
}
