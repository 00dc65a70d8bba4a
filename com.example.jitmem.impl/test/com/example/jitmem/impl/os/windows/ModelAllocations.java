// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_COALESCE_PLACEHOLDERS;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_COMMIT;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_DECOMMIT;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_LARGE_PAGES;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_PRESERVE_PLACEHOLDER;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_RELEASE;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_REPLACE_PLACEHOLDER;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_RESERVE;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_RESERVE_PLACEHOLDER;
import static com.example.jitmem.impl.os.windows.WindowsConstants.MEM_RESET;
import static com.example.jitmem.impl.os.windows.WindowsConstants.PAGE_EXECUTE_READWRITE;
import static com.example.jitmem.impl.os.windows.WindowsConstants.PAGE_NOACCESS;
import static com.example.jitmem.impl.os.windows.WindowsConstants.SEC_COMMIT;
import static com.example.jitmem.impl.os.windows.WindowsConstants.SEC_LARGE_PAGES;
import static com.example.jitmem.impl.os.windows.WindowsError.ERROR_DYNAMIC_CODE_BLOCKED;
import static com.example.jitmem.impl.os.windows.WindowsError.ERROR_INVALID_ADDRESS;
import static com.example.jitmem.impl.os.windows.WindowsError.ERROR_INVALID_HANDLE;
import static com.example.jitmem.impl.os.windows.WindowsError.ERROR_INVALID_PARAMETER;
import static com.example.jitmem.impl.os.windows.WindowsError.ERROR_NOT_ENOUGH_MEMORY;
import static com.example.jitmem.impl.os.windows.WindowsError.ERROR_PRIVILEGE_NOT_HELD;
import static com.example.jitmem.impl.os.windows.WindowsModel.at;
import static com.example.jitmem.impl.os.windows.WindowsModel.done;
import static com.example.jitmem.impl.os.windows.WindowsModel.failed;

import com.example.jitmem.impl.ffm.NativeCalls.Result;
import com.example.jitmem.impl.os.windows.ModelMemory.Kind;
import com.example.jitmem.impl.os.windows.ModelMemory.Range;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.TreeMap;

/// The memory functions of the model of Windows.
final class ModelAllocations {
  /// The attributes of pages as the page "PSAPI_WORKING_SET_EX_BLOCK union (psapi.h)" of Windows'
  /// documentation has them. From the lowest bit on: Valid 1, ShareCount 3, Win32Protection 11,
  /// Shared 1, Node 6, Locked 1, LargePage 1, Reserved 7, Bad 1, ReservedUlong 32.
  private static final long LARGE_PAGE = 1 | bits(1 + 3 + 11, 1) | bits(1 + 3 + 11 + 1 + 6 + 1, 1);

  /// Shared by seven processes, on node 63, locked.
  private static final long NORMAL_PAGE =
      1 | bits(1, 3) | bits(1 + 3 + 11, 1) | bits(1 + 3 + 11 + 1, 6) | bits(1 + 3 + 11 + 1 + 6, 1);

  /// Valid 1, Reserved0 14, Shared 1, Reserved1 15, Bad 1, ReservedUlong 32. Nothing is said about
  /// reserved bits.
  private static final long INVALID_PAGE = bits(1, 14) | bits(1 + 14 + 1, 15);

  private static long bits(int first, int count) {
    return ((1L << count) - 1) << first;
  }

  private static final class Section {
    final long file;
    final long byteSize;
    final boolean large;
    boolean open = true;
    int views;

    Section(long file, long byteSize, boolean large) {
      this.file = file;
      this.byteSize = byteSize;
      this.large = large;
    }
  }

  private final WindowsModel system;
  private final ModelMemory memory = new ModelMemory();
  private final TreeMap<Long, Section> sections = new TreeMap<>();
  private long lastHandle = 0x100;

  ModelAllocations(WindowsModel system) {
    this.system = system;
  }

  long pageSize() {
    return memory.host.pageSize();
  }

  private boolean isForbidden(int protection) {
    return system.forbidsDynamicCode && WindowsConstants.isExecutable(protection);
  }

  private boolean isPages(long address, long byteSize) {
    return byteSize > 0 && byteSize % pageSize() == 0 && address % pageSize() == 0;
  }

  Result virtualAlloc(long address, long byteSize, int type, int protection) {
    if (!isPages(address, byteSize) || !ModelMemory.isProtection(protection)) {
      return failed(ERROR_INVALID_PARAMETER);
    }
    if ((type & ~MEM_LARGE_PAGES) == (MEM_RESERVE | MEM_COMMIT) && address == 0) {
      return allocate(byteSize, type, protection);
    }
    Range range = memory.holding(address, byteSize);
    if (range == null) {
      return failed(ERROR_INVALID_ADDRESS);
    }
    if (type == MEM_RESET) {
      boolean committed = memory.isCommitted(range, address, byteSize);
      return committed ? done(address) : failed(ERROR_INVALID_ADDRESS);
    }
    if (type != MEM_COMMIT || range.kind() != Kind.PRIVATE) {
      return failed(ERROR_INVALID_PARAMETER);
    }
    if (isForbidden(protection)) {
      return failed(ERROR_DYNAMIC_CODE_BLOCKED);
    }
    memory.commit(range, address, byteSize, protection);
    return done(address);
  }

  private Result allocate(long byteSize, int type, int protection) {
    if (byteSize > WindowsModel.LAST_ADDRESS) {
      return failed(ERROR_NOT_ENOUGH_MEMORY);
    }
    boolean large = (type & MEM_LARGE_PAGES) != 0;
    if (large && !system.privilegeEnabled) {
      return failed(ERROR_PRIVILEGE_NOT_HELD);
    }
    if (large && byteSize % WindowsModel.LARGE_PAGE != 0) {
      return failed(ERROR_INVALID_PARAMETER);
    }
    if (isForbidden(protection)) {
      return failed(ERROR_DYNAMIC_CODE_BLOCKED);
    }
    long alignment = large ? WindowsModel.LARGE_PAGE : ModelMemory.GRANULARITY;
    Range range = memory.reserve(byteSize, alignment, Kind.PRIVATE);
    memory.commit(range, range.start(), byteSize, protection);
    return done(range.start());
  }

  Result virtualAlloc2(long... a) {
    long address = a[1];
    long byteSize = a[2];
    int type = (int) a[3];
    int protection = (int) a[4];
    if (a[0] != WindowsModel.PROCESS) {
      return failed(ERROR_INVALID_HANDLE);
    }
    if (type == (MEM_RESERVE | MEM_REPLACE_PLACEHOLDER) && a[6] == 0) {
      Range range = memory.placeholder(address, byteSize);
      if (range == null || protection != PAGE_NOACCESS) {
        return failed(ERROR_INVALID_ADDRESS);
      }
      memory.replaceByPrivate(range);
      return done(address);
    }
    boolean places = address == 0 && a[6] == 1 && at(a[5], 16).get(ValueLayout.JAVA_LONG, 0) == 1;
    if (!places || !isPages(0, byteSize)) {
      return failed(ERROR_INVALID_PARAMETER);
    }
    MemorySegment requirements = at(at(a[5], 16).get(ValueLayout.JAVA_LONG, 8), 24);
    return place(byteSize, type, protection, requirements);
  }

  /// MEM_ADDRESS_REQUIREMENTS: lowest and highest address and an alignment, each 0 or on the
  /// granularity, the highest one less.
  private Result place(long byteSize, int type, int protection, MemorySegment requirements) {
    long lowest = requirements.get(ValueLayout.JAVA_LONG, 0);
    long highest = requirements.get(ValueLayout.JAVA_LONG, 8);
    long alignment = requirements.get(ValueLayout.JAVA_LONG, 16);
    boolean valid =
        lowest % ModelMemory.GRANULARITY == 0
            && (highest == 0 || (highest + 1) % ModelMemory.GRANULARITY == 0)
            && highest <= WindowsModel.LAST_ADDRESS
            && Long.bitCount(alignment) <= 1
            && alignment % ModelMemory.GRANULARITY == 0;
    boolean commits = type == (MEM_RESERVE | MEM_COMMIT);
    boolean reserves =
        type == (MEM_RESERVE | MEM_RESERVE_PLACEHOLDER) && protection == PAGE_NOACCESS;
    if (!valid || !(commits || reserves)) {
      return failed(ERROR_INVALID_PARAMETER);
    }
    if (isForbidden(protection)) {
      return failed(ERROR_DYNAMIC_CODE_BLOCKED);
    }
    Kind kind = commits ? Kind.PRIVATE : Kind.PLACEHOLDER;
    Range range =
        lowest == 0 && highest == 0
            ? memory.reserve(byteSize, alignment, kind)
            : memory.reserve(byteSize, lowest, highest, alignment, kind);
    if (range == null) {
      return failed(ERROR_NOT_ENOUGH_MEMORY);
    }
    if (commits) {
      memory.commit(range, range.start(), byteSize, protection);
    }
    return done(range.start());
  }

  Result virtualFree(long address, long byteSize, int type) {
    if (type == (MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS)) {
      return memory.join(address, byteSize) ? done(1) : failed(ERROR_INVALID_ADDRESS);
    }
    if (type == MEM_RELEASE) {
      Range range = memory.startingAt(address);
      if (byteSize != 0 || range == null || range.kind() == Kind.VIEW) {
        return failed(ERROR_INVALID_ADDRESS);
      }
      memory.free(range);
      return done(1);
    }
    Range range = memory.holding(address, byteSize);
    if (range == null || !isPages(address, byteSize)) {
      return failed(ERROR_INVALID_ADDRESS);
    }
    if (type == (MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER)) {
      return memory.split(range, address, byteSize) ? done(1) : failed(ERROR_INVALID_ADDRESS);
    }
    if (type != MEM_DECOMMIT || range.kind() != Kind.PRIVATE) {
      return failed(ERROR_INVALID_PARAMETER);
    }
    memory.decommit(range, address, byteSize);
    return done(1);
  }

  Result virtualProtect(long address, long byteSize, int protection, long before) {
    Range range = memory.holding(address, byteSize);
    if (range == null || !memory.isCommitted(range, address, byteSize) || before == 0) {
      return failed(ERROR_INVALID_ADDRESS);
    }
    boolean allowed =
        range.kind() == Kind.VIEW
            ? ModelMemory.allows(range.view(), protection)
            : ModelMemory.isProtection(protection);
    if (!allowed) {
      return failed(ERROR_INVALID_PARAMETER);
    }
    if (isForbidden(protection)) {
      return failed(ERROR_DYNAMIC_CODE_BLOCKED);
    }
    memory.protect(address, byteSize, protection);
    at(before, 4).set(ValueLayout.JAVA_INT, 0, PAGE_NOACCESS);
    return done(1);
  }

  Result createFileMapping(long... a) {
    boolean large = (a[2] & SEC_LARGE_PAGES) != 0;
    long byteSize = (a[3] << Integer.SIZE) + (a[4] & 0xFFFF_FFFFL);
    boolean valid =
        a[0] == -1
            && a[1] == 0
            && (a[2] & 0x7FFF_FFFFL) == (PAGE_EXECUTE_READWRITE | SEC_COMMIT)
            && a[5] == 0
            && byteSize > 0
            && byteSize % (large ? WindowsModel.LARGE_PAGE : 1) == 0;
    if (!valid) {
      return failed(ERROR_INVALID_PARAMETER);
    }
    if (large && !system.privilegeEnabled) {
      return failed(ERROR_PRIVILEGE_NOT_HELD);
    }
    lastHandle += 4;
    sections.put(lastHandle, new Section(memory.host.createShared(byteSize), byteSize, large));
    return done(lastHandle);
  }

  Result mapViewOfFile3(long... a) {
    Section section = sections.get(a[0]);
    if (section == null || !section.open || a[1] != WindowsModel.PROCESS) {
      return failed(ERROR_INVALID_HANDLE);
    }
    Range range = memory.placeholder(a[2], a[4]);
    int protection = (int) a[6];
    int type = MEM_REPLACE_PLACEHOLDER | (section.large ? MEM_LARGE_PAGES : 0);
    boolean fits = a[3] % pageSize() == 0 && a[3] + a[4] <= section.byteSize;
    if (range == null || a[5] != type || !fits || a[7] != 0 || a[8] != 0) {
      return failed(ERROR_INVALID_PARAMETER);
    }
    if (isForbidden(protection)) {
      return failed(ERROR_DYNAMIC_CODE_BLOCKED);
    }
    memory.replaceByView(range, a[0], section.file, a[3], protection);
    section.views++;
    return done(a[2]);
  }

  Result unmapViewOfFile2(long process, long address, int flags) {
    Range range = memory.startingAt(address);
    if (process != WindowsModel.PROCESS || range == null || range.kind() != Kind.VIEW) {
      return failed(ERROR_INVALID_ADDRESS);
    }
    if (flags == MEM_PRESERVE_PLACEHOLDER) {
      memory.replaceByPlaceholder(range);
    } else {
      memory.free(range);
    }
    Section section = Objects.requireNonNull(sections.get(range.section()));
    section.views--;
    endUnused(range.section(), section);
    return done(1);
  }

  Result closeSection(long handle) {
    Section section = sections.get(handle);
    if (section == null || !section.open) {
      return failed(ERROR_INVALID_HANDLE);
    }
    section.open = false;
    endUnused(handle, section);
    return done(1);
  }

  private void endUnused(long handle, Section section) {
    if (!section.open && section.views == 0) {
      memory.host.closeShared(section.file);
      sections.remove(handle);
    }
  }

  /// Says that all views of sections of large pages have large pages, and that other pages are
  /// whatever a page can be that is not large.
  Result queryWorkingSet(long process, long entries, int byteSize) {
    if (process != WindowsModel.PROCESS || byteSize % 16 != 0) {
      return failed(ERROR_INVALID_PARAMETER);
    }
    MemorySegment asked = at(entries, byteSize);
    for (long entry = 0; entry < byteSize; entry += 16) {
      long address = asked.get(ValueLayout.JAVA_LONG, entry);
      asked.set(ValueLayout.JAVA_LONG, entry + 8, attributes(address & -pageSize()));
    }
    return done(1);
  }

  private long attributes(long page) {
    Range range = memory.holding(page, pageSize());
    if (range == null
        || range.kind() == Kind.PLACEHOLDER
        || !memory.isCommitted(range, page, pageSize())) {
      return INVALID_PAGE;
    }
    Section section = sections.get(range.section());
    return section != null && section.large ? LARGE_PAGE : NORMAL_PAGE;
  }

  @Override
  public String toString() {
    return "addresses " + memory + ", sections " + sections.keySet();
  }
}
