// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.allocator;

/// A switch of a [JitAllocator]. Each constant is the flag of the same name in AsmJit's
/// `JitAllocatorOptions`, and a configuration key of the OSGi service.
///
/// Later versions may add constants, so a `switch` over them needs a `default`.
public enum JitAllocatorOption {
  /// Maps memory twice, once to execute it and once to write it, so that no page is both. The
  /// default.
  ///
  /// Where the system does not allow memory to be mapped twice, memory is executable except while
  /// code is copied into it ([com.example.jitmem.api.virtmem.CodeWriting.WriteThenSeal]): still no
  /// page is ever both, each span has pages of its own, and a span must not be written while its
  /// code runs. Then this option is not in [JitAllocator#parameters()]. Memory that is writable and
  /// executable at once is never used instead; where nothing else is allowed the allocator cannot
  /// be created.
  ///
  /// Without this option one mapping is readable, writable and executable. That saves address space
  /// and lets native code write at the address it executes; where the system refuses such memory
  /// the allocator behaves as if this option were set and reports it in
  /// [JitAllocator#parameters()].
  USE_DUAL_MAPPING(0x1),

  /// Keeps three pools, with granules of 1, 2 and 4 times the configured size. A request goes to
  /// the pool with the largest granule that divides its size rounded up to the smallest one.
  ///
  /// Pays off where a lot of code is generated and released, because it keeps spans of similar
  /// sizes together. With few spans it only spreads them over more memory.
  USE_MULTIPLE_POOLS(0x2),

  /// Fills memory that holds no code with a pattern: new memory before its first use and the bytes
  /// of a span when it is released or shrunk. By default the pattern is an instruction that traps.
  ///
  /// A stray jump then traps at once, and released code cannot be read. Costs one write per byte.
  FILL_UNUSED_MEMORY(0x4),

  /// Returns a block to the system as soon as it is empty. Otherwise that happens within a tenth of
  /// a second, or with the next call of [JitAllocator#statistics()], and one empty block per pool
  /// is kept, so that a program that allocates and releases in turn makes no system calls.
  ///
  /// An empty block stays if the span after it needs its last bytes as padding, see
  /// [#DISABLE_INITIAL_PADDING]. Pays off where memory is scarce, or where code is generated once
  /// and rarely afterwards.
  IMMEDIATE_RELEASE(0x8),

  /// Lets a span begin at the very first byte of committed memory. Otherwise the 16 bytes before
  /// any span are readable.
  ///
  /// Compilers that check indirect calls (clang's function sanitizer) read a few bytes before a
  /// function. Saves one granule per run of committed memory.
  DISABLE_INITIAL_PADDING(0x10),

  /// Uses large pages in any way that the system offers. [Statistics#largePageBytes()] reports how
  /// much memory got them; getting none is not an error.
  ///
  /// Free pages of the system's pool (Linux: `vm.nr_hugepages`) are used first. Blocks are then at
  /// least one large page, see [JitAllocator#parameters()]. Without such a pool the system is
  /// advised to merge normal pages into large ones.
  ///
  /// Pays off from a few MiB of hot code on, because the code needs fewer instruction TLB entries.
  USE_LARGE_PAGES(0x20),

  /// Commits memory in blocks of at least one large page. Makes [#USE_LARGE_PAGES] take effect from
  /// the first block on, and has no effect without it.
  ALIGN_BLOCK_SIZE_TO_LARGE_PAGE(0x40),

  /// Fills with [JitAllocatorParameters#fillPattern()] instead of the trap. Set by
  /// [JitAllocatorParameters#withFillPattern(int)]; has no effect without [#FILL_UNUSED_MEMORY].
  CUSTOM_FILL_PATTERN(0x10000000);

  private final int bit;

  JitAllocatorOption(int bit) {
    this.bit = bit;
  }

  /// The bit of the flag in AsmJit's `JitAllocatorOptions`.
  ///
  /// @return a power of two
  public int bit() {
    return bit;
  }
}
