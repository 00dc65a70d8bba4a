// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.api.virtmem.VirtMemException.Reason;
import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.os.LedgerCalls;
import com.example.jitmem.impl.os.SharedMemory;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that back memory: what is left of them, and what becomes of refusals.
class UnlinkedFileTest {
  private static final long PAGE = 4096;

  @TempDir Path folder;

  private final List<String> made = new ArrayList<>();
  private final List<Integer> answers = new ArrayList<>();
  private CFunction refused = PosixMemory.GETPAGESIZE;
  private int error;

  private final NativeCalls real = new LedgerCalls();

  private UnlinkedFile file(String where) {
    PosixMemory memory = new PosixMemory(this::answer, new LinuxRefusals());
    ResourceLimits limits = new ResourceLimits(memory, PAGE);
    return new UnlinkedFile(memory, limits, Backing.TEMPORARY_FILE, where);
  }

  private NativeCalls.Result answer(CFunction function, long... arguments) {
    made.add(function.name());
    if (function.equals(LinuxFunctions.POSIX_FALLOCATE) && !answers.isEmpty()) {
      return new NativeCalls.Result(answers.removeFirst(), 0);
    }
    return function.equals(refused)
        ? new NativeCalls.Result(-1, error)
        : real.call(function, arguments);
  }

  @Test
  void nothingIsLeftInTheFolder() {
    UnlinkedFile file = file(folder.toString());
    SharedMemory memory = file.create(16 * PAGE, 0);
    assertThat(folder).isEmptyDirectory();
    file.allocate(memory, 0, PAGE);
    file.close(memory);
  }

  @Test
  void aFullFileSystemIsAnErrorWithTheFolder() {
    UnlinkedFile file = file(folder.toString());
    SharedMemory memory = file.create(PAGE, 0);
    answers.add(LinuxErrno.ENOSPC.code());
    assertThatThrownBy(() -> file.allocate(memory, 0, PAGE))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
              assertThat(e.call()).isEqualTo("posix_fallocate");
              assertThat(e.osError()).hasValue(LinuxErrno.ENOSPC.code());
              assertThat(e.getMessage()).contains(folder.toString(), "ENOSPC", "4096", "full");
            });
    file.close(memory);
  }

  @Test
  void anInterruptedCallIsMadeAgain() {
    UnlinkedFile file = file(folder.toString());
    SharedMemory memory = file.create(PAGE, 0);
    answers.addAll(List.of(LinuxErrno.EINTR.code(), LinuxErrno.EINTR.code()));
    file.allocate(memory, 0, PAGE);
    assertThat(made.stream().filter("posix_fallocate"::equals)).hasSize(3);
    file.close(memory);
  }

  @Test
  void aMissingFolderIsNamed() {
    String missing = folder.resolve("missing").toString();
    assertThatThrownBy(() -> file(missing).create(PAGE, 0))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.NOT_SUPPORTED);
              assertThat(e.getMessage()).contains(missing, "ENOENT", "java.io.tmpdir");
            });
  }

  @Test
  void aFolderThatCannotBeReachedIsExplained() throws IOException {
    Path circle = folder.resolve("circle");
    Files.createSymbolicLink(circle, circle);
    requireRefusal(circle, LinuxErrno.ELOOP, "symbolic links");
    requireRefusal(folder.resolve("x".repeat(300)), LinuxErrno.ENAMETOOLONG, "longer");
    Path noFolder = Files.createFile(folder.resolve("file"));
    requireRefusal(noFolder, LinuxErrno.ENOTDIR, "no such folder");
  }

  private void requireRefusal(Path where, LinuxErrno errno, String cause) {
    assertThatThrownBy(() -> file(where.toString()).create(PAGE, 0))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.NOT_SUPPORTED);
              assertThat(e.call()).isEqualTo("mkostemp");
              assertThat(e.osError()).hasValue(errno.code());
              assertThat(e.getMessage())
                  .contains(where.toString(), errno.name(), cause, "java.io.tmpdir");
            });
  }

  @Test
  void withoutAFolderNoFileIsMade() {
    assertThatThrownBy(() -> file("").create(PAGE, 0))
        .isInstanceOfSatisfying(
            VirtMemException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_SUPPORTED))
        .hasMessageContaining("set java.io.tmpdir");
    assertThat(made).doesNotContain("mkostemp");
  }

  @Test
  void aFileThatKeepsItsNameIsNotUsed() {
    refused = LinuxFunctions.UNLINK;
    error = LinuxErrno.EROFS.code();
    assertThatThrownBy(() -> file(folder.toString()).create(PAGE, 0))
        .hasMessageContainingAll("unlink", "EROFS");
    assertThat(made.getLast()).isEqualTo("close");
  }

  @Test
  void largePagesAreRefused() {
    assertThatThrownBy(() -> file(folder.toString()).create(PAGE, 1)).hasMessageContaining("memfd");
  }
}
