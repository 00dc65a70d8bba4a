// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongConsumer;

/// The index of an archive: which member defines a name. It is searched where it is, because a copy
/// would be larger than the archive.
final class ArchiveIndex {
  private final Input input;
  private final long offsets;
  private final int offsetBytes;
  private final long count;
  private final long names;
  private final long end;

  /// Reads an index.
  ///
  /// @param wide whether its numbers have 64 bits
  ArchiveIndex(Input input, long start, long byteSize, boolean wide) {
    this.input = input;
    this.offsetBytes = wide ? Long.BYTES : Integer.BYTES;
    this.offsets = start + offsetBytes;
    this.end = start + byteSize;
    if (byteSize < offsetBytes) {
      throw input.malformed("the index is too short");
    }
    this.count = number(start);
    if (count < 0 || count > (byteSize - offsetBytes) / (offsetBytes + 1)) {
      throw input.malformed("the index has more entries than bytes");
    }
    this.names = offsets + count * offsetBytes;
  }

  /// Finds which members define wanted names. Of several with one name the first one counts, as for
  /// a linker.
  ///
  /// @param found gets where the headers of the members begin, as the index says
  void find(Set<String> wanted, LongConsumer found) {
    Set<String> missing = new HashSet<>(wanted);
    int[] hashes = wanted.stream().mapToInt(String::hashCode).sorted().toArray();
    long at = names;
    for (long entry = 0; entry < count; entry++) {
      int hash = 0;
      boolean ascii = true;
      long start = at;
      while (at < end && input.int8(at) != 0) {
        hash = 31 * hash + input.int8(at);
        ascii &= input.int8(at) < 0x80;
        at++;
      }
      if (at >= end) {
        throw input.malformed("a name of the index has no end");
      }
      boolean candidate = !ascii || Arrays.binarySearch(hashes, hash) >= 0;
      if (candidate && missing.remove(input.candidate(start, at))) {
        found.accept(number(offsets + entry * offsetBytes));
      }
      at++;
    }
  }

  private long number(long offset) {
    return offsetBytes == Long.BYTES ? input.bigInt64(offset) : input.bigUnsigned32(offset);
  }
}
