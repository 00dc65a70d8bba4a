// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.workload;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/// The clock that rounds are measured with: time that passes, or the time for which this thread had
/// a processor. The second one is for machines that are busy with something else; it leaves out
/// what other threads do, such as those of the garbage collector.
///
/// Single operations are always measured in time that passes.
final class Clock {
  /// The argument of a worker that asks for processor time.
  static final String PROCESSOR_TIME = "cpu";

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private static volatile boolean processorTime;

  private Clock() {}

  static void useProcessorTime() {
    processorTime = true;
  }

  /// The time in nanoseconds from some fixed moment.
  static long now() {
    return processorTime ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
  }
}
