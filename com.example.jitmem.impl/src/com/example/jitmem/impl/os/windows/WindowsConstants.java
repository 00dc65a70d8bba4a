// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.windows;

import com.example.jitmem.api.virtmem.MemoryAccess;
import java.util.Set;

/// Values of Windows' flags, each with the page of Microsoft's documentation it is from. All are
/// `DWORD`s of winnt.h and memoryapi.h.
final class WindowsConstants {
  /// VirtualAlloc: memory is set aside for reserved addresses.
  static final int MEM_COMMIT = 0x1000;

  /// VirtualAlloc: addresses are set aside.
  static final int MEM_RESERVE = 0x2000;

  /// VirtualAlloc: what pages hold is no longer needed. The call is refused for views of files
  /// other than the paging file.
  static final int MEM_RESET = 0x80000;

  /// VirtualAlloc: memory of large pages, reserved and committed in one step.
  static final int MEM_LARGE_PAGES = 0x20000000;

  /// VirtualAlloc2, since Windows 10 1803: the addresses become a placeholder, which can be cut,
  /// joined and replaced.
  static final int MEM_RESERVE_PLACEHOLDER = 0x40000;

  /// VirtualAlloc2 and MapViewOfFile3, since Windows 10 1803: takes the place of a placeholder of
  /// exactly that address and size. Views need no alignment to 64 KiB then.
  static final int MEM_REPLACE_PLACEHOLDER = 0x4000;

  /// VirtualFree: memory goes back, addresses stay reserved.
  static final int MEM_DECOMMIT = 0x4000;

  /// VirtualFree: memory and addresses go back.
  static final int MEM_RELEASE = 0x8000;

  /// VirtualFree with [#MEM_RELEASE]: joins the placeholders of exactly that range.
  static final int MEM_COALESCE_PLACEHOLDERS = 0x1;

  /// VirtualFree with [#MEM_RELEASE]: cuts a placeholder. UnmapViewOfFile2: leaves a placeholder
  /// where the view was.
  static final int MEM_PRESERVE_PLACEHOLDER = 0x2;

  /// Memory Protection Constants.
  static final int PAGE_NOACCESS = 0x01;

  /// Memory Protection Constants.
  static final int PAGE_READONLY = 0x02;

  /// Memory Protection Constants.
  static final int PAGE_READWRITE = 0x04;

  /// Memory Protection Constants: readable too.
  static final int PAGE_EXECUTE_READ = 0x20;

  /// Memory Protection Constants.
  static final int PAGE_EXECUTE_READWRITE = 0x40;

  /// CreateFileMappingW: all memory is committed with the section. The default.
  static final int SEC_COMMIT = 0x8000000;

  /// CreateFileMappingW: the section is of large pages.
  static final int SEC_LARGE_PAGES = 0x80000000;

  /// CreateFileMappingW: the file that stands for the paging file.
  static final long INVALID_HANDLE_VALUE = -1;

  /// MEM_EXTENDED_PARAMETER_TYPE: the parameter is a MEM_ADDRESS_REQUIREMENTS.
  static final long MEM_EXTENDED_PARAMETER_ADDRESS_REQUIREMENTS = 1;

  /// Access Rights for Access-Token Objects.
  static final int TOKEN_QUERY = 0x8;

  /// Access Rights for Access-Token Objects.
  static final int TOKEN_ADJUST_PRIVILEGES = 0x20;

  /// TOKEN_PRIVILEGES.
  static final int SE_PRIVILEGE_ENABLED = 0x2;

  /// Privilege Constants, `SE_LOCK_MEMORY_NAME`: what large pages take.
  static final String SE_LOCK_MEMORY_NAME = "SeLockMemoryPrivilege";

  /// PROCESS_MITIGATION_POLICY: whether code may be made at run time.
  static final int PROCESS_DYNAMIC_CODE_POLICY = 2;

  /// PROCESS_MITIGATION_DYNAMIC_CODE_POLICY: `ProhibitDynamicCode`, the first bit.
  static final int PROHIBIT_DYNAMIC_CODE = 0x1;

  private WindowsConstants() {}

  /// The access as a protection. Writable and executable pages can be read too.
  static int protection(Set<MemoryAccess> access) {
    boolean write = access.contains(MemoryAccess.WRITE);
    if (access.contains(MemoryAccess.EXECUTE)) {
      return write ? PAGE_EXECUTE_READWRITE : PAGE_EXECUTE_READ;
    }
    if (write) {
      return PAGE_READWRITE;
    }
    return access.isEmpty() ? PAGE_NOACCESS : PAGE_READONLY;
  }

  /// Whether a protection allows execution.
  static boolean isExecutable(int protection) {
    return protection == PAGE_EXECUTE_READ || protection == PAGE_EXECUTE_READWRITE;
  }
}
