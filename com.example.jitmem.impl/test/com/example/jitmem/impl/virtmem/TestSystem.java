// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.memory.CodeRegion;
import com.example.jitmem.impl.os.LedgerCalls;
import com.example.jitmem.impl.os.MappingLog;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.Processor;
import com.example.jitmem.impl.os.linux.LinuxOs;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.BiPredicate;

/// The running system with books kept on its calls, and policies that refuse some of them.
final class TestSystem {
  static final int EPERM = 1;
  static final int EACCES = 13;
  static final int ENOSYS = 38;

  /// What PR_SET_MDWE refuses: mappings that are writable and executable.
  static final BiPredicate<CFunction, long[]> WRITABLE_CODE =
      (function, arguments) -> function.equals(PosixMemory.MMAP) && (arguments[2] & 6) == 6;

  /// The one that runs the test.
  static final Processor PROCESSOR =
      Processor.ofArchitecture(System.getProperty("os.arch")).orElseThrow();

  final LedgerCalls calls = new LedgerCalls();
  final Os os = new LinuxOs(calls, PROCESSOR, MappingLog.NONE);
  final WritingWays ways = new WritingWays(os);

  /// All ways that this system has.
  static CodeWriting[] allWays() {
    return new CodeWriting[] {
      new CodeWriting.Direct(),
      new CodeWriting.DualMapped(Backing.SHARED_ANONYMOUS),
      new CodeWriting.DualMapped(Backing.MEMFD),
      new CodeWriting.DualMapped(Backing.SHARED_MEMORY_OBJECT),
      new CodeWriting.DualMapped(Backing.TEMPORARY_FILE),
      new CodeWriting.WriteThenSeal()
    };
  }

  /// What PR_SET_MDWE and the like refuse too: memory that becomes executable.
  static final BiPredicate<CFunction, long[]> GAINED_EXECUTION =
      (function, arguments) ->
          function.equals(PosixMemory.MPROTECT) && (arguments[2] & PosixMemory.PROT_EXEC) != 0;

  /// What refuses to call certain functions.
  static BiPredicate<CFunction, long[]> named(String... names) {
    return (function, arguments) -> List.of(names).contains(function.name());
  }

  /// A function that returns a number.
  MemorySegment code(int value) {
    return MemorySegment.ofArray(os.facts().processor().returning(value));
  }

  int run(MemorySegment code) {
    return os.run(code.address());
  }

  /// Writes a function to a region and calls it.
  ///
  /// @return whether it returned what it should
  boolean runs(CodeRegion region, long offset) {
    region.write(offset, code(42), CachePolicy.DEFAULT);
    return run(region.rx().asSlice(offset)) == 42;
  }

  /// Ends refusals, and fails if something is mapped or open that was not before.
  void requireNothingMapped() {
    calls.refuseNothing();
    assertThat(calls.balance()).isEqualTo(LedgerCalls.settled());
  }
}
