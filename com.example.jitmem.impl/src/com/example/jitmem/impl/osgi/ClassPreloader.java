// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import com.example.jitmem.impl.log.LoggerNames;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MethodTypeEntry;
import java.lang.classfile.constantpool.NameAndTypeEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;

/// Loads every class of a bundle and every class that those name, through the bundle's loader.
///
/// Objects of this bundle are still held when it was updated or uninstalled, and its loader loads
/// nothing from then on, not even what it would only pass on to other bundles or to the JVM. What
/// was asked for by [Class#forName] stays known to the JVM without the loader, so that what is held
/// goes on working. Classes are not initialized.
final class ClassPreloader {
  private static final Logger LOG = System.getLogger(LoggerNames.OSGI);
  private static final String SUFFIX = ".class";
  private static final String MODULE = "module-info.class";

  /// The classes in a descriptor of a field or method, or in the name of an array class.
  private static final Pattern CLASS_IN_DESCRIPTOR = Pattern.compile("L([^;<]+);");

  private final ClassLoader loader;
  private final Set<String> names = new HashSet<>();
  private int missing;

  private ClassPreloader(ClassLoader loader) {
    this.loader = loader;
  }

  /// Loads what the classes of a bundle may need. What is not there is left out: it would not be
  /// found later either.
  static void preload(Bundle bundle) {
    long start = System.nanoTime();
    BundleWiring wiring = bundle.adapt(BundleWiring.class);
    ClassPreloader preloader = new ClassPreloader(wiring.getClassLoader());
    wiring
        .listResources(
            "/",
            "*" + SUFFIX,
            BundleWiring.LISTRESOURCES_RECURSE | BundleWiring.LISTRESOURCES_LOCAL)
        .forEach(preloader::addFile);
    preloader.names.forEach(preloader::load);
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    LOG.log(
        Level.DEBUG,
        () ->
            "Loaded %d classes in %d ms, so that what is held outlives this bundle; not there: %d"
                .formatted(preloader.names.size() - preloader.missing, millis, preloader.missing));
  }

  private void addFile(String file) {
    if (file.endsWith(MODULE)) {
      return;
    }
    names.add(file.substring(0, file.length() - SUFFIX.length()).replace('/', '.'));
    try (InputStream bytes = loader.getResourceAsStream(file)) {
      if (bytes != null) {
        addNamed(ClassFile.of().parse(bytes.readAllBytes()));
      }
    } catch (IOException | IllegalArgumentException unreadable) {
      LOG.log(Level.DEBUG, () -> "Cannot read " + file, unreadable);
    }
  }

  private void addNamed(ClassModel model) {
    for (PoolEntry entry : model.constantPool()) {
      switch (entry) {
        case ClassEntry named when named.asInternalName().startsWith("[") ->
            addDescriptor(named.asInternalName());
        case ClassEntry named -> add(named.asInternalName());
        case NameAndTypeEntry member -> addDescriptor(member.type().stringValue());
        case MethodTypeEntry type -> addDescriptor(type.descriptor().stringValue());
        default -> {}
      }
    }
    model.fields().forEach(field -> addDescriptor(field.fieldType().stringValue()));
    model.methods().forEach(method -> addDescriptor(method.methodType().stringValue()));
  }

  private void addDescriptor(String descriptor) {
    Matcher named = CLASS_IN_DESCRIPTOR.matcher(descriptor);
    while (named.find()) {
      add(named.group(1));
    }
  }

  private void add(String internalName) {
    names.add(internalName.replace('/', '.'));
  }

  private void load(String name) {
    try {
      Class.forName(name, false, loader);
    } catch (ClassNotFoundException | LinkageError notThere) {
      missing++;
      LOG.log(Level.DEBUG, () -> "There is no class " + name + ": " + notThere);
    }
  }
}
