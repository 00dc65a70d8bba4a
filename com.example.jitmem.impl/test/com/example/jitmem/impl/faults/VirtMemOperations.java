// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import static com.example.jitmem.impl.faults.Operation.failing;
import static com.example.jitmem.impl.faults.Operation.succeeding;
import static com.example.jitmem.impl.faults.VirtMemStage.BYTE_SIZE;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.MapOption;
import com.example.jitmem.api.virtmem.MemoryAccess;
import com.example.jitmem.api.virtmem.ProtectJitAccess;
import com.example.jitmem.api.virtmem.ProtectJitReadWriteScope;
import com.example.jitmem.api.virtmem.Vicinity;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The operations of virtual memory.
final class VirtMemOperations {
  private VirtMemOperations() {}

  /// All of them.
  static List<Operation<VirtMemStage>> all() {
    List<Operation<VirtMemStage>> all = new ArrayList<>();
    for (Set<MemoryAccess> access :
        List.of(MemoryAccess.NONE, MemoryAccess.RW, MemoryAccess.RX, MemoryAccess.RWX)) {
      all.add(alloc("alloc " + access, access, Set.of()));
    }
    all.add(alloc("alloc, shared", MemoryAccess.RW, Set.of(MapOption.SHARED)));
    all.addAll(near());
    all.addAll(dual());
    all.addAll(changing());
    return all;
  }

  private static Operation<VirtMemStage> alloc(
      String name, Set<MemoryAccess> access, Set<MapOption> options) {
    return failing(
        name,
        stage -> {
          Arena arena = stage.newArena();
          return () -> stage.virtMem().alloc(BYTE_SIZE, access, options, arena);
        });
  }

  private static List<Operation<VirtMemStage>> near() {
    return List.of(
        failing(
            "alloc near an anchor",
            stage -> {
              Arena arena = stage.newArena();
              Vicinity vicinity = Vicinity.of(stage.data());
              return () ->
                  stage.virtMem().alloc(BYTE_SIZE, MemoryAccess.RW, Set.of(), vicinity, arena);
            }),
        failing(
            "allocDualMapping near an anchor",
            stage -> {
              Arena arena = stage.newArena();
              Vicinity vicinity = Vicinity.of(stage.data());
              return () -> stage.virtMem().allocDualMapping(BYTE_SIZE, Set.of(), vicinity, arena);
            }));
  }

  private static List<Operation<VirtMemStage>> dual() {
    return List.of(
        failing(
            "allocDualMapping",
            stage -> {
              Arena arena = stage.newArena();
              return () -> stage.virtMem().allocDualMapping(BYTE_SIZE, Set.of(), arena);
            }),
        succeeding(
            "close an arena",
            stage -> {
              Arena arena = stage.newArena();
              stage.virtMem().allocDualMapping(BYTE_SIZE, Set.of(), arena);
              stage.virtMem().alloc(BYTE_SIZE, MemoryAccess.RWX, Set.of(), arena);
              return arena::close;
            }));
  }

  private static List<Operation<VirtMemStage>> changing() {
    return List.of(
        failing("protect, read only", stage -> protect(stage, Set.of(MemoryAccess.READ))),
        failing("protect, no access", stage -> protect(stage, MemoryAccess.NONE)),
        failing("protect, executable", stage -> protect(stage, MemoryAccess.RX)),
        failing("protect, after parts of it", stage -> protectAgain(stage)),
        failing(
            "write in a scope",
            stage ->
                () -> {
                  try (ProtectJitReadWriteScope scope =
                      stage
                          .virtMem()
                          .openReadWriteScope(stage.code().rw(), CachePolicy.FLUSH_AFTER_WRITE)) {
                    scope.write(64, stage.system().code(1));
                  }
                }),
        failing("flush", stage -> () -> stage.virtMem().flushInstructionCache(stage.code().rx())),
        failing(
            "protectJitMemory",
            stage -> () -> stage.virtMem().protectJitMemory(ProtectJitAccess.READ_WRITE)));
  }

  /// Changes pages of which some were changed before.
  private static Runnable protectAgain(VirtMemStage stage) {
    long pageSize = stage.virtMem().info().pageSize();
    Arena arena = stage.newArena();
    MemorySegment memory = stage.virtMem().alloc(8 * pageSize, MemoryAccess.RW, Set.of(), arena);
    stage.virtMem().protect(memory.asSlice(pageSize, pageSize), MemoryAccess.NONE);
    stage.virtMem().protect(memory.asSlice(4 * pageSize, pageSize), Set.of(MemoryAccess.READ));
    return () -> stage.virtMem().protect(memory.asSlice(0, 6 * pageSize), MemoryAccess.RW);
  }

  /// Changes some pages in the middle of a mapping.
  private static Runnable protect(VirtMemStage stage, Set<MemoryAccess> access) {
    long pageSize = stage.virtMem().info().pageSize();
    Arena arena = stage.newArena();
    MemorySegment memory = stage.virtMem().alloc(8 * pageSize, MemoryAccess.RW, Set.of(), arena);
    return () -> stage.virtMem().protect(memory.asSlice(2 * pageSize, 3 * pageSize), access);
  }
}
