// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.log.LoggerNames;
import com.example.jitmem.impl.os.Os;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/// A region of private memory, which is executed where it is written.
abstract class PrivateRegion extends ViewedRegion {
  private static final System.Logger LOGGER = System.getLogger(LoggerNames.MEMORY);

  private final Set<MemoryAccess> access;
  private final LargePages largePages;

  /// @param memory a reserved range
  /// @param access what may be done with committed memory
  /// @param source where large pages are to come from
  PrivateRegion(Os os, MemorySegment memory, Set<MemoryAccess> access, LargePages.Source source) {
    super(os, memory, memory);
    this.access = access;
    this.largePages = new LargePages(os, memory.address(), memory.byteSize(), source);
  }

  @Override
  LargePages largePages() {
    return largePages;
  }

  @Override
  void commitPages(long offset, long byteSize) {
    if (!isMadePresent(offset, byteSize)) {
      try {
        if (!commitPooled(offset, byteSize)) {
          os.commit(executedAddress(offset), byteSize, access);
        }
      } catch (RuntimeException | Error e) {
        // What was accessible before has been mapped over, and is not any more
        accessible().forget(offset, byteSize);
        throw e;
      }
      accessible().add(offset, byteSize);
    }
    largePages.committed(offset, byteSize);
  }

  /// Makes present what stayed accessible when its pages were given back. Others may have emptied
  /// the pool since; then it is to be mapped as if it had not been before.
  ///
  /// @return whether all of the range is accessible and cannot fault
  private boolean isMadePresent(long offset, long byteSize) {
    if (!accessible().contains(offset, byteSize)) {
      return false;
    }
    if (!largePages.fromPool(offset, byteSize)) {
      return true;
    }
    try {
      os.populate(executedAddress(offset), byteSize, access);
      return true;
    } catch (VirtMemException e) {
      LOGGER.log(System.Logger.Level.DEBUG, "The pool gives no large pages again", e);
      return false;
    }
  }

  private boolean commitPooled(long offset, long byteSize) {
    if (!largePages.fromPool(offset, byteSize)) {
      return false;
    }
    try {
      os.commitPooled(executedAddress(offset), byteSize, access);
      return true;
    } catch (VirtMemException e) {
      LOGGER.log(System.Logger.Level.DEBUG, "The pool gives no large pages", e);
      return false;
    }
  }

  @Override
  void decommitPages(long offset, long byteSize) {
    if (accessible().remove(offset, byteSize)) {
      decommitOrRestore(offset, byteSize);
    } else {
      os.discardPrivate(executedAddress(offset), byteSize, access);
    }
    largePages.decommitted(offset, byteSize);
  }

  private void decommitOrRestore(long offset, long byteSize) {
    try {
      os.decommit(executedAddress(offset), byteSize);
    } catch (VirtMemException e) {
      accessible().add(offset, byteSize);
      throw e;
    }
  }

  @Override
  void releasePages() {
    Releases.attempt(() -> os.unreserve(executedAddress(0), byteSize()));
  }
}
