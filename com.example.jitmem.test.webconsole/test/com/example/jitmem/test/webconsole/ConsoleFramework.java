// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test.webconsole;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/// Felix with the component and the Web Console, which listens on a free port of this machine.
final class ConsoleFramework {
  private static final String ALLOCATOR = "com.example.jitmem.api.allocator.JitAllocator";
  private static final String ENDPOINT = "osgi.http.endpoint";
  private static final long STOP_LIMIT_MILLIS = 20_000;

  private static final List<String> BUNDLES =
      List.of(
          "org.osgi.util.function",
          "org.osgi.util.promise",
          "org.osgi.service.component",
          "org.objectweb.asm",
          "org.objectweb.asm.tree",
          "org.objectweb.asm.tree.analysis",
          "org.objectweb.asm.commons",
          "org.objectweb.asm.util",
          "org.apache.aries.spifly.dynamic.bundle",
          "org.apache.felix.log",
          "slf4j.api",
          "slf4j.simple",
          "org.apache.felix.configadmin",
          "org.apache.felix.metatype",
          "org.apache.felix.scr",
          "org.apache.felix.http.servlet-api",
          "org.apache.felix.http.jetty12",
          "org.apache.commons.commons-io",
          "org.apache.commons.commons-fileupload",
          "org.owasp.encoder",
          "org.apache.felix.inventory",
          "org.apache.felix.webconsole",
          "com.example.jitmem.api",
          "com.example.jitmem.impl");

  private final Framework framework;

  private ConsoleFramework(Framework framework) {
    this.framework = framework;
  }

  /// Starts the framework and all bundles.
  ///
  /// @param storage an empty folder
  static ConsoleFramework start(Path storage) throws Exception {
    Map<String, String> configuration =
        Map.of(
            Constants.FRAMEWORK_STORAGE,
            storage.toString(),
            "org.osgi.service.http.port",
            "0",
            "org.apache.felix.http.host",
            "127.0.0.1");
    FrameworkFactory factory = ServiceLoader.load(FrameworkFactory.class).findFirst().orElseThrow();
    Framework framework = factory.newFramework(configuration);
    framework.start();
    ConsoleFramework console = new ConsoleFramework(framework);
    Thread thread = Thread.currentThread();
    ClassLoader loader = thread.getContextClassLoader();
    // The class path has the jars too, and a service loader would find them there
    thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
    try {
      console.startBundles();
    } finally {
      thread.setContextClassLoader(loader);
    }
    return console;
  }

  /// The address of the Web Console, if it is there yet.
  Collection<String> endpoints() throws InvalidSyntaxException {
    ServiceReference<?>[] found =
        context().getAllServiceReferences(null, "(" + ENDPOINT + "=http*)");
    return found == null
        ? List.of()
        : Arrays.stream(found)
            .flatMap(service -> values(service.getProperty(ENDPOINT)).stream())
            .map(address -> address + "system/console/configMgr")
            .toList();
  }

  /// The properties of the allocators, in the order of their names.
  List<Map<String, Object>> allocators() throws InvalidSyntaxException {
    ServiceReference<?>[] found = context().getAllServiceReferences(ALLOCATOR, null);
    Map<String, Map<String, Object>> byName = new TreeMap<>();
    for (ServiceReference<?> service : found == null ? new ServiceReference<?>[0] : found) {
      Map<String, Object> properties = new TreeMap<>();
      for (String key : service.getPropertyKeys()) {
        properties.put(key, service.getProperty(key));
      }
      byName.put(String.valueOf(service.getProperty("jitmem.name")), properties);
    }
    return List.copyOf(byName.values());
  }

  /// Stops the framework.
  void stop() throws BundleException, InterruptedException {
    framework.stop();
    framework.waitForStop(STOP_LIMIT_MILLIS);
  }

  private BundleContext context() {
    return framework.getBundleContext();
  }

  private void startBundles() throws BundleException, IOException {
    Map<String, URL> jars = jarsBySymbolicName();
    List<Bundle> installed = new ArrayList<>();
    for (String name : BUNDLES) {
      URL jar = Objects.requireNonNull(jars.get(name), name);
      installed.add(context().installBundle(jar.toString()));
    }
    for (Bundle bundle : installed) {
      bundle.start();
    }
  }

  private static Collection<String> values(Object value) {
    return switch (value) {
      case String text -> List.of(text);
      case String[] texts -> List.of(texts);
      case Collection<?> texts -> texts.stream().map(String::valueOf).toList();
      default -> throw new AssertionError(value);
    };
  }

  private static Map<String, URL> jarsBySymbolicName() throws IOException {
    Map<String, URL> jars = new TreeMap<>();
    ClassLoader loader = ConsoleFramework.class.getClassLoader();
    for (URL manifest : Collections.list(loader.getResources(JarFile.MANIFEST_NAME))) {
      if (manifest.openConnection() instanceof JarURLConnection connection) {
        try (InputStream stream = manifest.openStream()) {
          String name = new Manifest(stream).getMainAttributes().getValue("Bundle-SymbolicName");
          if (name != null) {
            jars.putIfAbsent(name.replaceFirst(";.*", "").strip(), connection.getJarFileURL());
          }
        }
      }
    }
    return jars;
  }
}
