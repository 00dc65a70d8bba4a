// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.ffm;

import com.example.jitmem.api.virtmem.VirtMemException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The types of functions that were linked, each with its handles. Linking a type takes some 70 µs.
///
/// Thread-safe. The 512 most recently used types are cached; an evicted one stays usable.
public final class FunctionHandles {
  /// The number of function types that are kept.
  private static final int CAPACITY = 512;

  private static final Map<Key, LinkedType> LINKED =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, LinkedType> eldest) {
          return size() > CAPACITY;
        }
      };

  /// In front of the cache, by the identity of the descriptor: most programs keep theirs in
  /// constants, and hashing one takes longer than allocating a span. Written by data races.
  private static final @Nullable Recent[] RECENT = new @Nullable Recent[64];

  private record Recent(Key key, LinkedType linked) {
    @SuppressWarnings("ReferenceEquality") // Equal ones that are not the same are looked up
    boolean isFor(FunctionDescriptor type, boolean critical, boolean allowHeapAccess) {
      return key.type == type && key.critical == critical && key.allowHeapAccess == allowHeapAccess;
    }
  }

  private FunctionHandles() {}

  /// Links a type of functions, unless it is known.
  ///
  /// @param type the C type of the functions
  /// @param critical whether calls skip the transition of the thread to native code, see
  ///     [java.lang.foreign.Linker.Option#critical]
  /// @param allowHeapAccess whether critical calls take segments on the heap; without `critical` it
  ///     has no effect
  /// @return the handles of the type
  /// @throws IllegalArgumentException if the linker does not support the type
  /// @throws VirtMemException with [VirtMemException.Reason#DENIED_BY_POLICY] if the JVM denies
  ///     native access; the message names the flag that allows it
  public static LinkedType linked(
      FunctionDescriptor type, boolean critical, boolean allowHeapAccess) {
    boolean heapAccess = critical && allowHeapAccess;
    int index = System.identityHashCode(type) & (RECENT.length - 1);
    Recent recent = RECENT[index];
    if (recent != null && recent.isFor(type, critical, heapAccess)) {
      return recent.linked;
    }
    Key key = new Key(type, critical, heapAccess);
    LinkedType linked = linked(key);
    RECENT[index] = new Recent(key, linked);
    return linked;
  }

  private static LinkedType linked(Key key) {
    synchronized (LINKED) {
      LinkedType known = LINKED.get(key);
      if (known != null) {
        return known;
      }
    }
    LinkedType made = NativeAccess.restricted(() -> link(key));
    synchronized (LINKED) {
      LinkedType first = LINKED.putIfAbsent(key, made);
      return first == null ? made : first;
    }
  }

  @SuppressWarnings("restricted")
  private static LinkedType link(Key key) {
    Linker linker = Linker.nativeLinker();
    return new LinkedType(
        key.critical
            ? linker.downcallHandle(key.type, Linker.Option.critical(key.allowHeapAccess))
            : linker.downcallHandle(key.type));
  }

  private record Key(FunctionDescriptor type, boolean critical, boolean allowHeapAccess) {}
}
