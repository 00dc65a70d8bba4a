// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/// The versions a Maven project names.
final class Pom {
  private static final Pattern PROPERTY = Pattern.compile("\\$\\{([^}]+)}");

  private final Element project;

  private Pom(Element project) {
    this.project = project;
  }

  static Pom read(Path file) {
    try {
      return new Pom(
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(file.toFile())
              .getDocumentElement());
    } catch (IOException | SAXException | ParserConfigurationException e) {
      throw new IllegalStateException("cannot read " + file, e);
    }
  }

  /// Group and artifact of the managed dependencies to their versions, those of imported lists too.
  Map<String, String> managedVersions() {
    Map<String, String> versions = new TreeMap<>();
    for (Element dependency : descendants("dependencies", "dependencyManagement")) {
      String version = resolve(text(dependency, "version"));
      if (text(dependency, "scope").equals("import")) {
        versions.putAll(imported(dependency, version).managedVersions());
      } else {
        versions.put(name(dependency), version);
      }
    }
    return versions;
  }

  /// Group and artifact of the dependencies of this project.
  List<String> dependencies() {
    return descendants("dependencies", "project").stream().map(this::name).toList();
  }

  /// Every version in the file except that of the parent.
  List<String> versions() {
    NodeList nodes = project.getElementsByTagName("version");
    List<String> versions = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      if (!nodes.item(i).getParentNode().getNodeName().equals("parent")) {
        versions.add(nodes.item(i).getTextContent().strip());
      }
    }
    return versions;
  }

  /// The dependencies listed in an element that stands directly in another one.
  private List<Element> descendants(String list, String parent) {
    NodeList nodes = project.getElementsByTagName("dependency");
    List<Element> found = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      Node around = nodes.item(i).getParentNode();
      if (around.getNodeName().equals(list)
          && around.getParentNode().getNodeName().equals(parent)) {
        found.add((Element) nodes.item(i));
      }
    }
    return found;
  }

  /// A list of managed dependencies, which Maven has put into its local repository.
  private Pom imported(Element dependency, String version) {
    String artifact = text(dependency, "artifactId");
    return read(
        Path.of(Objects.requireNonNull(System.getenv("MAVEN_REPO")))
            .resolve(text(dependency, "groupId").replace('.', '/'))
            .resolve(artifact)
            .resolve(version)
            .resolve(artifact + "-" + version + ".pom"));
  }

  private String resolve(String value) {
    return PROPERTY
        .matcher(value)
        .replaceAll(found -> Matcher.quoteReplacement(property(found.group(1))));
  }

  private String property(String name) {
    NodeList nodes = project.getElementsByTagName(name);
    return name.equals("project.version") || nodes.getLength() == 0
        ? Tree.VERSION
        : nodes.item(0).getTextContent().strip();
  }

  private String name(Element dependency) {
    return text(dependency, "groupId") + ":" + text(dependency, "artifactId");
  }

  private static String text(Element element, String name) {
    NodeList nodes = element.getElementsByTagName(name);
    return nodes.getLength() == 0 ? "" : nodes.item(0).getTextContent().strip();
  }
}
