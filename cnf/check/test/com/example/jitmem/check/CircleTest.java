// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassModel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// No package needs itself by way of another one, and within a package a circle of types is small
/// enough to be read as one thing.
class CircleTest {
  private static final int MOST_TYPES = 6;

  @ParameterizedTest
  @ValueSource(strings = {"com.example.jitmem.api", "com.example.jitmem.impl"})
  void packagesHaveNoCircle(String bundle) throws IOException {
    assertThat(circles(graph(bundle, ClassFiles::packageOf))).isEmpty();
  }

  @Test
  void circlesWithinAPackageAreSmallOrDesignNamesThem() throws IOException {
    String design = Document.read(Path.of("DESIGN.md")).text();
    assertThat(circles(graph("com.example.jitmem.impl", UnaryOperator.identity())))
        .filteredOn(circle -> circle.size() > MOST_TYPES)
        .map(CircleTest::simpleNames)
        .allMatch(circle -> circle.stream().allMatch(name -> design.contains("`" + name + "`")));
  }

  /// Which files, or packages of files, need which others.
  private static Map<String, Set<String>> graph(String bundle, UnaryOperator<String> node)
      throws IOException {
    Map<String, Set<String>> graph = new TreeMap<>();
    Map<String, ClassModel> classes = ClassFiles.of(bundle);
    classes.forEach(
        (name, model) -> {
          String from = node.apply(ClassFiles.topLevel(name));
          for (String named : ClassFiles.namedBy(model)) {
            String to = node.apply(ClassFiles.topLevel(named));
            if (classes.containsKey(named) && !to.equals(from)) {
              graph.computeIfAbsent(from, _ -> new TreeSet<>()).add(to);
            }
          }
        });
    assertThat(graph).isNotEmpty();
    return graph;
  }

  /// The sets of nodes that can be reached from each other.
  private static List<Set<String>> circles(Map<String, Set<String>> graph) {
    Map<String, Set<String>> reached = new TreeMap<>();
    graph.keySet().forEach(node -> reached.put(node, reachedFrom(node, graph)));
    List<Set<String>> circles = new ArrayList<>();
    Set<String> done = new TreeSet<>();
    reached.forEach(
        (node, others) -> {
          if (others.contains(node) && done.add(node)) {
            Set<String> circle = new TreeSet<>(others);
            circle.removeIf(other -> !reached.getOrDefault(other, Set.of()).contains(node));
            done.addAll(circle);
            circles.add(circle);
          }
        });
    return circles;
  }

  private static Set<String> reachedFrom(String start, Map<String, Set<String>> graph) {
    Set<String> reached = new TreeSet<>();
    Deque<String> open = new ArrayDeque<>(graph.getOrDefault(start, Set.of()));
    while (!open.isEmpty()) {
      String node = open.pop();
      if (reached.add(node)) {
        open.addAll(graph.getOrDefault(node, Set.of()));
      }
    }
    return reached;
  }

  private static List<String> simpleNames(Set<String> types) {
    return types.stream().map(name -> name.substring(name.lastIndexOf('/') + 1)).toList();
  }
}
