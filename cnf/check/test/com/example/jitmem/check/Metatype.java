// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/// The forms that the implementation offers for its configurations.
///
/// @param pids the PIDs and factory PIDs they are designated to
/// @param attributes what can be configured, by key
record Metatype(Map<String, String> pids, SortedMap<String, Attribute> attributes) {
  private static final String FOLDER = "OSGI-INF/metatype/";

  /// Something that can be configured.
  ///
  /// @param type the simple name of its Java type
  /// @param defaultValue its default, empty if it has none
  record Attribute(String type, String defaultValue) {}

  /// Reads the forms in a bundle, one for each PID. What can be configured is the same in all.
  static Metatype of(String bundle) throws Exception {
    SortedMap<String, Attribute> attributes = new TreeMap<>();
    SortedMap<String, String> pids = new TreeMap<>();
    for (Document form : documents(bundle)) {
      for (Element element : elements(form, "AD")) {
        Attribute attribute =
            new Attribute(element.getAttribute("type"), element.getAttribute("default"));
        Attribute other = attributes.put(element.getAttribute("id"), attribute);
        if (other != null && !other.equals(attribute)) {
          throw new AssertionError(attribute + " and " + other + " in " + bundle);
        }
      }
      for (Element designate : elements(form, "Designate")) {
        String kind = designate.hasAttribute("factoryPid") ? "factoryPid" : "pid";
        pids.put(designate.getAttribute(kind), kind);
      }
    }
    return new Metatype(pids, attributes);
  }

  private static List<Document> documents(String bundle) throws Exception {
    List<Document> forms = new ArrayList<>();
    try (BundleJar jar = new BundleJar(Tree.mavenJar(bundle))) {
      for (Map.Entry<String, String> file : jar.contents().entrySet()) {
        if (file.getKey().startsWith(FOLDER)) {
          byte[] xml = HexFormat.of().parseHex(file.getValue());
          forms.add(
              DocumentBuilderFactory.newInstance()
                  .newDocumentBuilder()
                  .parse(new ByteArrayInputStream(xml)));
        }
      }
    }
    return forms;
  }

  private static List<Element> elements(Document form, String name) {
    NodeList found = form.getElementsByTagName(name);
    return IntStream.range(0, found.getLength()).mapToObj(i -> (Element) found.item(i)).toList();
  }
}
