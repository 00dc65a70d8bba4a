// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/// The form that the implementation offers for its configurations.
///
/// @param pids the PIDs and factory PIDs it is designated to
/// @param attributes what can be configured, by key
record Metatype(Map<String, String> pids, SortedMap<String, Attribute> attributes) {
  private static final String FOLDER = "OSGI-INF/metatype/";

  /// Something that can be configured.
  ///
  /// @param type the simple name of its Java type
  /// @param defaultValue its default, empty if it has none
  record Attribute(String type, String defaultValue) {}

  /// Reads the only form in a bundle.
  static Metatype of(String bundle) throws Exception {
    Document form = document(bundle);
    SortedMap<String, Attribute> attributes = new TreeMap<>();
    elements(form, "AD")
        .forEach(
            attribute ->
                attributes.put(
                    attribute.getAttribute("id"),
                    new Attribute(
                        attribute.getAttribute("type"), attribute.getAttribute("default"))));
    SortedMap<String, String> pids = new TreeMap<>();
    elements(form, "Designate")
        .forEach(
            designate -> {
              String kind = designate.hasAttribute("factoryPid") ? "factoryPid" : "pid";
              pids.put(designate.getAttribute(kind), kind);
            });
    return new Metatype(pids, attributes);
  }

  private static Document document(String bundle) throws Exception {
    try (BundleJar jar = new BundleJar(Tree.mavenJar(bundle))) {
      byte[] xml =
          jar.contents().entrySet().stream()
              .filter(file -> file.getKey().startsWith(FOLDER))
              .map(file -> HexFormat.of().parseHex(file.getValue()))
              .reduce(
                  (one, other) -> {
                    throw new AssertionError("There is more than one form in " + bundle);
                  })
              .orElseThrow(() -> new IOException("There is no form in " + bundle));
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new ByteArrayInputStream(xml));
    }
  }

  private static Stream<Element> elements(Document form, String name) {
    NodeList found = form.getElementsByTagName(name);
    return IntStream.range(0, found.getLength()).mapToObj(i -> (Element) found.item(i));
  }
}
