// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// All regions of an allocator, by address and by a small number. Changes are made under the lock
/// of the core, by copies, so that both can be looked up without it.
final class RegionDirectory {
  private static final Region[] NONE = {};

  private volatile Region[] byAddress = NONE;
  private volatile @Nullable Region[] byOrdinal = {};

  /// A number that no region has.
  int freeOrdinal() {
    @Nullable Region[] all = byOrdinal;
    int ordinal = 0;
    while (ordinal < all.length && all[ordinal] != null) {
      ordinal++;
    }
    return ordinal;
  }

  void add(Region region) {
    Region[] old = byAddress;
    int index = indexAfter(old, region.address());
    Region[] grown = new Region[old.length + 1];
    System.arraycopy(old, 0, grown, 0, index);
    grown[index] = region;
    System.arraycopy(old, index, grown, index + 1, old.length - index);
    @Nullable Region[] ordinals =
        Arrays.copyOf(byOrdinal, Math.max(byOrdinal.length, region.ordinal() + 1));
    ordinals[region.ordinal()] = region;
    byOrdinal = ordinals;
    byAddress = grown;
  }

  void remove(Region region) {
    byAddress = Arrays.stream(byAddress).filter(other -> other != region).toArray(Region[]::new);
    @Nullable Region[] ordinals = byOrdinal.clone();
    ordinals[region.ordinal()] = null;
    byOrdinal = ordinals;
  }

  /// The region that contains an address.
  @Nullable Region find(long address) {
    Region[] all = byAddress;
    int index = indexAfter(all, address) - 1;
    if (index < 0) {
      return null;
    }
    Region region = all[index];
    return address - region.address() < region.byteSize() ? region : null;
  }

  /// The region with a number.
  @Nullable Region at(int ordinal) {
    return byOrdinal[ordinal];
  }

  boolean contains(Region region) {
    return find(region.address()) == region;
  }

  int size() {
    return byAddress.length;
  }

  /// A copy in the order of addresses.
  Region[] all() {
    return byAddress.clone();
  }

  /// How many regions start at an address or before it.
  private static int indexAfter(Region[] all, long address) {
    int low = 0;
    int high = all.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (all[middle].address() <= address) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
