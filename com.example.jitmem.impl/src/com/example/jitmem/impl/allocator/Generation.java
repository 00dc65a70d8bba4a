// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.impl.allocator.space.RegionHeap;
import com.example.jitmem.impl.memory.CodeMemory;
import com.example.jitmem.impl.memory.CodeMemorySource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// One set of parameters and its pools. Guarded by the lock of the core.
final class Generation {
  final JitAllocatorParameters requested;
  final JitAllocatorParameters effective;
  final CodeMemory memory;
  final boolean padding;
  final OptionalInt fillPattern;
  final boolean fills;
  private final boolean immediateRelease;
  private final List<Pool> pools = new ArrayList<>();
  private final Pool finestPool;

  /// Allocations in progress that grow a pool.
  private int growths;

  private boolean draining;

  Generation(JitAllocatorParameters requested, CodeMemory memory) {
    this.requested = requested;
    this.memory = memory;
    effective = effective(requested, memory);
    padding = !effective.hasOption(JitAllocatorOption.DISABLE_INITIAL_PADDING);
    fillPattern =
        effective.hasOption(JitAllocatorOption.FILL_UNUSED_MEMORY)
            ? OptionalInt.of(effective.fillPattern().orElse(memory.trapPattern()))
            : OptionalInt.empty();
    fills = fillPattern.isPresent();
    immediateRelease = effective.hasOption(JitAllocatorOption.IMMEDIATE_RELEASE);
    finestPool = new Pool(this, (int) smallestGranule(effective, memory));
    pools.add(finestPool);
    for (int i = 1; i < poolCount(effective); i++) {
      pools.add(new Pool(this, (int) smallestGranule(effective, memory) << i));
    }
  }

  private static int poolCount(JitAllocatorParameters parameters) {
    return parameters.hasOption(JitAllocatorOption.USE_MULTIPLE_POOLS) ? 3 : 1;
  }

  private static long smallestGranule(JitAllocatorParameters parameters, CodeMemory memory) {
    return Math.max(parameters.granuleByteSize(), memory.writtenUnit());
  }

  /// Opens memory for parameters.
  ///
  /// @throws com.example.jitmem.api.virtmem.VirtMemException if no way of writing code fits them
  static CodeMemory open(CodeMemorySource source, JitAllocatorParameters parameters) {
    return source.open(
        new CodeMemorySource.Request(
            parameters.hasOption(JitAllocatorOption.USE_DUAL_MAPPING),
            parameters.isDirect(),
            parameters.hasOption(JitAllocatorOption.USE_LARGE_PAGES)));
  }

  /// The pool for a size: of those whose granule divides it, the one with the largest granule.
  ///
  /// @throws IllegalArgumentException if the size and the alignment exceed a region
  Pool poolFor(long byteSize, long byteAlignment) {
    int granule = finestPool.granuleBytes();
    long rounded = (byteSize + granule - 1) & -(long) granule;
    if (rounded > Pool.MAX_REGION_BYTES - Math.max(granule, byteAlignment)) {
      throw tooLarge(byteSize, byteAlignment);
    }
    return pools.size() == 1 ? finestPool : coarsestPool(rounded);
  }

  private Pool coarsestPool(long rounded) {
    int last = pools.size() - 1;
    while ((rounded & (pools.get(last).granuleBytes() - 1)) != 0) {
      last--;
    }
    return pools.get(last);
  }

  private IllegalArgumentException tooLarge(long byteSize, long byteAlignment) {
    int granule = pools.getFirst().granuleBytes();
    return new IllegalArgumentException(
        "A span of "
            + byteSize
            + " bytes does not fit: with granules of "
            + granule
            + " and an alignment of "
            + byteAlignment
            + " bytes the limit is "
            + (Pool.MAX_REGION_BYTES - Math.max(granule, byteAlignment)));
  }

  /// The pools, from the finest granule to the coarsest.
  List<Pool> pools() {
    return pools;
  }

  /// Whether a block is decommitted as soon as it is empty.
  boolean releasesImmediately() {
    return immediateRelease;
  }

  void beginGrowth() {
    growths++;
  }

  void endGrowth() {
    growths--;
  }

  boolean isGrowing() {
    return growths > 0;
  }

  /// Tells whether no new spans are placed in it.
  boolean isDraining() {
    return draining;
  }

  void setDraining(boolean draining) {
    this.draining = draining;
  }

  /// Tells whether nothing is left of a draining generation.
  boolean isOver() {
    return draining && growths == 0 && pools.stream().allMatch(pool -> pool.regions().isEmpty());
  }

  private static JitAllocatorParameters effective(
      JitAllocatorParameters requested, CodeMemory memory) {
    boolean dual = memory.codeWriting() instanceof CodeWriting.DualMapped;
    JitAllocatorParameters granted =
        dual
            ? requested.with(JitAllocatorOption.USE_DUAL_MAPPING)
            : requested.without(JitAllocatorOption.USE_DUAL_MAPPING);
    long largestGranule = smallestGranule(requested, memory) << (poolCount(requested) - 1);
    // Blocks are whole words of the tables
    long block = Math.max(requested.blockByteSize(), largestGranule << RegionHeap.WORD_LOG);
    block = Math.max(block, memory.pageSize());
    if (memory.largePageSize() == 0) {
      granted =
          granted.without(
              JitAllocatorOption.USE_LARGE_PAGES,
              JitAllocatorOption.ALIGN_BLOCK_SIZE_TO_LARGE_PAGE);
    } else if (granted.hasOption(JitAllocatorOption.ALIGN_BLOCK_SIZE_TO_LARGE_PAGE)) {
      block = Math.max(block, memory.largePageSize());
    }
    return granted.withBlockByteSize(Math.min(block, JitAllocatorParameters.MAX_BLOCK_BYTE_SIZE));
  }
}
