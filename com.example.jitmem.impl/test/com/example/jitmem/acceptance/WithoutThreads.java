// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.testing.ProcessMaps;
import com.example.jitmem.testing.Services;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A program that uses up its limit of threads, and an allocator afterwards. Prints what it sees
/// between two lines.
final class WithoutThreads {
  static final String FULL = "no thread can be started";
  static final String DONE = "pairs are done";
  static final String GIVEN_BACK = "memory was given back";
  static final String NO_LIMIT = "the limit has no effect";

  private static final int PAIRS = 2_000;
  private static final int MOST_THREADS = 2_000;
  private static final long BLOCK = 65536;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int MOST_PAUSES = 30_000;

  private WithoutThreads() {}

  public static void main(String[] args) {
    // What the JVM starts threads for, once
    try (OwnedJitAllocator first = Services.allocatorFactory().create()) {
      first.alloc(3 * BLOCK).close();
      first.statistics();
    }
    if (!useUpThreads()) {
      System.out.println(NO_LIMIT);
      return;
    }
    System.out.println(FULL);
    OwnedJitAllocator allocator = Services.allocatorFactory().create();
    for (int i = 0; i < PAIRS; i++) {
      allocator.alloc(3 * BLOCK).close();
    }
    System.out.println(DONE);
    if (operationsGiveBack(allocator)) {
      System.out.println(GIVEN_BACK);
    }
  }

  private static boolean useUpThreads() {
    for (int i = 0; i < MOST_THREADS; i++) {
      try {
        Thread.ofPlatform().daemon().start(LockSupport::park);
      } catch (OutOfMemoryError e) {
        if (Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> thread.getName().startsWith("jitmem"))) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean operationsGiveBack(OwnedJitAllocator allocator) {
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      spans.add(allocator.alloc(BLOCK));
    }
    long start = spans.getFirst().rx().address();
    long committed = executable(start);
    spans.forEach(Span::close);
    for (int i = 0; i < MOST_PAUSES && executable(start) > committed / 2; i++) {
      LockSupport.parkNanos(PAUSE_NANOS);
      allocator.alloc(64).close();
    }
    return executable(start) <= committed / 2;
  }

  private static long executable(long start) {
    return ProcessMaps.in(start, 40 * BLOCK).stream()
        .filter(part -> part.allows("x"))
        .mapToLong(part -> part.end() - part.start())
        .sum();
  }
}
