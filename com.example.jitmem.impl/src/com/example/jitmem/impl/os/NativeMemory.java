// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os;

import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.impl.ffm.FunctionHandles;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Set;

/// What implementations of [Os] do with mapped memory itself.
@SuppressWarnings("restricted")
public final class NativeMemory {
  private NativeMemory() {}

  /// Fills writable memory with zeros.
  ///
  /// @param address where it begins
  /// @param byteSize the size in bytes
  public static void clear(long address, long byteSize) {
    at(address, byteSize).fill((byte) 0);
  }

  /// Does something for which pages have to be writable.
  ///
  /// @param os whose pages they are
  /// @param address the first page
  /// @param byteSize the size in bytes
  /// @param access the access they have, and have afterwards
  /// @param action what is to be done
  /// @throws com.example.jitmem.api.virtmem.VirtMemException if the system refuses to change the
  ///     access; if it does so afterwards, they stay writable and are not executable
  public static void whileWritable(
      Os os, long address, long byteSize, Set<MemoryAccess> access, Runnable action) {
    if (access.contains(MemoryAccess.WRITE)) {
      action.run();
      return;
    }
    os.protect(address, byteSize, MemoryAccess.RW);
    try {
      action.run();
    } catch (RuntimeException | Error e) {
      try {
        os.protect(address, byteSize, access);
      } catch (RuntimeException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
    os.protect(address, byteSize, access);
  }

  /// Memory as a segment, in the global scope.
  ///
  /// @param address where it begins
  /// @param byteSize the size in bytes
  /// @return the segment
  public static MemorySegment at(long address, long byteSize) {
    return MemorySegment.ofAddress(address).reinterpret(byteSize);
  }

  /// Runs a C function `int f(void)`.
  ///
  /// @param address its code
  /// @return what it returned
  public static int run(long address) {
    MethodHandle handle =
        FunctionHandles.linked(FunctionDescriptor.of(ValueLayout.JAVA_INT), false, false).unbound();
    try {
      return (int) handle.invokeExact(MemorySegment.ofAddress(address));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("A downcall threw", e);
    }
  }
}
