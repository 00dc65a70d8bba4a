// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The generations of an allocator: the current one, in which new spans are placed, and those that
/// drain. Guarded by the lock of the core.
final class Generations {
  private final Map<JitAllocatorParameters, Generation> byParameters = new HashMap<>();
  private Generation current;
  private boolean retired;

  Generations(Generation first) {
    current = first;
    byParameters.put(first.requested, first);
  }

  Generation current() {
    return current;
  }

  /// The generation of some parameters, null if there is none.
  @Nullable Generation find(JitAllocatorParameters parameters) {
    return byParameters.get(parameters);
  }

  /// A copy of all generations.
  Collection<Generation> all() {
    return List.copyOf(byParameters.values());
  }

  /// Makes a generation current: new spans go there. The former one drains.
  void makeCurrent(Generation generation) {
    current.setDraining(true);
    generation.setDraining(false);
    byParameters.put(generation.requested, generation);
    current = generation;
  }

  /// Removes a generation of which nothing is left, unless it is current.
  void removeIfOver(Generation generation) {
    if (generation != current && generation.isOver()) {
      byParameters.remove(generation.requested, generation);
    }
  }

  /// Refuses new spans from now on. All generations drain.
  void retire() {
    retired = true;
    byParameters.values().forEach(generation -> generation.setDraining(true));
  }

  boolean isRetired() {
    return retired;
  }

  /// Refuses new spans after the end of the allocator.
  ///
  /// @throws IllegalStateException if it has ended
  void checkOpen() {
    if (retired) {
      throw new IllegalStateException("The allocator has ended");
    }
  }
}
