// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.virtmem;

import java.util.List;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;

/// What this process is allowed to do with code, as determined by trying it.
///
/// Objects are immutable snapshots.
@ProviderType
public interface HardenedRuntimeInfo {
  /// The flags that are set.
  ///
  /// @return an unmodifiable set
  Set<HardenedRuntimeFlag> flags();

  /// Tells whether a flag is set.
  ///
  /// @param flag the flag
  /// @return whether [#flags()] contains it
  default boolean hasFlag(HardenedRuntimeFlag flag) {
    return flags().contains(flag);
  }

  /// The way of writing code that keeps written and executable memory apart and works here
  /// ([CodeWriting.DualMapped] before [CodeWriting.WriteThenSeal]), or [CodeWriting.Direct] where
  /// only that works, or [CodeWriting.Unavailable].
  ///
  /// @return the first way that passed its self-test
  CodeWriting codeWriting();

  /// The ways that were tried and did not work, in the order in which they were tried. A way with
  /// several forms, such as a memfd, is listed once for each form that was refused, even if another
  /// form works.
  ///
  /// @return an unmodifiable list, empty where nothing was refused
  List<RefusedWay> refusedWays();

  /// A way of writing code that did not work here, and why.
  ///
  /// @param way the way that was tried
  /// @param cause the refusal, with the C call, its error and advice
  record RefusedWay(CodeWriting way, VirtMemException cause) {}
}
