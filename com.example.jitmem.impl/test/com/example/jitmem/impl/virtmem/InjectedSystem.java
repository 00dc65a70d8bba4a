// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.VirtMem;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.memory.CodeMemorySource;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.MappingLog;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.Processor;
import com.example.jitmem.impl.os.linux.LinuxOs;
import java.lang.foreign.MemorySegment;

/// The running system behind calls that a test has in its hand, for tests of other packages.
public final class InjectedSystem {
  private final Os os;
  private WritingWays ways;

  /// Asks the system for its facts.
  ///
  /// @param calls the way to the C library
  public InjectedSystem(NativeCalls calls) {
    this.os = new LinuxOs(calls, Processor.X86_64, MappingLog.NONE);
    this.ways = new WritingWays(os);
  }

  /// Forgets which ways of writing code work here.
  public void forgetWays() {
    ways = new WritingWays(os);
  }

  /// Virtual memory of this system.
  public VirtMem virtMem() {
    WritingWays known = ways;
    return new DefaultVirtMem(() -> known);
  }

  /// Memory for allocators of this system.
  public CodeMemorySource memory() {
    WritingWays known = ways;
    return new SystemCodeMemorySource(() -> known);
  }

  /// Makes the system give back what it refused to take before.
  public void settle() {
    long pageSize = os.facts().pageSize();
    os.unreserve(os.reserve(pageSize, pageSize, AddressWindow.ANYWHERE), pageSize);
  }

  /// A function that returns a number.
  public MemorySegment code(int value) {
    return MemorySegment.ofArray(os.facts().processor().returning(value));
  }

  /// Runs a function that takes nothing and returns a number.
  public int run(MemorySegment code) {
    return os.run(code.address());
  }
}
