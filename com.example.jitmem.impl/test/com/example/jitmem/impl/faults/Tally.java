// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import java.util.Set;
import java.util.TreeSet;

/// Counts what was injected.
final class Tally {
  private final Set<String> sites = new TreeSet<>();
  private final Set<String> errors = new TreeSet<>();
  private final Set<String> skipped = new TreeSet<>();
  private long positions;
  private long injections;
  private long refused;

  void addPosition(Site site) {
    sites.add(site.toString());
    positions++;
  }

  void addInjection(Site site, Errno error, boolean thrown) {
    sites.add(site.toString());
    errors.add(site + " " + error);
    injections++;
    if (thrown) {
      refused++;
    }
  }

  /// Notes an operation that the system does not offer.
  void addSkipped(String operation) {
    skipped.add(operation);
  }

  @Override
  public String toString() {
    return "%d sites, %d errors of sites, %d positions in operations, %d injections"
            .formatted(sites.size(), errors.size(), positions, injections)
        + " (%d reported, %d absorbed)".formatted(refused, injections - refused)
        + (skipped.isEmpty() ? "" : "; skipped: " + skipped);
  }
}
