// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import static com.example.jitmem.impl.os.windows.WindowsConstants.INVALID_HANDLE_VALUE;
import static com.example.jitmem.impl.os.windows.WindowsConstants.PAGE_EXECUTE_READWRITE;
import static com.example.jitmem.impl.os.windows.WindowsConstants.SEC_COMMIT;
import static com.example.jitmem.impl.os.windows.WindowsConstants.SEC_LARGE_PAGES;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Shared memory, as one section for each part that was committed at once.
///
/// One section for all of it would charge the commit limit for all of it, or, with `SEC_RESERVE`,
/// could be committed in parts but never decommitted: "CreateFileMappingW" says that such pages
/// cannot be freed. A section for each part goes back to the system with its last view.
///
/// Not thread-safe.
final class SharedSections {
  private static final long NULL = 0;

  private final WindowsMemory memory;
  private final long byteSize;
  private final boolean largePages;
  private final TreeMap<Long, Section> sections = new TreeMap<>();
  private boolean closed;

  SharedSections(WindowsMemory memory, long byteSize, boolean largePages) {
    this.memory = memory;
    this.byteSize = byteSize;
    this.largePages = largePages;
  }

  /// The section that holds the memory at an offset, or null if none was made.
  @Nullable Section at(long offset) {
    Map.Entry<Long, Section> before = sections.floorEntry(offset);
    return before != null && before.getValue().end > offset ? before.getValue() : null;
  }

  /// Where the section at an offset ends, or if there is none, the next one begins.
  long boundaryAfter(long offset) {
    Section section = at(offset);
    if (section != null) {
      return section.end;
    }
    Long next = sections.higherKey(offset);
    return next == null ? byteSize : next;
  }

  /// Makes the section for a part that has none.
  Section create(long start, long end) {
    long size = end - start;
    int protection = PAGE_EXECUTE_READWRITE | SEC_COMMIT | (largePages ? SEC_LARGE_PAGES : 0);
    long handle =
        memory
            .call(
                WindowsFunctions.CREATE_FILE_MAPPING,
                INVALID_HANDLE_VALUE,
                NULL,
                protection,
                size >>> Integer.SIZE,
                size & 0xFFFF_FFFFL,
                NULL)
            .value();
    Section section = new Section(this, start, end, handle, largePages);
    sections.put(start, section);
    return section;
  }

  /// Lets a section go that has no view.
  void endUnused(Section section) {
    if (section.views == 0) {
      sections.remove(section.start);
      if (!closed) {
        memory.close(section.handle);
      }
    }
  }

  /// Closes all handles. Views stay.
  void close() {
    closed = true;
    sections.values().forEach(section -> memory.close(section.handle));
  }
}
