// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/// Reads what the build has put into the implementation bundle.
///
/// @param implementation the jar of the implementation
record BundleJars(Path implementation) {
  private static final String METATYPE_FOLDER = "OSGI-INF/metatype/";

  /// An attribute of a configuration.
  ///
  /// @param type the simple name of its Java type
  /// @param defaultValue its default, empty if it has none
  record MetatypeAttribute(String type, String defaultValue) {}

  static BundleJars ofWorkspace() {
    String bundle = "com.example.jitmem.impl";
    String file = bundle + "-" + System.getProperty("jitmem.version") + ".jar";
    return new BundleJars(Path.of(System.getProperty("jitmem.workspace"), bundle, "target", file));
  }

  /// The attributes that the metatype of a PID lists, by key.
  Map<String, MetatypeAttribute> metatypeAttributes(String pid) {
    try (JarFile jar = new JarFile(implementation.toFile())) {
      Map<String, MetatypeAttribute> attributes = new LinkedHashMap<>();
      for (JarEntry entry : jar.stream().filter(BundleJars::isMetatype).toList()) {
        try (InputStream in = jar.getInputStream(entry)) {
          collect(
              DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(in), pid, attributes);
        }
      }
      return attributes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ParserConfigurationException | SAXException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isMetatype(JarEntry entry) {
    return entry.getName().startsWith(METATYPE_FOLDER) && entry.getName().endsWith(".xml");
  }

  private static void collect(
      Document metatype, String pid, Map<String, MetatypeAttribute> attributes) {
    String definition = definitionOf(metatype, pid);
    NodeList definitions = metatype.getElementsByTagName("OCD");
    for (int i = 0; i < definitions.getLength(); i++) {
      Element candidate = (Element) definitions.item(i);
      if (!definition.isEmpty() && definition.equals(candidate.getAttribute("id"))) {
        NodeList found = candidate.getElementsByTagName("AD");
        for (int j = 0; j < found.getLength(); j++) {
          Element attribute = (Element) found.item(j);
          attributes.put(
              attribute.getAttribute("id"),
              new MetatypeAttribute(
                  attribute.getAttribute("type"), attribute.getAttribute("default")));
        }
      }
    }
  }

  /// The definition that a PID or factory PID is designated to in one file, or the empty string.
  private static String definitionOf(Document metatype, String pid) {
    NodeList designates = metatype.getElementsByTagName("Designate");
    for (int i = 0; i < designates.getLength(); i++) {
      Element designate = (Element) designates.item(i);
      if (pid.equals(designate.getAttribute("pid"))
          || pid.equals(designate.getAttribute("factoryPid"))) {
        return ((Element) designate.getElementsByTagName("Object").item(0)).getAttribute("ocdref");
      }
    }
    return "";
  }
}
