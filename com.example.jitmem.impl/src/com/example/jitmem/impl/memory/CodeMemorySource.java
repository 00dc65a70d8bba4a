// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.memory;

/// The allocator's port to memory: chooses a way of writing code and opens memory that is written
/// that way.
///
/// Implementations are thread-safe.
public interface CodeMemorySource {
  /// Opens memory. Nothing is mapped before [CodeMemory#reserve].
  ///
  /// @param request the kind of memory
  /// @return memory written in the first way that fits the request and works in this process. A
  ///     request for dual mapping may get memory that is written first and executable afterwards
  ///     ([com.example.jitmem.api.virtmem.CodeWriting.WriteThenSeal]), and never memory that is
  ///     writable and executable at once. A request with neither gets any of these where direct
  ///     memory is refused.
  /// @throws com.example.jitmem.api.virtmem.VirtMemException if no way works, or none that the
  ///     request allows, or the system is not supported or native access is denied
  CodeMemory open(Request request);

  /// A request for memory.
  ///
  /// @param dualMapping whether no memory may be writable and executable at once
  /// @param direct whether code must be executed at the address it is written to; excludes
  ///     `dualMapping`
  /// @param largePages whether to use large pages where the system grants them
  record Request(boolean dualMapping, boolean direct, boolean largePages) {}
}
