// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.macos;

import static com.example.jitmem.impl.os.macos.KernReturn.KERN_INVALID_ARGUMENT;
import static com.example.jitmem.impl.os.macos.KernReturn.KERN_PROTECTION_FAILURE;
import static com.example.jitmem.impl.os.macos.MacErrno.EACCES;
import static com.example.jitmem.impl.os.macos.MacErrno.EINVAL;
import static com.example.jitmem.impl.os.macos.MacErrno.ENOMEM;
import static com.example.jitmem.impl.os.macos.MacErrno.EPERM;
import static com.example.jitmem.impl.os.posix.PosixMemory.PROT_EXEC;
import static com.example.jitmem.impl.os.posix.PosixMemory.PROT_READ;
import static com.example.jitmem.impl.os.posix.PosixMemory.PROT_WRITE;

import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.os.HostMemory;
import com.example.jitmem.impl.os.ModelCalls;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/// macOS as its manual pages and the source of its kernel describe it, on real memory of the system
/// that tests run on. Memory that threads toggle is never writable there, except while the copy
/// routine is called.
public final class MacModel extends ModelCalls implements CopyCall {
  static final long TASK = 0x103;
  static final long PROTECT = 0x1000;
  static final long FLUSH = 0x2000;

  private static final int RWX = PROT_READ | PROT_WRITE | PROT_EXEC;
  private static final int WX = PROT_WRITE | PROT_EXEC;
  private static final long LAST_ADDRESS = 0x7FFF_FFFF_FFFFL;

  private static final Set<CFunction> CAN_FAIL =
      Set.of(
          PosixMemory.MMAP,
          PosixMemory.MUNMAP,
          PosixMemory.MPROTECT,
          PosixMemory.MADVISE,
          MacFunctions.MINHERIT,
          MacFunctions.MACH_VM_REMAP,
          MacFunctions.MACH_VM_PROTECT);

  private record Page(int protection, int maximum, boolean jit, boolean inherited) {
    Page with(int changed) {
      return new Page(changed, maximum, jit, inherited);
    }
  }

  private final HostMemory host = new HostMemory();
  private final TreeMap<Long, Page> pages = new TreeMap<>();
  private final boolean toggles;

  /// Whether writable and executable memory is refused, as by the hardened runtime.
  public boolean hardened;

  /// How many times the copy routine was called.
  public int copies;

  /// How many copy routines there are. They stay as long as the process runs.
  public int routines;

  private final Set<Long> knownRoutines = new HashSet<>();

  /// A system.
  ///
  /// @param toggles whether it is one on AArch64
  public MacModel(boolean toggles) {
    this.toggles = toggles;
  }

  @Override
  protected boolean canFail(CFunction function) {
    return CAN_FAIL.contains(function);
  }

  @Override
  protected Result refusal(CFunction function, int error) {
    boolean mach =
        function.equals(MacFunctions.MACH_VM_REMAP)
            || function.equals(MacFunctions.MACH_VM_PROTECT);
    return mach ? new Result(error, 0) : new Result(-1, error);
  }

  private static Result failed(MacErrno errno) {
    return new Result(-1, errno.code());
  }

  private static Result done(long value) {
    return new Result(value, 0);
  }

  @Override
  protected Result answer(CFunction function, long... a) {
    return switch (function.name()) {
      case "getpagesize" -> done(host.pageSize());
      case "mmap" -> mmap(a);
      case "munmap" -> munmap(a[0], a[1]);
      case "mprotect" -> mprotect(a[0], a[1], (int) a[2]);
      case "madvise" -> madvise(a[0], a[1], (int) a[2]);
      case "minherit" -> minherit(a[0], a[1], (int) a[2]);
      case "mach_task_self" -> done(TASK);
      case "mach_vm_remap" -> remap(a);
      case "mach_vm_protect" -> machProtect(a[0], a[1], a[2], a[3] != 0, (int) a[4]);
      case "dlsym" -> dlsym(a[0], a[1]);
      case "pthread_jit_write_protect_supported_np" -> done(toggles ? 1 : 0);
      case "sys_icache_invalidate" -> done(0);
      default -> throw new AssertionError("Not in the model: " + function.name());
    };
  }

  private static MemorySegment at(long address, long byteSize) {
    return MemorySegment.ofAddress(address).reinterpret(byteSize);
  }

  private boolean isForbidden(int protection, boolean jit) {
    return (protection & WX) == WX && !jit && (toggles || hardened);
  }

  /// What the host allows: memory that threads toggle can be read and executed.
  private int hostProtection(Page page) {
    return page.jit && page.protection == RWX ? PROT_READ | PROT_EXEC : page.protection;
  }

  private boolean all(long address, long byteSize, Predicate<Page> condition) {
    for (long at = address; at < address + byteSize; at += host.pageSize()) {
      Page page = pages.get(at);
      if (page == null || !condition.test(page)) {
        return false;
      }
    }
    return true;
  }

  private Page held(long address) {
    return Objects.requireNonNull(pages.get(address));
  }

  private void set(long address, long byteSize, Page page) {
    for (long at = address; at < address + byteSize; at += host.pageSize()) {
      pages.put(at, page);
    }
  }

  private Result mmap(long... a) {
    long byteSize = a[1];
    int protection = (int) a[2];
    boolean jit = (a[3] & 0x800) != 0;
    boolean fixed = (a[3] & 0x10) != 0;
    boolean shared = (a[3] & 0x3) == 1;
    boolean anonymous = (a[3] & ~0x853L) == 0x1000 && (a[3] & 0x3) != 0 && a[4] == -1;
    boolean misplaced = jit && (fixed || shared);
    if (!anonymous || misplaced || byteSize <= 0) {
      return failed(EINVAL);
    }
    if (byteSize > LAST_ADDRESS) {
      return failed(ENOMEM);
    }
    if (isForbidden(protection, jit)) {
      return failed(EACCES);
    }
    if (fixed && !all(a[0], byteSize, page -> !page.jit)) {
      throw new AssertionError("Maps over memory that is not held: " + Long.toHexString(a[0]));
    }
    long address = fixed ? a[0] : place(a[0], byteSize);
    Page page = new Page(protection, RWX, jit, true);
    host.mapAnonymous(address, byteSize, hostProtection(page));
    set(address, byteSize, page);
    return done(address);
  }

  private long place(long hint, long byteSize) {
    return hint == 0
        ? host.reserve(byteSize, host.pageSize())
        : host.reserveBetween(hint, LAST_ADDRESS, byteSize, host.pageSize());
  }

  private Result munmap(long address, long byteSize) {
    if (!all(address, byteSize, page -> true)) {
      throw new AssertionError("Unmaps what is not held: " + Long.toHexString(address));
    }
    host.unmap(address, byteSize);
    pages.subMap(address, address + byteSize).clear();
    return done(0);
  }

  /// A page that can be written and executed by toggling keeps that for good.
  private Result mprotect(long address, long byteSize, int protection) {
    if (!all(address, byteSize, page -> true)) {
      return failed(ENOMEM);
    }
    boolean allowed =
        all(
            address,
            byteSize,
            page ->
                !(page.jit && page.protection == RWX)
                    && (protection & ~page.maximum) == 0
                    && !isForbidden(protection, page.jit));
    if (!allowed) {
      return failed(EACCES);
    }
    change(address, byteSize, protection);
    return done(0);
  }

  private void change(long address, long byteSize, int protection) {
    for (long at = address; at < address + byteSize; at += host.pageSize()) {
      Page page = held(at).with(protection);
      pages.put(at, page);
      host.protect(at, host.pageSize(), hostProtection(page));
    }
  }

  private Result madvise(long address, long byteSize, int advice) {
    if (advice != 7 && advice != 8) {
      return failed(EINVAL);
    }
    boolean allowed =
        all(address, byteSize, page -> page.jit || (page.protection & PROT_WRITE) != 0);
    return allowed ? done(0) : failed(EPERM);
  }

  private Result minherit(long address, long byteSize, int inheritance) {
    if (inheritance != 2 || !all(address, byteSize, page -> true)) {
      return failed(EINVAL);
    }
    Page page = held(address);
    set(address, byteSize, new Page(page.protection, page.maximum, page.jit, false));
    return done(0);
  }

  private Result remap(long... a) {
    long target = at(a[1], 8).get(ValueLayout.JAVA_LONG, 0);
    boolean valid =
        a[0] == TASK
            && a[5] == TASK
            && a[3] == 0
            && a[4] == 0x4000
            && a[7] == 0
            && a[10] == 2
            && all(a[6], a[2], page -> true)
            && all(target, a[2], page -> true);
    if (!valid) {
      return new Result(KERN_INVALID_ARGUMENT.code(), 0);
    }
    Page source = held(a[6]);
    host.duplicate(a[6], target, a[2]);
    set(target, a[2], new Page(source.protection, source.maximum, false, false));
    at(a[8], 4).set(ValueLayout.JAVA_INT, 0, source.protection);
    at(a[9], 4).set(ValueLayout.JAVA_INT, 0, source.maximum);
    return done(0);
  }

  private Result machProtect(
      long task, long address, long byteSize, boolean maximum, int protection) {
    if (task != TASK || !all(address, byteSize, page -> (protection & ~page.maximum) == 0)) {
      return new Result(KERN_PROTECTION_FAILURE.code(), 0);
    }
    if (hardened && (protection & PROT_EXEC) != 0) {
      return new Result(KERN_PROTECTION_FAILURE.code(), 0);
    }
    if (maximum) {
      Page page = held(address);
      set(address, byteSize, new Page(page.protection, protection, page.jit, page.inherited));
      change(address, byteSize, page.protection & protection);
    } else {
      change(address, byteSize, protection);
    }
    return done(0);
  }

  private Result dlsym(long handle, long name) {
    if (handle != -2) {
      return done(0);
    }
    return switch (at(name, 64).getString(0)) {
      case "pthread_jit_write_protect_np" -> done(PROTECT);
      case "sys_icache_invalidate" -> done(FLUSH);
      default -> done(0);
    };
  }

  /// What the routine does, and whether it could.
  @Override
  public synchronized void call(
      long routine, long target, long source, long byteSize, long protect, long flush) {
    long pageSize = host.pageSize();
    long first = target & -pageSize;
    long end = (target + byteSize + pageSize - 1) & -pageSize;
    boolean runs =
        all(routine, pageSize, page -> !page.jit && page.protection == (PROT_READ | PROT_EXEC))
            && at(routine, 4).get(ValueLayout.JAVA_INT, 0) == 0xA9BC7BFD;
    boolean writes = all(first, end - first, page -> page.jit && page.protection == RWX);
    if (!runs || !writes || protect != PROTECT || flush != FLUSH) {
      throw new AssertionError("The routine would end the process");
    }
    copies++;
    knownRoutines.add(routine);
    routines = knownRoutines.size();
    if (byteSize > 0) {
      host.protect(first, end - first, PROT_READ | PROT_WRITE);
      at(target, byteSize).copyFrom(at(source, byteSize));
      host.protect(first, end - first, PROT_READ | PROT_EXEC);
    }
  }

  /// Whether children made by fork get a page.
  boolean isInherited(long address) {
    return held(address).inherited;
  }

  @Override
  public String balance() {
    return "pages " + pages.size();
  }
}
