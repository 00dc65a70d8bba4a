// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.ffm;

import com.example.jitmem.api.virtmem.VirtMemException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.LinkedHashMap;
import java.util.Map;

/// Handles that call a function whose address is their first argument: one per function type.
///
/// Making such a handle takes some 70 µs. Binding its first argument costs little and the JIT
/// compiler inlines through it, so all functions of a type share one.
///
/// Thread-safe. The 512 most recently used handles are cached; an evicted handle stays usable.
public final class FunctionHandles {
  /// The number of function types whose handles are kept.
  private static final int CAPACITY = 512;

  private static final Map<Key, MethodHandle> HANDLES =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, MethodHandle> eldest) {
          return size() > CAPACITY;
        }
      };

  private FunctionHandles() {}

  /// The handle for a type of functions.
  ///
  /// @param type the C type of the functions
  /// @param critical whether calls skip the transition of the thread to native code, see
  ///     [java.lang.foreign.Linker.Option#critical]
  /// @param allowHeapAccess whether critical calls take segments on the heap; without `critical` it
  ///     has no effect
  /// @return a handle whose first parameter is the address of the function as a [MemorySegment],
  ///     and whose other parameters and result are those of `type`
  /// @throws IllegalArgumentException if the linker does not support the type
  /// @throws VirtMemException with [VirtMemException.Reason#DENIED_BY_POLICY] if the JVM denies
  ///     native access; the message names the flag that allows it
  public static MethodHandle unbound(
      FunctionDescriptor type, boolean critical, boolean allowHeapAccess) {
    Key key = new Key(type, critical, critical && allowHeapAccess);
    synchronized (HANDLES) {
      MethodHandle known = HANDLES.get(key);
      if (known != null) {
        return known;
      }
    }
    MethodHandle made = NativeAccess.restricted(() -> link(key));
    synchronized (HANDLES) {
      MethodHandle first = HANDLES.putIfAbsent(key, made);
      return first == null ? made : first;
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle link(Key key) {
    Linker linker = Linker.nativeLinker();
    return key.critical
        ? linker.downcallHandle(key.type, Linker.Option.critical(key.allowHeapAccess))
        : linker.downcallHandle(key.type);
  }

  private record Key(FunctionDescriptor type, boolean critical, boolean allowHeapAccess) {}
}
