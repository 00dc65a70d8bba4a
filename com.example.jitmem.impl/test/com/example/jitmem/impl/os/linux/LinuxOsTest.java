// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.impl.os.OsContract;
import com.example.jitmem.impl.os.Processor;
import com.example.jitmem.testing.ProcessMaps;
import java.util.Set;

/// The contract on the Linux that runs the test.
class LinuxOsTest extends OsContract {
  LinuxOsTest() {
    super(LinuxOs.ofProcess(Processor.ofArchitecture(System.getProperty("os.arch")).orElseThrow()));
  }

  @Override
  protected boolean hasAccess(long address, long byteSize, Set<MemoryAccess> access) {
    String expected =
        (access.isEmpty() ? "-" : "r")
            + (access.contains(MemoryAccess.WRITE) ? "w" : "-")
            + (access.contains(MemoryAccess.EXECUTE) ? "x" : "-");
    return ProcessMaps.accessTo(address, byteSize).startsWith(expected);
  }

  @Override
  protected boolean isFree(long address, long byteSize) {
    return ProcessMaps.in(address, byteSize).isEmpty();
  }

  @Override
  protected boolean isInherited(long address) {
    return !ProcessMaps.flagsAt(address).contains("dc");
  }
}
