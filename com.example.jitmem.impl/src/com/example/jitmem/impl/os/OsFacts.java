// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import java.util.List;
import java.util.Optional;

/// What is known of a system before anything is tried.
///
/// @param systemName the name for people, for example `Linux on x86-64`
/// @param processor the kind of processor
/// @param pageSize the size of a page in bytes, a power of two
/// @param pageGranularity the step in which addresses are worth asking for, a power of two of at
///     least `pageSize`
/// @param largePageSize the size of a large page in bytes, a power of two; 0 if there is none
/// @param dualBackings what dual mappings can be views of, in the order in which it is tried; empty
///     where there is no dual mapping
/// @param largePageBacking what dual mappings of large pages are views of; empty where there are
///     none
public record OsFacts(
    String systemName,
    Processor processor,
    long pageSize,
    long pageGranularity,
    long largePageSize,
    List<Backing> dualBackings,
    Optional<Backing> largePageBacking) {
  /// Copies the list.
  public OsFacts {
    dualBackings = List.copyOf(dualBackings);
  }
}
