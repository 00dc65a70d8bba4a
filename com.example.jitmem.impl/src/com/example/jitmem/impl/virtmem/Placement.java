// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.MapOption;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.Os;
import java.util.Optional;
import java.util.Set;

/// Where memory is placed: anywhere, or within a window of addresses.
///
/// @param window the window; empty for anywhere
record Placement(Optional<AddressWindow> window) {
  /// Leaves it to the system.
  static final Placement ANYWHERE = new Placement(Optional.empty());

  /// In reach of an anchor.
  static Placement in(Vicinity vicinity) {
    return new Placement(Optional.of(AddressWindow.of(vicinity)));
  }

  /// Does what [Os#map] does.
  long map(Os os, long byteSize, Set<MemoryAccess> access, Set<MapOption> options) {
    return window.isPresent()
        ? os.mapWithin(byteSize, access, options, window.get())
        : os.map(byteSize, access, options);
  }

  /// Does what [Os#reserve] does.
  long reserve(Os os, long byteSize, long alignment) {
    return window.isPresent()
        ? os.reserveWithin(byteSize, alignment, window.get())
        : os.reserve(byteSize, alignment);
  }
}
