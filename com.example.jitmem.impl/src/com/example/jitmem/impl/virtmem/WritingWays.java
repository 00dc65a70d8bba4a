// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.HardenedRuntimeFlag;
import com.example.jitmem.api.virtmem.HardenedRuntimeInfo;
import com.example.jitmem.api.virtmem.HardenedRuntimeInfo.RefusedWay;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.Os;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The ladder: which ways of writing code work on a system.
///
/// A way is tried when it is needed first. The outcome is kept, unless the system was only short of
/// something at that moment.
///
/// Thread-safe.
final class WritingWays {
  private static final CodeWriting DIRECT = new CodeWriting.Direct();

  private static @Nullable WritingWays ofProcess;

  private final Os os;
  private final List<CodeWriting> dualWays;
  private final Map<CodeWriting, Optional<VirtMemException>> outcomes = new HashMap<>();
  private @Nullable HardenedRuntimeInfo info;

  WritingWays(Os os) {
    this.os = os;
    this.dualWays =
        os.facts().dualBackings().stream().<CodeWriting>map(CodeWriting.DualMapped::new).toList();
  }

  /// The ways of this process.
  ///
  /// @throws VirtMemException if the system is not supported, or if the JVM denies native access
  static synchronized WritingWays ofProcess() {
    WritingWays known = ofProcess;
    if (known == null) {
      known = new WritingWays(Platform.open());
      ofProcess = known;
    }
    return known;
  }

  Os os() {
    return os;
  }

  /// The way that executes code where it is written.
  CodeWriting direct() {
    return firstOf(List.of(DIRECT));
  }

  /// The first way that keeps written and executable memory apart.
  CodeWriting dual() {
    if (dualWays.isEmpty()) {
      throw new VirtMemException(
          VirtMemException.Reason.NOT_SUPPORTED,
          os.facts().systemName() + " cannot map the same memory twice");
    }
    return firstOf(dualWays);
  }

  /// The direct way, or where it is refused another one.
  CodeWriting directOrDual() {
    List<CodeWriting> ways = new ArrayList<>();
    ways.add(DIRECT);
    ways.addAll(dualWays);
    return firstOf(ways);
  }

  private CodeWriting firstOf(List<CodeWriting> ways) {
    List<RefusedWay> refused = new ArrayList<>();
    for (CodeWriting way : ways) {
      Optional<VirtMemException> refusal = refusal(way);
      if (refusal.isEmpty()) {
        return way;
      }
      refused.add(new RefusedWay(way, refusal.get()));
    }
    throw allRefused(refused);
  }

  private static VirtMemException allRefused(List<RefusedWay> refused) {
    VirtMemException first = refused.getFirst().cause();
    String message =
        refused.stream()
            .map(one -> one.way() + ": " + one.cause().getMessage())
            .collect(Collectors.joining("; ", "Code cannot be written. ", ""));
    VirtMemException all =
        first.osError().isPresent()
            ? new VirtMemException(
                first.reason(), first.call(), first.osError().getAsInt(), message)
            : new VirtMemException(first.reason(), message);
    refused.forEach(one -> all.addSuppressed(one.cause()));
    return all;
  }

  private synchronized Optional<VirtMemException> refusal(CodeWriting way) {
    Optional<VirtMemException> known = outcomes.get(way);
    if (known != null) {
      return known;
    }
    Optional<VirtMemException> found = SelfTest.refusal(os, way);
    if (found.isEmpty() || !isShortage(found.get())) {
      outcomes.put(way, found);
    }
    return found;
  }

  private static boolean isShortage(VirtMemException refusal) {
    return refusal.reason() == VirtMemException.Reason.OUT_OF_MEMORY
        || refusal.reason() == VirtMemException.Reason.TOO_MANY_HANDLES;
  }

  /// What the process may do. Tries the dual ways until one works, and the direct one.
  synchronized HardenedRuntimeInfo hardenedRuntimeInfo() {
    HardenedRuntimeInfo known = info;
    if (known == null) {
      known = tryAll();
      info = known;
    }
    return known;
  }

  private HardenedRuntimeInfo tryAll() {
    Set<HardenedRuntimeFlag> flags = EnumSet.noneOf(HardenedRuntimeFlag.class);
    List<RefusedWay> refused = new ArrayList<>();
    CodeWriting chosen = new CodeWriting.Unavailable();
    for (CodeWriting way : dualWays) {
      Optional<VirtMemException> refusal = refusal(way);
      if (refusal.isEmpty()) {
        flags.add(HardenedRuntimeFlag.DUAL_MAPPING);
        chosen = way;
        break;
      }
      refused.add(new RefusedWay(way, refusal.get()));
    }
    Optional<VirtMemException> refusal = refusal(DIRECT);
    if (refusal.isPresent()) {
      flags.add(HardenedRuntimeFlag.ENABLED);
      refused.add(new RefusedWay(DIRECT, refusal.get()));
    } else if (chosen instanceof CodeWriting.Unavailable) {
      chosen = DIRECT;
    }
    return new TriedRuntimeInfo(Set.copyOf(flags), chosen, List.copyOf(refused));
  }

  private record TriedRuntimeInfo(
      Set<HardenedRuntimeFlag> flags, CodeWriting codeWriting, List<RefusedWay> refusedWays)
      implements HardenedRuntimeInfo {}
}
