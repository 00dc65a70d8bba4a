// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os;

import com.example.jitmem.api.virtmem.Vicinity;

/// A range of addresses in which memory is to be placed, the nearer to a middle the better.
///
/// @param start the first address
/// @param end the first address after it
/// @param middle the address to be near to
public record AddressWindow(long start, long end, long middle) {
  /// All addresses there are: the system chooses.
  public static final AddressWindow ANYWHERE = new AddressWindow(0, Long.MAX_VALUE, 0);

  /// The addresses of all memory that is in a vicinity, which end where addresses do.
  ///
  /// @param vicinity an anchor and a reach
  /// @return the window
  public static AddressWindow of(Vicinity vicinity) {
    long first = vicinity.anchor().address();
    long last = first + Math.max(vicinity.anchor().byteSize(), 1) - 1;
    long reach = vicinity.byteReach();
    long end = first >= Long.MAX_VALUE - reach ? Long.MAX_VALUE : first + reach + 1;
    return new AddressWindow(Math.max(0, last - reach), end, first);
  }

  /// Whether the choice is left to the system.
  ///
  /// @return whether this is [#ANYWHERE]
  public boolean isAnywhere() {
    return equals(ANYWHERE);
  }

  @Override
  public String toString() {
    return "0x" + Long.toHexString(start) + " to 0x" + Long.toHexString(end);
  }
}
