// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// The privilege that large pages take, "Large-Page Support". A user who has it still has to enable
/// it in the process.
///
/// Thread-safe.
final class LockMemoryPrivilege {
  /// `TOKEN_PRIVILEGES` of winnt.h with one privilege: `LUID` and `LUID_AND_ATTRIBUTES` are of
  /// 32-bit members and aligned like those.
  static final MemoryLayout TOKEN_PRIVILEGES =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_INT.withName("PrivilegeCount"),
          MemoryLayout.structLayout(
                  ValueLayout.JAVA_INT.withName("LowPart"),
                  ValueLayout.JAVA_INT.withName("HighPart"))
              .withName("Luid"),
          ValueLayout.JAVA_INT.withName("Attributes"));

  private static final int DISABLE_NOT_ALL = 0;
  private static final long NULL = 0;

  private final WindowsMemory memory;
  private boolean enabled;

  LockMemoryPrivilege(WindowsMemory memory) {
    this.memory = memory;
  }

  /// Enables the privilege, once.
  ///
  /// @throws com.example.jitmem.api.virtmem.VirtMemException if the user does not have it
  synchronized void enable() {
    if (enabled) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handle = arena.allocate(ValueLayout.JAVA_LONG);
      memory.call(
          WindowsFunctions.OPEN_PROCESS_TOKEN,
          memory.process(),
          WindowsConstants.TOKEN_ADJUST_PRIVILEGES | WindowsConstants.TOKEN_QUERY,
          handle.address());
      long token = handle.get(ValueLayout.JAVA_LONG, 0);
      try {
        enable(arena, token);
        enabled = true;
      } finally {
        memory.close(token);
      }
    }
  }

  private void enable(Arena arena, long token) {
    MemorySegment privileges = arena.allocate(TOKEN_PRIVILEGES);
    MemorySegment name =
        arena.allocateFrom(WindowsConstants.SE_LOCK_MEMORY_NAME, StandardCharsets.UTF_16LE);
    long luid = privileges.address() + offset("Luid");
    memory.call(WindowsFunctions.LOOKUP_PRIVILEGE_VALUE, NULL, name.address(), luid);
    privileges.set(ValueLayout.JAVA_INT, offset("PrivilegeCount"), 1);
    privileges.set(
        ValueLayout.JAVA_INT, offset("Attributes"), WindowsConstants.SE_PRIVILEGE_ENABLED);
    long[] arguments = {token, DISABLE_NOT_ALL, privileges.address(), 0, NULL, NULL};
    int error = memory.call(WindowsFunctions.ADJUST_TOKEN_PRIVILEGES, arguments).error();
    if (error == WindowsError.ERROR_NOT_ALL_ASSIGNED.code()) {
      throw memory.refusal(WindowsFunctions.ADJUST_TOKEN_PRIVILEGES, error, arguments);
    }
  }

  private static long offset(String member) {
    return TOKEN_PRIVILEGES.byteOffset(PathElement.groupElement(member));
  }
}
