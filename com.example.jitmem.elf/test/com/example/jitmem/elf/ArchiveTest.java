// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.example.jitmem.api.runtime.LinkException;
import com.example.jitmem.api.runtime.LinkException.Reason;
import com.example.jitmem.api.runtime.RelocatableCode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Libraries of object files.
class ArchiveTest {
  private static final int GLOBAL_FUNCTION = 0x12;

  @Test
  void theArchiveOfArHasItsMembers() throws IOException {
    Archive archive = Archive.read(CompiledObjects.path("x86-64/libpair.a"));
    assertThat(archive.memberNames()).hasSize(2).allMatch(name -> name.startsWith("pair_"));
    assertThat(archive.members())
        .extracting(RelocatableCode::name)
        .allMatch(name -> name.matches(".*libpair\\.a\\(pair_[ab].*\\.o\\)"));
  }

  @Test
  void membersArePulledInByWhatIsUndefined() throws IOException {
    Archive archive = Archive.read(CompiledObjects.path("x86-64/libpair.a"));
    assertThat(archive.membersFor(Set.of("a_choice"))).as("a needs b").hasSize(2);
    assertThat(archive.membersFor(Set.of("nothing"))).isEmpty();
    assertThat(archive.membersFor(List.of(unit("main", "", "b_fn")))).hasSize(2);
    assertThat(archive.membersFor(List.of(unit("main", "b_fn", "b_fn")))).isEmpty();
  }

  @Test
  void membersAreFoundWithAndWithoutAnIndex() throws IOException {
    for (boolean index : new boolean[] {true, false}) {
      Archive archive = chain(index).read();
      assertThat(names(archive.membersFor(Set.of("one"))))
          .containsExactly("made.a(1.o)", "made.a(2.o)");
      assertThat(names(archive.membersFor(Set.of("two")))).containsExactly("made.a(2.o)");
    }
  }

  /// Members 1 and 2 of which the first needs the second, and 3 that defines the same as 2.
  private static MadeArchive chain(boolean index) {
    byte[] one = object("one", "two");
    byte[] two = object("two", "");
    byte[] names = "one\0two\0two\0".getBytes(StandardCharsets.US_ASCII);
    int first = index ? 8 + 60 + 16 + names.length : 8;
    int second = first + 60 + one.length;
    MadeArchive archive = MadeArchive.plain();
    if (index) {
      ByteBuffer words = ByteBuffer.allocate(16 + names.length).putInt(3);
      words.putInt(first).putInt(second).putInt(second + 60 + two.length).put(names);
      archive.member("/", words.array());
    }
    assertThat(archive.member("1.o/", one)).isEqualTo(first);
    assertThat(archive.member("2.o/", two)).isEqualTo(second);
    archive.member("3.o/", two);
    return archive;
  }

  @Test
  void weakReferencesPullNothing() throws IOException {
    MadeObject weak = new MadeObject();
    weak.symbol("one", 0x22, 0, 0, 0, 0);
    assertThat(chain(true).read().membersFor(List.of(weak.read()))).isEmpty();
  }

  @Test
  void longNamesAreRead() throws IOException {
    MadeArchive archive = MadeArchive.plain();
    String names = "a-rather-long-name.o/\nanother-rather-long-name.o/\n";
    archive.member("//", names.getBytes(StandardCharsets.US_ASCII));
    archive.member("/0", object("one", ""));
    archive.member("/22", object("two", ""));
    assertThat(archive.read().memberNames())
        .containsExactly("a-rather-long-name.o", "another-rather-long-name.o");
  }

  @Test
  void aThinArchiveIsReadFromItsPath(@TempDir Path folder) throws IOException {
    byte[] one = object("one", "");
    Files.write(Files.createDirectories(folder.resolve("objects")).resolve("1.o"), one);
    MadeArchive archive = MadeArchive.thin();
    archive.member("//", "objects/1.o/\n".getBytes(StandardCharsets.US_ASCII));
    archive.header("/0", Integer.toString(one.length));
    archive.header("gone.o/", "10");
    Path file = Files.write(folder.resolve("lib.a"), archive.bytes());
    Archive thin = Archive.read(file);
    assertThat(thin.memberNames()).containsExactly("objects/1.o", "gone.o");
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(thin::members)
        .withMessageContaining("gone.o");
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(archive::read)
        .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.NOT_SUPPORTED))
        .withMessageContaining("path");
    Files.write(folder.resolve("gone.o"), new byte[10]);
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(thin::members)
        .withMessageContaining("no ELF");
  }

  @Test
  void malformedArchivesAreRefused() {
    check(archive -> archive.header("x.o/", "100"), "outside the file");
    check(archive -> archive.header("x.o/", "-1"), "no number");
    check(archive -> archive.header("x.o/", ""), "no number");
    check(archive -> archive.header("x.o/", "0123456789a"), "no ");
    check(archive -> archive.header("/99", "0"), "no name");
    check(archive -> archive.header("/99999999999", "0"), "no number");
    check(archive -> archive.header("/", "0"), "too short");
    check(archive -> archive.member("/", new byte[] {-1, -1, -1, -1, 0}), "more entries");
    check(archive -> archive.member("/SYM64/", wide(Long.MAX_VALUE)), "more entries");
    check(archive -> archive.member("/SYM64/", wide(-1)), "more entries");
    check(archive -> archive.member("#1/4", new byte[4]), "BSD");
    byte[] noEnd = MadeArchive.plain().bytes();
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(() -> Archive.read(MemorySegment.ofArray(noEnd).asSlice(1), "made.a"))
        .withMessageContaining("no archive");
  }

  private static byte[] wide(long count) {
    return ByteBuffer.allocate(32).putLong(count).array();
  }

  private static void check(Consumer<MadeArchive> fault, String message) {
    MadeArchive archive = MadeArchive.plain();
    fault.accept(archive);
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(archive::read)
        .satisfies(refusal -> assertThat(refusal.unit()).isEqualTo("made.a"))
        .withMessageContaining(message);
  }

  @Test
  void anIndexThatNamesNoMemberPullsNothing() throws IOException {
    MadeArchive archive = MadeArchive.plain();
    ByteBuffer index = ByteBuffer.allocate(12).putInt(1).putInt(12345).put((byte) 'x');
    archive.member("/", index.array());
    archive.member("1.o/", object("one", ""));
    assertThat(archive.read().membersFor(Set.of("x"))).isEmpty();
  }

  private static List<String> names(List<RelocatableCode> units) {
    return units.stream().map(RelocatableCode::name).toList();
  }

  private static RelocatableCode unit(String name, String defines, String needs) {
    return ObjectFile.read(MemorySegment.ofArray(object(defines, needs)), name);
  }

  private static byte[] object(String defines, String needs) {
    MadeObject made = new MadeObject();
    made.text(new byte[16]);
    if (!defines.isEmpty()) {
      made.symbol(defines, GLOBAL_FUNCTION, 0, 3, 0, 0);
    }
    if (!needs.isEmpty() && !needs.equals(defines)) {
      made.symbol(needs, 0x10, 0, 0, 0, 0);
    }
    byte[] bytes = made.bytes();
    return bytes.length % 2 == 0 ? bytes : Arrays.copyOf(bytes, bytes.length + 1);
  }
}
