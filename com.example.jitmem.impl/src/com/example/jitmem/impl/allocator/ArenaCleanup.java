// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.impl.log.LoggerNames;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/// Ends the spans of an arena when the arena ends. Runs in the thread that closes the arena, in the
/// cleaner's, or in the one that tried to register it, and never throws.
record ArenaCleanup(SpanCore core, ArenaSpans spans) implements Runnable {
  private static final Logger LOG = System.getLogger(LoggerNames.ALLOCATOR);

  @Override
  public void run() {
    try {
      BulkEnd.endAll(core, spans);
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "Spans of a closed arena could not be freed", e);
    }
  }
}
