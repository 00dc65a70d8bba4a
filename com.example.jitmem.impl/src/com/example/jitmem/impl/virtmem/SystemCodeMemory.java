// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.allocator.CodeMemory;
import com.example.jitmem.impl.allocator.CodeRegion;
import com.example.jitmem.impl.allocator.WriteSession;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.SharedMemory;
import java.util.Objects;

/// Executable memory of the operating system, written in one way.
final class SystemCodeMemory implements CodeMemory {
  private static final long MAX_REGION_SIZE = 2L * 1024 * 1024 * 1024;

  private final Os os;
  private final CodeWriting way;
  private final boolean largePages;

  SystemCodeMemory(Os os, CodeWriting way, boolean largePages) {
    this.os = os;
    this.way = way;
    this.largePages = largePages;
  }

  @Override
  public CodeWriting codeWriting() {
    return way;
  }

  @Override
  public long pageSize() {
    return os.facts().pageSize();
  }

  @Override
  public long largePageSize() {
    return largePages ? os.facts().largePageSize() : 0;
  }

  @Override
  public int trapPattern() {
    return os.facts().processor().trapPattern();
  }

  @Override
  public CodeRegion reserve(long byteSize) {
    return reserve(byteSize, Placement.ANYWHERE);
  }

  @Override
  public CodeRegion reserveNear(long byteSize, Vicinity vicinity) {
    return reserve(byteSize, Placement.in(vicinity));
  }

  private CodeRegion reserve(long byteSize, Placement placement) {
    if (byteSize <= 0 || byteSize > MAX_REGION_SIZE || byteSize % pageSize() != 0) {
      throw new IllegalArgumentException(
          "Region size is not a multiple of "
              + pageSize()
              + " up to "
              + MAX_REGION_SIZE
              + " bytes: "
              + byteSize);
    }
    long alignment = Math.max(REGION_ALIGNMENT, largePageSize());
    return switch (way) {
      case CodeWriting.Direct() ->
          DirectRegion.reserve(os, byteSize, alignment, placement, largePages);
      case CodeWriting.DualMapped(CodeWriting.Backing backing) -> {
        SharedMemory memory = os.createShared(backing, byteSize, false);
        yield DualRegion.reserve(os, memory, alignment, placement, largePages);
      }
      case CodeWriting.WriteThenSeal(), CodeWriting.ThreadToggled(), CodeWriting.Unavailable() ->
          throw new VirtMemException(
              VirtMemException.Reason.NOT_SUPPORTED, "There are no regions written by " + way);
    };
  }

  @Override
  public WriteSession openSession(CachePolicy policy) {
    return new ViewWriteSession(os, Objects.requireNonNull(policy));
  }
}
