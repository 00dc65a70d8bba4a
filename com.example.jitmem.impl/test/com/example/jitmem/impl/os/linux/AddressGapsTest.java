// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.ffm.Downcalls;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.os.AddressWindow;
import com.example.jitmem.impl.os.posix.PosixMemory;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Places in the gaps of lists of mappings as the kernel writes them.
class AddressGapsTest {
  private static final long PAGE = 4096;
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  private static final PosixMemory MEMORY =
      new PosixMemory(new Downcalls(Downcalls.ERRNO), new LinuxRefusals());

  private static final AddressWindow ALL = new AddressWindow(0, Long.MAX_VALUE, 0);

  @TempDir private Path folder;

  private AddressGaps gaps(List<String> mappings) throws IOException {
    return new AddressGaps(MEMORY, Files.write(folder.resolve("maps"), mappings), 4096, 8 * MIB);
  }

  private static String mapping(long start, long end, String name) {
    return "%x-%x r-xp 00000000 00:00 0    %s".formatted(start, end, name);
  }

  @Test
  void thePlaceNearestToTheMiddleComesFirst() throws IOException {
    AddressGaps gaps =
        gaps(
            List.of(
                mapping(0, 10 * GIB, "/a"),
                mapping(11 * GIB, 12 * GIB, "/b"),
                mapping(12 * GIB + 4 * PAGE, 13 * GIB, "/c"),
                mapping(14 * GIB, 15 * GIB, "/d")));
    AddressWindow near = new AddressWindow(0, 20 * GIB, 12 * GIB + GIB / 4);
    assertThat(gaps.places(near, PAGE, PAGE, 0))
        .containsExactly(12 * GIB + 3 * PAGE, 13 * GIB, 11 * GIB - PAGE);
    assertThat(gaps.places(near, PAGE, PAGE, PAGE))
        .containsExactly(12 * GIB + 2 * PAGE, 13 * GIB + PAGE, 11 * GIB - 2 * PAGE);
    assertThat(gaps.places(near, 4 * PAGE, PAGE, PAGE))
        .containsExactly(13 * GIB + PAGE, 11 * GIB - 5 * PAGE);
    assertThat(gaps.places(near, GIB, PAGE, 0)).containsExactly(13 * GIB, 10 * GIB);
    assertThat(gaps.places(near, GIB, PAGE, PAGE)).isEmpty();
  }

  @Test
  void placesAreAlignedAndTheirMarginIsFree() throws IOException {
    AddressGaps gaps =
        gaps(List.of(mapping(0, GIB + PAGE, "/a"), mapping(GIB + 6 * MIB, 2 * GIB, "/b")));
    AddressWindow low = new AddressWindow(0, 2 * GIB, GIB);
    assertThat(gaps.places(low, 2 * MIB, 2 * MIB, 0)).containsExactly(GIB + 2 * MIB);
    assertThat(gaps.places(low, 4 * MIB, 2 * MIB, 0)).containsExactly(GIB + 2 * MIB);
    assertThat(gaps.places(low, 4 * MIB, 2 * MIB, PAGE)).isEmpty();
    assertThat(gaps.places(low, 4 * MIB - PAGE, 2 * MIB, PAGE)).containsExactly(GIB + 2 * MIB);
  }

  @Test
  void theWindowIsKeptToTheByte() throws IOException {
    AddressGaps gaps = gaps(List.of(mapping(0, GIB, "/a"), mapping(9 * GIB, 10 * GIB, "/b")));
    long start = 4 * GIB;
    AddressWindow exact = new AddressWindow(start, start + 8 * PAGE, 0);
    assertThat(gaps.places(exact, 8 * PAGE, PAGE, PAGE)).containsExactly(start);
    assertThat(gaps.places(new AddressWindow(start + 1, start + 8 * PAGE, 0), 8 * PAGE, PAGE, 0))
        .isEmpty();
    assertThat(gaps.places(new AddressWindow(start, start + 8 * PAGE - 1, 0), 8 * PAGE, PAGE, 0))
        .isEmpty();
    AddressWindow around = new AddressWindow(start - GIB, start + GIB, start);
    assertThat(gaps.places(around, PAGE, PAGE, 0)).containsExactly(start);
  }

  @Test
  void theLowestAddressesAreLeftAlone() throws IOException {
    List<String> mappings = List.of(mapping(GIB, 2 * GIB, "/a"));
    assertThat(gaps(mappings).places(ALL, PAGE, PAGE, 0)).containsExactly(64 * 1024L);
    AddressGaps raised =
        new AddressGaps(MEMORY, Files.write(folder.resolve("raised"), mappings), 128 * 1024, 0);
    assertThat(raised.places(ALL, PAGE, PAGE, 0)).containsExactly(128 * 1024L);
  }

  @Test
  void theHeapAndTheStackKeepRoomToGrow() throws IOException {
    List<String> mappings =
        List.of(
            mapping(64 * 1024, GIB, "/a"),
            mapping(GIB, GIB + MIB, "[heap]"),
            mapping(8 * GIB, 8 * GIB + MIB, "[stack]"),
            mapping(8 * GIB + 2 * MIB, 9 * GIB, "[vdso]"));
    AddressWindow high = new AddressWindow(0, 20 * GIB, 20 * GIB);
    long stackEnd = 8 * GIB + MIB;
    assertThat(gaps(mappings).places(high, PAGE, PAGE, 0))
        .containsExactly(8 * GIB + 2 * MIB - PAGE, stackEnd - 144 * MIB - PAGE);
    AddressWindow low = new AddressWindow(0, 8 * GIB, 0);
    assertThat(gaps(mappings).places(low, PAGE, PAGE, 0)).containsExactly(2 * GIB + MIB);
    Path file = folder.resolve("maps");
    assertThat(new AddressGaps(MEMORY, file, 0, GIB).places(high, PAGE, PAGE, 0))
        .contains(stackEnd - GIB - 16 * MIB - PAGE);
    assertThat(new AddressGaps(MEMORY, file, 0, Long.MAX_VALUE).places(high, PAGE, PAGE, 0))
        .hasSize(1);
  }

  @Test
  void theHalfOfTheKernelIsIgnored() throws IOException {
    AddressGaps gaps =
        gaps(
            List.of(
                mapping(64 * 1024, GIB, "/a"),
                "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0    [vsyscall]"));
    assertThat(gaps.places(ALL, PAGE, PAGE, 0)).isEmpty();
  }

  @Test
  void longListsAndLongLinesAreReadWhole() throws IOException {
    int count = 5000;
    String name = "/" + "x".repeat(100_000);
    List<String> mappings =
        IntStream.range(0, count)
            .mapToObj(
                i ->
                    mapping(
                        GIB + 4L * i * PAGE,
                        GIB + (4L * i + 3) * PAGE,
                        i == count / 2 ? name : "/s"))
            .toList();
    AddressWindow window = new AddressWindow(GIB, 20 * GIB, GIB);
    assertThat(gaps(mappings).places(window, PAGE, PAGE, 0)).hasSize(count - 1);
  }

  @Test
  void theErrorOfAListThatCannotBeOpenedIsTold() throws IOException {
    Path circle = folder.resolve("circle");
    Files.createSymbolicLink(circle, circle);
    AddressGaps gaps = new AddressGaps(MEMORY, circle, 0, 0);
    assertThatThrownBy(() -> gaps.places(ALL, PAGE, PAGE, 0))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> {
              assertThat(e.call()).isEqualTo("open");
              assertThat(e.osError()).hasValue(LinuxErrno.ELOOP.code());
              assertThat(e).hasMessageContaining("open failed with ELOOP (40)");
            });
  }

  @Test
  void aProcessWithoutDescriptorsIsTold() {
    PosixMemory refusing =
        new PosixMemory(
            (function, arguments) -> new NativeCalls.Result(-1, LinuxErrno.EMFILE.code()),
            new LinuxRefusals());
    IOException cause = new FileSystemException("/proc/self/maps", null, "Zu viele offene Dateien");
    assertThat(AddressGaps.ofProcess(refusing).unreadable(cause))
        .satisfies(
            e -> {
              assertThat(e.reason()).isEqualTo(VirtMemException.Reason.TOO_MANY_HANDLES);
              assertThat(e.call()).isEqualTo("open");
              assertThat(e.osError()).hasValue(LinuxErrno.EMFILE.code());
            })
        .hasMessageContainingAll("open failed with EMFILE (24)", "RLIMIT_NOFILE");
  }

  @Test
  void aListThatNoDescriptorWasLeftForIsAShortage() {
    AddressGaps gaps = AddressGaps.ofProcess(MEMORY);
    IOException cause = new FileSystemException("/proc/self/maps", null, "Too many open files");
    assertThat(gaps.unreadable(cause))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(VirtMemException.Reason.TOO_MANY_HANDLES))
        .hasMessageContainingAll("Too many open files", "RLIMIT_NOFILE", "ulimit -n")
        .hasCause(cause);
    assertThat(gaps.unreadable(new AccessDeniedException("/proc/self/maps")).reason())
        .isEqualTo(VirtMemException.Reason.NOT_SUPPORTED);
  }

  @Test
  void anUnreadableListIsExplained() {
    AddressGaps gaps = new AddressGaps(MEMORY, folder.resolve("none"), 0, 0);
    assertThatThrownBy(() -> gaps.places(ALL, PAGE, PAGE, 0))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(VirtMemException.Reason.NOT_SUPPORTED);
              assertThat(e).hasMessageContaining("readable").hasCauseInstanceOf(IOException.class);
            });
  }
}
