// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import aQute.bnd.header.Attrs;
import aQute.bnd.header.OSGiHeader;
import aQute.bnd.header.Parameters;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/// What a test wants to know of a built bundle.
final class BundleJar implements AutoCloseable {
  private final JarFile jar;

  BundleJar(Path file) throws IOException {
    jar = new JarFile(file.toFile());
  }

  /// The main section of the manifest, sorted by name.
  SortedMap<String, String> headers() throws IOException {
    SortedMap<String, String> headers = new TreeMap<>();
    jar.getManifest()
        .getMainAttributes()
        .forEach((name, value) -> headers.put(name.toString(), value.toString()));
    return headers;
  }

  /// The clauses of a header; none if it is missing.
  Parameters clauses(String header) throws IOException {
    return OSGiHeader.parseHeader(headers().getOrDefault(header, ""));
  }

  /// The attributes of the clauses of a capability header that are of one namespace.
  Collection<Attrs> capabilities(String header, String namespace) throws IOException {
    return clauses(header).stream()
        .filterKey(key -> key.replace("~", "").equals(namespace))
        .values()
        .toList();
  }

  ModuleDescriptor module() throws IOException {
    JarEntry descriptor = jar.getJarEntry("module-info.class");
    if (descriptor == null) {
      throw new AssertionError(jar.getName() + " has no module-info.class");
    }
    try (InputStream bytes = jar.getInputStream(descriptor)) {
      return ModuleDescriptor.read(bytes);
    }
  }

  /// Every file in the jar with its bytes in hex, without the folders.
  SortedMap<String, String> contents() throws IOException {
    SortedMap<String, String> contents = new TreeMap<>();
    for (JarEntry entry : entries()) {
      if (!entry.isDirectory()) {
        try (InputStream bytes = jar.getInputStream(entry)) {
          contents.put(entry.getName(), HexFormat.of().formatHex(bytes.readAllBytes()));
        }
      }
    }
    return contents;
  }

  List<JarEntry> entries() {
    return jar.stream().toList();
  }

  @Override
  public void close() throws IOException {
    jar.close();
  }
}
