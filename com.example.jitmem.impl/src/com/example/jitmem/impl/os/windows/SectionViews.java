// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_LARGE_PAGES;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_PRESERVE_PLACEHOLDER;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_REPLACE_PLACEHOLDER;
import static com.example.jitmem.impl.os.windows.WindowsConstants.PAGE_NOACCESS;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.log.LoggerNames;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/// Shared memory, and its views in reservations. Not thread-safe.
final class SectionViews {
  private static final System.Logger LOGGER = System.getLogger(LoggerNames.SYSTEM);

  private static final long NULL = 0;

  private final WindowsMemory memory;
  private final long pageSize;
  private final Map<Long, SharedSections> shared = new HashMap<>();
  private long lastHandle;

  SectionViews(WindowsMemory memory, long pageSize) {
    this.memory = memory;
    this.pageSize = pageSize;
  }

  /// Makes shared memory. It takes nothing of the system before parts are mapped.
  ///
  /// @return what it is known by
  long create(long byteSize, boolean largePages) {
    lastHandle++;
    shared.put(lastHandle, new SharedSections(memory, byteSize, largePages));
    return lastHandle;
  }

  /// Ends shared memory. Views stay.
  void close(long handle) {
    SharedSections closed = shared.remove(handle);
    if (closed != null) {
      closed.close();
    }
  }

  /// Maps a part of shared memory. It is cut where sections and earlier views end.
  ///
  /// @throws VirtMemException if the system refuses; the range is inaccessible as before
  void map(
      long handle, long offset, Reservation target, long address, long byteSize, int protection) {
    SharedSections source = shared.get(handle);
    if (source == null || target.isPrivate) {
      throw new IllegalStateException("Shared memory is closed or the range is private memory");
    }
    long at = 0;
    try {
      while (at < byteSize) {
        View view = target.viewAt(address + at);
        Long next = target.views.higherKey(address + at);
        long viewEnd = view != null ? view.end : next == null ? target.end : next;
        long end = Math.min(byteSize, viewEnd - address);
        end = Math.min(end, source.boundaryAfter(offset + at) - offset);
        if (view != null) {
          use(view, source, offset + at, address + at, address + end, protection);
        } else {
          mapPart(source, offset + at, target, address + at, address + end, protection);
        }
        at = end;
      }
    } catch (VirtMemException e) {
      if (at > 0) {
        long mappedEnd = address + at;
        undo(e, () -> vacate(target, address, mappedEnd));
      }
      throw e;
    }
  }

  /// Gives a part of a view its access back that was taken from it.
  private void use(
      View view, SharedSections source, long offset, long from, long to, int protection) {
    boolean same =
        view.section == source.at(offset)
            && view.offset + (from - view.start) == offset
            && view.protection == protection;
    if (!same) {
      throw new IllegalStateException("The range is a view of something else");
    }
    memory.protect(from, to - from, protection);
    view.setVacant(from, to, false);
  }

  private void mapPart(
      SharedSections source, long offset, Reservation target, long from, long to, int protection) {
    target.isolate(from, to);
    Section known = source.at(offset);
    Section section = known == null ? source.create(offset, offset + to - from) : known;
    int type = MEM_REPLACE_PLACEHOLDER | (section.largePages ? MEM_LARGE_PAGES : 0);
    try {
      memory.call(
          WindowsFunctions.MAP_VIEW_OF_FILE3,
          section.handle,
          memory.process(),
          from,
          offset - section.start,
          to - from,
          type,
          protection,
          NULL,
          0);
    } catch (VirtMemException e) {
      source.endUnused(section);
      throw e;
    }
    section.views++;
    target.replaced(new View(from, to, section, offset, protection, pageSize));
  }

  /// Makes a range inaccessible, and gives views back of which nothing is in use any more. Taking
  /// the access away can be undone, so that happens first, for all of the range.
  ///
  /// @throws VirtMemException if the system refuses; the range is as before
  void vacate(Reservation target, long from, long to) {
    Deque<Runnable> undos = new ArrayDeque<>();
    try {
      for (View view : target.viewsIn(from, to)) {
        long first = Math.max(from, view.start);
        long last = Math.min(to, view.end);
        memory.protect(first, last - first, PAGE_NOACCESS);
        view.setVacant(first, last, true);
        undos.push(
            () -> {
              memory.protect(first, last - first, view.protection);
              view.setVacant(first, last, false);
            });
      }
    } catch (VirtMemException e) {
      undos.forEach(step -> undo(e, step));
      throw e;
    }
    target.viewsIn(from, to).stream()
        .filter(View::isVacant)
        .forEach(view -> restorePlaceholder(target, view));
  }

  private static void undo(VirtMemException failure, Runnable step) {
    try {
      step.run();
    } catch (VirtMemException e) {
      failure.addSuppressed(e);
    }
  }

  /// Puts a placeholder where a view is. If that is refused the view stays, without access; it is
  /// used again when the range is, and given back with the reservation.
  private void restorePlaceholder(Reservation target, View view) {
    try {
      unmap(view, MEM_PRESERVE_PLACEHOLDER);
      target.restored(view);
      ended(view);
    } catch (VirtMemException e) {
      LOGGER.log(System.Logger.Level.DEBUG, "Memory is inaccessible but was not given back yet", e);
    }
  }

  /// Gives a view and its addresses back.
  ///
  /// @throws VirtMemException if the system refuses; nothing has changed
  void release(Reservation target, View view) {
    unmap(view, 0);
    target.views.remove(view.start);
    ended(view);
  }

  private void unmap(View view, int flags) {
    memory.call(WindowsFunctions.UNMAP_VIEW_OF_FILE2, memory.process(), view.start, flags);
  }

  private void ended(View view) {
    view.section.views--;
    view.section.owner.endUnused(view.section);
  }
}
