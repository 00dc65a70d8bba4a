// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.log.LoggerNames;

/// Returns memory where a failure can only be logged.
final class Releases {
  private static final System.Logger LOGGER = System.getLogger(LoggerNames.MEMORY);

  private Releases() {}

  /// Runs one step of a release. A refusal is logged and means that the memory is lost.
  static void attempt(Runnable step) {
    try {
      step.run();
    } catch (VirtMemException e) {
      LOGGER.log(System.Logger.Level.WARNING, "Memory could not be unmapped", e);
    }
  }
}
