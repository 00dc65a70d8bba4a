// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.macos;

import static com.example.jitmem.impl.ffm.CType.INT32;
import static com.example.jitmem.impl.ffm.CType.INT64;
import static com.example.jitmem.impl.ffm.CType.VOID;

import com.example.jitmem.impl.ffm.CFunction;

/// The functions that only macOS has. `mach_port_t`, `boolean_t`, `vm_prot_t`, `vm_inherit_t` and
/// `kern_return_t` have 32 bits, `mach_vm_address_t` and `mach_vm_size_t` 64 (mach/vm_types.h).
///
/// Public for the model that stands in for them in tests.
public final class MacFunctions {
  /// `mach_port_t mach_task_self(void)`, mach/mach_init.h. A macro in C, and exported as a function
  /// too.
  public static final CFunction MACH_TASK_SELF = CFunction.of("mach_task_self", INT32);

  /// `kern_return_t mach_vm_remap(vm_map_t target, mach_vm_address_t *address, mach_vm_size_t size,
  /// mach_vm_offset_t mask, int flags, vm_map_t source, mach_vm_address_t sourceAddress, boolean_t
  /// copy, vm_prot_t *current, vm_prot_t *maximum, vm_inherit_t inheritance)`, mach/mach_vm.h. The
  /// new mapping has the protection of the old one.
  public static final CFunction MACH_VM_REMAP =
      CFunction.of(
          "mach_vm_remap",
          INT32,
          INT32,
          INT64,
          INT64,
          INT64,
          INT32,
          INT32,
          INT64,
          INT32,
          INT64,
          INT64,
          INT32);

  /// `kern_return_t mach_vm_protect(vm_map_t task, mach_vm_address_t address, mach_vm_size_t size,
  /// boolean_t setMaximum, vm_prot_t protection)`, mach/mach_vm.h. A lower maximum lowers the
  /// current protection with it.
  public static final CFunction MACH_VM_PROTECT =
      CFunction.of("mach_vm_protect", INT32, INT32, INT64, INT64, INT32, INT32);

  /// `int minherit(void *addr, size_t len, int inherit)`, minherit(2).
  public static final CFunction MINHERIT = CFunction.of("minherit", INT32, INT64, INT64, INT32);

  /// `void *dlsym(void *handle, const char *symbol)`, dlsym(3). Null when there is none.
  public static final CFunction DLSYM = CFunction.of("dlsym", INT64, INT64, INT64);

  /// `int pthread_jit_write_protect_supported_np(void)`, pthread_jit_write_protect_np(3), since
  /// macOS 11. 1 on AArch64.
  public static final CFunction WRITE_PROTECT_SUPPORTED =
      CFunction.of("pthread_jit_write_protect_supported_np", INT32);

  /// `void sys_icache_invalidate(void *start, size_t len)`, libkern/OSCacheControl.h.
  public static final CFunction ICACHE_INVALIDATE =
      CFunction.of("sys_icache_invalidate", VOID, INT64, INT64);

  private MacFunctions() {}
}
