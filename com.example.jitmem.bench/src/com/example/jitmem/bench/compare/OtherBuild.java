// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import com.example.jitmem.api.allocator.JitAllocatorFactory;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/// Another build of jitmem, to be measured beside this one.
///
/// @param api the bundle of its API
/// @param implementation the bundle of its implementation
record OtherBuild(Path api, Path implementation) {
  private static final String API = "com.example.jitmem.api";
  private static final String IMPLEMENTATION = "com.example.jitmem.impl";

  /// Finds the two bundles.
  ///
  /// @param location a checkout that was packaged, or the bundle of an implementation with that of
  ///     its API beside it, or in the folder of the API in a checkout or a Maven repository
  /// @throws IllegalArgumentException if one of them is not there
  static OtherBuild find(Path location) {
    if (Files.isDirectory(location)) {
      return new OtherBuild(packaged(location, API), packaged(location, IMPLEMENTATION));
    }
    String name = String.valueOf(location.getFileName());
    if (!name.startsWith(IMPLEMENTATION) || !Files.exists(location)) {
      throw new IllegalArgumentException(
          "--against takes a checkout or a jar whose name begins with "
              + IMPLEMENTATION
              + ", not "
              + location);
    }
    Path beside = location.resolveSibling(name.replace(IMPLEMENTATION, API));
    Path apart = Path.of(location.toString().replace(IMPLEMENTATION, API));
    for (Path api : List.of(beside, apart)) {
      if (Files.exists(api)) {
        return new OtherBuild(api, location);
      }
    }
    throw new IllegalArgumentException("There is no " + beside + " for " + location);
  }

  private static Path packaged(Path checkout, String module) {
    Path target = checkout.resolve(module).resolve("target");
    String[] bundles = target.toFile().list((folder, name) -> isBundle(name, module));
    if (bundles == null || bundles.length != 1) {
      throw new IllegalArgumentException(
          target + " has to hold one bundle; to build it: mvn clean package -DskipTests");
    }
    return target.resolve(bundles[0]);
  }

  private static boolean isBundle(String name, String module) {
    return name.startsWith(module)
        && name.endsWith(".jar")
        && !name.endsWith("-sources.jar")
        && !name.endsWith("-javadoc.jar");
  }

  /// The class path of this process with that build instead of this one. No class of this
  /// build stays on it: one that the other build lacks would be found here.
  String classPath() throws IOException {
    List<String> entries = new ArrayList<>(List.of(implementation.toString(), api.toString()));
    List<Path> ours = List.of(location(JitAllocatorFactory.class), location(provider()));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path path = Path.of(entry);
      if (!Files.exists(path) || !ours.contains(path.toRealPath())) {
        entries.add(entry);
      }
    }
    return String.join(File.pathSeparator, entries);
  }

  private static Class<?> provider() {
    return ServiceLoader.load(JitAllocatorFactory.class).stream().findFirst().orElseThrow().type();
  }

  private static Path location(Class<?> type) throws IOException {
    return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString()))
        .toRealPath();
  }
}
