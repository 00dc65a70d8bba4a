// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

/// An allocator that passes everything on to a view.
public interface ViewDelegate {
  /// The view.
  ///
  /// @return the same object in every call
  AllocatorView view();
}
