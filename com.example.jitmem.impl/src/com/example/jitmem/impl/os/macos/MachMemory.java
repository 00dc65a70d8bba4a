// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.macos;

import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.ffm.NativeCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The memory calls of Mach, with their refusals as exceptions.
///
/// Thread-safe.
final class MachMemory {
  private static final int KERN_SUCCESS = 0;
  private static final int SHARE = 0;
  private static final int CURRENT = 0;
  private static final int MAXIMUM = 1;

  private final NativeCalls calls;
  private final MacRefusals refusals;
  private final long task;

  /// Asks for the task of this process.
  MachMemory(NativeCalls calls, MacRefusals refusals) {
    this.calls = calls;
    this.refusals = refusals;
    this.task = calls.call(MacFunctions.MACH_TASK_SELF).value();
  }

  private void call(CFunction function, long... arguments) {
    int result = (int) calls.call(function, arguments).value();
    if (result != KERN_SUCCESS) {
      throw refusals.ofMach(function, result, arguments);
    }
  }

  /// Maps memory a second time, with the same protection, replacing what is at an address.
  /// Children made by fork do not get it.
  void remap(long source, long address, long byteSize) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocateFrom(ValueLayout.JAVA_LONG, address);
      MemorySegment current = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment maximum = arena.allocate(ValueLayout.JAVA_INT);
      call(
          MacFunctions.MACH_VM_REMAP,
          task,
          target.address(),
          byteSize,
          0,
          MacConstants.VM_FLAGS_OVERWRITE,
          task,
          source,
          SHARE,
          current.address(),
          maximum.address(),
          MacConstants.VM_INHERIT_NONE);
    }
  }

  /// Limits what can ever be done with a mapping, and what can be done now with it.
  void limit(long address, long byteSize, int protection) {
    call(MacFunctions.MACH_VM_PROTECT, task, address, byteSize, MAXIMUM, protection);
  }

  /// Changes what can be done with a mapping.
  void protect(long address, long byteSize, int protection) {
    call(MacFunctions.MACH_VM_PROTECT, task, address, byteSize, CURRENT, protection);
  }
}
