// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The classes of a built bundle.
final class ClassFiles {
  private static final Pattern OURS = Pattern.compile("com/example/jitmem/\\w+(?:[/$]\\w+)*");
  private static final String SUFFIX = ".class";

  private ClassFiles() {}

  /// The classes in packages of a bundle, by internal name.
  static SortedMap<String, ClassModel> of(String bundle) throws IOException {
    SortedMap<String, ClassModel> classes = new TreeMap<>();
    try (BundleJar jar = new BundleJar(Tree.mavenJar(bundle))) {
      for (Map.Entry<String, String> entry : jar.contents().entrySet()) {
        String name = entry.getKey();
        if (name.endsWith(SUFFIX) && name.contains("/")) {
          classes.put(
              name.substring(0, name.length() - SUFFIX.length()),
              ClassFile.of().parse(HexFormat.of().parseHex(entry.getValue())));
        }
      }
    }
    return classes;
  }

  /// The classes of jitmem that a class names, in code, signatures or annotations.
  static Set<String> namedBy(ClassModel model) {
    Set<String> names = new TreeSet<>();
    for (PoolEntry entry : model.constantPool()) {
      if (entry instanceof Utf8Entry text) {
        Matcher matcher = OURS.matcher(text.stringValue());
        while (matcher.find()) {
          names.add(matcher.group());
        }
      }
    }
    return names;
  }

  /// The type that has a file of its own around a class.
  static String topLevel(String name) {
    int nested = name.indexOf('$');
    return nested < 0 ? name : name.substring(0, nested);
  }

  static String packageOf(String name) {
    return name.substring(0, name.lastIndexOf('/'));
  }
}
