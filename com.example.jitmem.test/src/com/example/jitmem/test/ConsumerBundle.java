// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.runtime.JitRuntime;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

/// A bundle made for a test. It has no code: the test gets services in its name.
final class ConsumerBundle implements AutoCloseable {
  private final Bundle bundle;

  private ConsumerBundle(Bundle bundle) {
    this.bundle = bundle;
  }

  /// Installs a bundle that imports the API, and starts it.
  static ConsumerBundle start(BundleContext context, String symbolicName) throws BundleException {
    String packages = JitAllocator.class.getPackageName() + "," + JitRuntime.class.getPackageName();
    return start(context, symbolicName, Map.of(Constants.IMPORT_PACKAGE, packages), Map.of());
  }

  /// Installs a bundle and starts it.
  ///
  /// @param headers of its manifest, beside the mandatory ones
  /// @param files its content by path
  static ConsumerBundle start(
      BundleContext context,
      String symbolicName,
      Map<String, String> headers,
      Map<String, String> files)
      throws BundleException {
    Bundle bundle =
        context.installBundle("test:" + symbolicName, jar(symbolicName, headers, files));
    try {
      bundle.start();
    } catch (BundleException e) {
      bundle.uninstall();
      throw e;
    }
    return new ConsumerBundle(bundle);
  }

  /// Replaces the content of the bundle.
  void update(Map<String, String> headers, Map<String, String> files) throws BundleException {
    bundle.update(jar(bundle.getSymbolicName(), headers, files));
  }

  /// The bundle.
  Bundle bundle() {
    return bundle;
  }

  /// Gets the object that this bundle gets for a service.
  <T> T get(Class<T> type, ServiceReference<?> service) {
    return type.cast(bundle.getBundleContext().getService(service));
  }

  @Override
  public void close() throws BundleException {
    bundle.uninstall();
  }

  private static InputStream jar(
      String symbolicName, Map<String, String> headers, Map<String, String> files) {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue(Constants.BUNDLE_MANIFESTVERSION, "2");
    attributes.putValue(Constants.BUNDLE_SYMBOLICNAME, symbolicName);
    headers.forEach(attributes::putValue);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        jar.putNextEntry(new ZipEntry(file.getKey()));
        jar.write(file.getValue().getBytes(StandardCharsets.UTF_8));
        jar.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ByteArrayInputStream(bytes.toByteArray());
  }
}
