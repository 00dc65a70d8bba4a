// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.virtmem;

/// How this process may write code. The way is determined by writing a few bytes, running them and
/// checking the result, not by the name of the system.
///
/// Values are immutable.
public sealed interface CodeWriting {
  /// One mapping that is readable, writable and executable at once: code is executed at the address
  /// it is written to, and can be changed while it runs.
  record Direct() implements CodeWriting {}

  /// Two mappings of one memory, one writable, one executable; see [DualMapping].
  ///
  /// @param backing the memory behind both mappings
  record DualMapped(Backing backing) implements CodeWriting {}

  /// One mapping that is executable, except while code is copied into it, when it is writable
  /// instead. Code on a page that is being written must not run: that crashes the JVM. An allocator
  /// that writes this way gives every span whole pages, so that writing, shrinking and releasing
  /// one span never disturbs another. Never write a span while its own code runs.
  ///
  /// It needs `mprotect` to make written memory executable, which hardened systems refuse
  /// (`PR_SET_MDWE`, `MemoryDenyWriteExecute=` of systemd, SELinux without `execmem`).
  record WriteThenSeal() implements CodeWriting {}

  /// Apple's `MAP_JIT`: each thread toggles between writing and executing all such memory. Writing
  /// happens inside one native call, because the JVM's own code lies in such memory too.
  record ThreadToggled() implements CodeWriting {}

  /// No way works: all were refused.
  record Unavailable() implements CodeWriting {}

  /// The memory behind the two views of a dual mapping. Later versions may add constants, so a
  /// `switch` over them needs a `default`.
  enum Backing {
    /// Shared anonymous memory duplicated by `mremap` with an old size of 0 (Linux). Needs no file
    /// and no descriptor, and profilers see it as anonymous code.
    SHARED_ANONYMOUS,
    /// A file without a name, from `memfd_create` (Linux 3.17).
    MEMFD,
    /// A POSIX shared memory object, unlinked at once.
    SHARED_MEMORY_OBJECT,
    /// A file in the directory for temporary files, unlinked at once.
    TEMPORARY_FILE,
    /// Memory remapped by the kernel: `mach_vm_remap` (macOS) or `MAP_REMAPDUP` (NetBSD).
    REMAPPED,
    /// A section of the paging file (Windows).
    SECTION
  }
}
