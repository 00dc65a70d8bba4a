// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A way of writing code, and the policy that leaves no other way to a process.
enum Mode {
  DIRECT,
  ANONYMOUS,
  MEMFD,
  FILE,
  SEALED;

  /// Regions consist of blocks of at least this size; their guard pages are smaller.
  private static final long SMALLEST_BLOCK = 64 * 1024;

  /// Those in which memory is mapped twice.
  static final Set<Mode> DUAL = Set.of(ANONYMOUS, MEMFD, FILE);

  CodeWriting way() {
    return switch (this) {
      case DIRECT -> new CodeWriting.Direct();
      case ANONYMOUS -> new CodeWriting.DualMapped(Backing.SHARED_ANONYMOUS);
      case MEMFD -> new CodeWriting.DualMapped(Backing.MEMFD);
      case FILE -> new CodeWriting.DualMapped(Backing.SHARED_MEMORY_OBJECT);
      case SEALED -> new CodeWriting.WriteThenSeal();
    };
  }

  /// The options an allocator needs to get memory of this kind.
  Set<JitAllocatorOption> options() {
    return this == DIRECT ? Set.of() : Set.of(JitAllocatorOption.USE_DUAL_MAPPING);
  }

  FaultPlan policy() {
    return switch (this) {
      case DIRECT, ANONYMOUS -> FaultPlan.NONE;
      case MEMFD -> without("mremap");
      case FILE -> without("mremap", "memfd_create");
      case SEALED -> without("mremap", "memfd_create", "mkostemp");
    };
  }

  private static FaultPlan without(String... functions) {
    Optional<Errno> refusal = Optional.of(Errno.ENOSYS);
    return (index, site) ->
        List.of(functions).contains(site.function().name()) ? refusal : Optional.empty();
  }

  /// Checks that what is mapped is what allocators say they have committed.
  ///
  /// @param lines all their mappings
  /// @param committed how much they have committed
  /// @param reserved how many addresses they have, with guard pages
  /// @param exact whether nothing more may be mapped
  void requireMapped(List<String> lines, long committed, long reserved, boolean exact) {
    // The first view of shared anonymous memory has the size of its region without guard pages.
    long firstViews = this == ANONYMOUS ? reserved & -SMALLEST_BLOCK : 0;
    long writable = this == SEALED ? 0 : committed;
    requireSize("writable", writable, SeparateAddresses.byteSize(lines, "w"), exact);
    requireSize(
        "executable", committed + firstViews, SeparateAddresses.byteSize(lines, "x"), exact);
  }

  private static void requireSize(String access, long expected, long found, boolean exact) {
    if (exact ? found != expected : found < expected) {
      throw new AssertionError(
          "%d bytes are %s, but it should be %d".formatted(found, access, expected));
    }
  }
}
