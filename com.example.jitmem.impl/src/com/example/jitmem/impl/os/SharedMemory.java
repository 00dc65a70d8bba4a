// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;

/// Memory of which several views can be mapped, made by [Os#createShared].
///
/// @param backing what it is
/// @param handle what the system knows it by, for its implementation of [Os] only: a descriptor, a
///     handle, or the address of a first view
/// @param byteSize the size in bytes
/// @param largePages whether it consists of large pages
public record SharedMemory(Backing backing, long handle, long byteSize, boolean largePages) {
  /// Memory of normal pages.
  ///
  /// @param backing what it is
  /// @param handle what the system knows it by
  /// @param byteSize the size in bytes
  public SharedMemory(Backing backing, long handle, long byteSize) {
    this(backing, handle, byteSize, false);
  }
}
