// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.macos;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.impl.os.OsContract;
import com.example.jitmem.impl.os.Processor;
import com.example.jitmem.testing.ProcessMaps;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.condition.EnabledOnOs;

/// The contract on a model of macOS on x86-64, whose code it runs.
@EnabledOnOs(architectures = "amd64", disabledReason = "The model runs x86-64 code")
class MacContractTest extends OsContract {
  private static final MacModel SYSTEM = new MacModel(false);

  MacContractTest() {
    super(new MacOs(SYSTEM, Processor.X86_64, MacOs.Kind.REMAPPED, SYSTEM));
  }

  @AfterEach
  void nothingIsLeft() {
    assertThat(SYSTEM.balance()).isEqualTo("pages 0");
  }

  @Override
  protected boolean hasAccess(long address, long byteSize, Set<MemoryAccess> access) {
    return ProcessMaps.hasAccess(address, byteSize, access);
  }

  @Override
  protected boolean isFree(long address, long byteSize) {
    return ProcessMaps.in(address, byteSize).isEmpty();
  }

  @Override
  protected boolean isInherited(long address) {
    return SYSTEM.isInherited(address);
  }
}
