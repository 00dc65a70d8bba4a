// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.HardenedRuntimeFlag;
import com.example.jitmem.api.virtmem.HardenedRuntimeInfo;
import com.example.jitmem.api.virtmem.HardenedRuntimeInfo.RefusedWay;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.log.LoggerNames;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.host.Platform;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The ladder: which ways of writing code work on a system.
///
/// A way is tried when it is first needed. The outcome is cached, unless the system was only short
/// of a resource, or a policy later refuses what worked before. The summary of all ways is cached
/// as long as the outcomes are.
///
/// Thread-safe.
final class WritingWays {
  private static final CodeWriting DIRECT = new CodeWriting.Direct();
  private static final CodeWriting SEALED = new CodeWriting.WriteThenSeal();
  private static final CodeWriting TOGGLED = new CodeWriting.ThreadToggled();
  private static final CodeWriting SHARED_MEMORY_OBJECT =
      new CodeWriting.DualMapped(Backing.SHARED_MEMORY_OBJECT);
  private static final CodeWriting TEMPORARY_FILE =
      new CodeWriting.DualMapped(Backing.TEMPORARY_FILE);
  private static final System.Logger LOGGER = System.getLogger(LoggerNames.MEMORY);

  private static @Nullable WritingWays ofProcess;

  private final Os os;
  private final List<CodeWriting> dualWays;
  private final Set<CodeWriting> logged = ConcurrentHashMap.newKeySet();
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

  /// A way that works.
  ///
  /// @param way the first one that does
  /// @param refused the ways that were tried before it, and why each was refused
  record Choice(CodeWriting way, List<RefusedWay> refused) {}

  /// The way that executes code where it is written, at any time.
  Choice direct() {
    return firstOf(List.of(DIRECT));
  }

  /// The first way that maps the same memory twice.
  ///
  /// @param preferTemporary whether files in the directory for temporary files come before others
  Choice dual(boolean preferTemporary) {
    if (dualWays.isEmpty()) {
      throw new VirtMemException(
          VirtMemException.Reason.NOT_SUPPORTED,
          os.facts().systemName() + " cannot map the same memory twice");
    }
    return firstOf(preferTemporary ? temporaryFirst(dualWays) : dualWays);
  }

  private static List<CodeWriting> temporaryFirst(List<CodeWriting> ways) {
    List<CodeWriting> changed = new ArrayList<>(ways);
    if (changed.remove(TEMPORARY_FILE)) {
      int shared = changed.indexOf(SHARED_MEMORY_OBJECT);
      changed.add(shared < 0 ? changed.size() : shared, TEMPORARY_FILE);
    }
    return changed;
  }

  /// The first way in which no memory is writable and executable at once.
  Choice separate() {
    return firstOf(separateWays());
  }

  /// The direct way, or where it is refused another one.
  Choice any() {
    List<CodeWriting> all = new ArrayList<>();
    all.add(DIRECT);
    all.addAll(separateWays());
    return firstOf(all);
  }

  /// Mapping twice comes first, because code can run while its neighbour is written. The same holds
  /// where threads toggle; such a system kills processes that run sealed code.
  private List<CodeWriting> separateWays() {
    List<CodeWriting> separate = new ArrayList<>(dualWays);
    separate.add(os.threadToggled().isPresent() ? TOGGLED : SEALED);
    return separate;
  }

  private Choice firstOf(List<CodeWriting> ways) {
    List<RefusedWay> refused = new ArrayList<>();
    for (CodeWriting way : ways) {
      Optional<VirtMemException> refusal = refusal(way);
      refusedForms(way).forEach(form -> refused.add(new RefusedWay(way, form)));
      if (refusal.isEmpty()) {
        Choice choice = new Choice(way, List.copyOf(refused));
        log(choice);
        return choice;
      }
      refused.add(new RefusedWay(way, refusal.get()));
    }
    throw allRefused(refused);
  }

  /// Refusals of forms of a way that works in another form.
  private List<VirtMemException> refusedForms(CodeWriting way) {
    return way instanceof CodeWriting.DualMapped(Backing backing)
        ? os.refusedForms(backing)
        : List.of();
  }

  /// Once for each way, as processes seldom have more than one.
  private void log(Choice choice) {
    if (logged.add(choice.way)) {
      LOGGER.log(
          choice.refused.isEmpty() ? System.Logger.Level.DEBUG : System.Logger.Level.INFO,
          () ->
              "Code is written by "
                  + choice.way
                  + choice.refused.stream().map(WritingWays::line).collect(Collectors.joining()));
    }
  }

  private static String line(RefusedWay refused) {
    return System.lineSeparator()
        + "  refused: "
        + refused.way()
        + ": "
        + refused.cause().getMessage();
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

  /// Forgets that a way works if a policy has refused it since, so that it is tried again before it
  /// is chosen. A process can activate policies for itself at any time, prctl(2).
  synchronized void refused(CodeWriting way, VirtMemException refusal) {
    if (refusal.reason() == VirtMemException.Reason.DENIED_BY_POLICY
        && outcomes.remove(way, Optional.empty())) {
      info = null;
    }
  }

  /// Forgets which ways work if a policy has refused executable memory outside of them: a way that
  /// needs the same access is refused now, too.
  ///
  /// @param access the access that was refused
  synchronized void refused(Set<MemoryAccess> access, VirtMemException refusal) {
    if (access.contains(MemoryAccess.EXECUTE)
        && refusal.reason() == VirtMemException.Reason.DENIED_BY_POLICY) {
      outcomes.values().removeIf(Optional::isEmpty);
      info = null;
    }
  }

  private static boolean isShortage(VirtMemException refusal) {
    return refusal.reason() == VirtMemException.Reason.OUT_OF_MEMORY
        || refusal.reason() == VirtMemException.Reason.TOO_MANY_HANDLES;
  }

  /// The capabilities of the process. Tries the ways that keep written and executable memory apart
  /// until one works, and the direct one.
  synchronized HardenedRuntimeInfo hardenedRuntimeInfo() {
    HardenedRuntimeInfo known = info;
    if (known == null) {
      known = tryAll();
      boolean passing =
          known.refusedWays().stream().map(RefusedWay::cause).anyMatch(WritingWays::isShortage);
      info = passing ? null : known;
    }
    return known;
  }

  private HardenedRuntimeInfo tryAll() {
    Set<HardenedRuntimeFlag> flags = EnumSet.noneOf(HardenedRuntimeFlag.class);
    List<RefusedWay> refused = new ArrayList<>();
    CodeWriting chosen = new CodeWriting.Unavailable();
    for (CodeWriting way : separateWays()) {
      Optional<VirtMemException> refusal = refusal(way);
      refusedForms(way).forEach(form -> refused.add(new RefusedWay(way, form)));
      if (refusal.isEmpty()) {
        chosen = way;
        break;
      }
      refused.add(new RefusedWay(way, refusal.get()));
    }
    if (chosen instanceof CodeWriting.DualMapped) {
      flags.add(HardenedRuntimeFlag.DUAL_MAPPING);
    }
    if (chosen.equals(TOGGLED)) {
      flags.add(HardenedRuntimeFlag.MAP_JIT);
    }
    Optional<VirtMemException> refusal = refusal(DIRECT);
    if (refusal.isPresent()) {
      if (!isShortage(refusal.get())) {
        flags.add(HardenedRuntimeFlag.ENABLED);
      }
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
