// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.impl.os.OsContract;
import com.example.jitmem.impl.os.Processor;
import com.example.jitmem.testing.ProcessMaps;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.condition.EnabledOnOs;

/// The contract on a model of Windows on x86-64, whose code it runs.
@EnabledOnOs(architectures = "amd64", disabledReason = "The model runs x86-64 code")
class WindowsContractTest extends OsContract {
  private static final WindowsModel SYSTEM = new WindowsModel();

  WindowsContractTest() {
    super(new WindowsOs(SYSTEM, Processor.X86_64));
  }

  @AfterEach
  void nothingIsLeft() {
    assertThat(SYSTEM.balance()).isEqualTo(WindowsModel.settled());
  }

  @Override
  protected boolean hasAccess(long address, long byteSize, Set<MemoryAccess> access) {
    return ProcessMaps.hasAccess(address, byteSize, access);
  }

  @Override
  protected boolean isFree(long address, long byteSize) {
    return ProcessMaps.in(address, byteSize).isEmpty();
  }

  /// Windows has no fork.
  @Override
  protected boolean isInherited(long address) {
    return false;
  }
}
