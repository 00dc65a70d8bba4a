// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

import java.util.LinkedHashMap;
import java.util.Map;

/// Workloads written as text; `Script` in the package of the workloads tells the language.
final class Scripts {
  /// What the rows of the adversarial orders begin with.
  static final String ADVERSARIAL = "adversarial-";

  /// Small holes everywhere, and requests that are larger.
  static final String CHECKERBOARD = "checkerboard";

  private Scripts() {}

  /// Workloads of fragmented allocators.
  static Map<String, String> common() {
    Map<String, String> scripts = new LinkedHashMap<>();
    scripts.put("refill", "alloc:all:fifo+release:half:random+refill=alloc:half:fifo");
    scripts.put(
        CHECKERBOARD, "alloc:all:fifo:64+release:even:fifo+checkerboard=alloc:tenth:fifo:192");
    scripts.put(
        "sawtooth",
        "alloc:all:fifo"
            + "+sawtooth=release:nine:fifo+sawtooth=alloc:nine:fifo"
            + "+sawtooth=release:nine:fifo+sawtooth=alloc:nine:fifo");
    return scripts;
  }

  /// Workloads of operations that mallocs do not have.
  static Map<String, String> ofCode() {
    Map<String, String> scripts = new LinkedHashMap<>();
    scripts.put("shrink", "alloc:all:fifo:4096+shrink=shrink:all:fifo");
    return scripts;
  }

  /// Orders meant to be as bad as possible for some design or other. Every operation is asked for
  /// in each of them that can hurt it.
  static Map<String, String> adversarial() {
    Map<String, String> scripts = new LinkedHashMap<>();
    put(scripts, "alloc", "*=alloc:all:fifo");
    put(scripts, "release-fifo", "alloc:all:fifo+*=release:all:fifo");
    put(scripts, "release-lifo", "alloc:all:fifo+*=release:all:lifo");
    put(scripts, "release-random", "alloc:all:fifo+*=release:all:random");
    // Holes that touch nothing, then spans whose release joins two holes each
    put(scripts, "release-holes", "alloc:all:fifo+*=release:even:fifo");
    put(scripts, "release-joining", "alloc:all:fifo+release:even:random+*=release:odd:random");
    // The only holes are too small, by much and by little, and there are many of them
    put(scripts, "alloc-past-holes", "alloc:all:fifo:64+release:even:fifo+*=alloc:even:fifo:192");
    put(
        scripts,
        "alloc-past-near-fits",
        "alloc:all:fifo:2112/64+release:even:random+*=alloc:even:fifo:2240");
    // Every hole fits, and holes are found in another order than they came
    put(scripts, "alloc-holes", "alloc:all:fifo:64+release:even:random+*=alloc:even:lifo:64");
    put(scripts, "alloc-half", "alloc:all:fifo+release:half:random+*=alloc:half:fifo");
    // Everything waits for coalescing, and the next request needs it coalesced
    put(scripts, "alloc-coalesced", "alloc:all:fifo:64+release:nine:random+*=alloc:nine:fifo:512");
    // Each request takes the beginning of a large hole, or what a smaller request left of it
    put(
        scripts,
        "alloc-splitting",
        "alloc:all:fifo:4096/64+release:even:fifo+*=alloc:even:random:2048/64");
    put(scripts, "shrink", "alloc:all:fifo:4096+*=shrink:all:random:64");
    put(
        scripts,
        "alloc-after-shrink",
        "alloc:odd:fifo:4096+shrink:odd:random:64+*=alloc:even:fifo");
    put(scripts, "query-fifo", "alloc:all:fifo+*=query:all:fifo");
    put(scripts, "query-random", "alloc:all:fifo+*=query:all:random");
    put(
        scripts,
        "query-in-holes",
        "alloc:all:fifo+release:half:random+alloc:half:random+*=query:all:random");
    return scripts;
  }

  private static void put(Map<String, String> scripts, String name, String script) {
    String row = ADVERSARIAL + name;
    scripts.put(row, script.replace("*", row + "!"));
  }
}
