// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

/// A section of the paging file: the memory of one committed part of shared memory. It goes back to
/// the system with its handle and the last view.
final class Section {
  /// The shared memory it is a part of.
  final SharedSections owner;

  /// Where the part begins in the shared memory.
  final long start;

  /// Where it ends.
  final long end;

  /// The handle.
  final long handle;

  /// Whether it is of large pages.
  final boolean largePages;

  /// How many views there are.
  int views;

  Section(SharedSections owner, long start, long end, long handle, boolean largePages) {
    this.owner = owner;
    this.start = start;
    this.end = end;
    this.handle = handle;
    this.largePages = largePages;
  }
}
