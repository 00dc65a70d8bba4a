// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import com.example.jitmem.api.runtime.CodeSymbol;
import com.example.jitmem.api.runtime.LinkException;
import com.example.jitmem.api.runtime.LinkException.Reason;
import com.example.jitmem.api.runtime.RelocatableCode;
import com.example.jitmem.api.runtime.SymbolBinding;
import com.example.jitmem.api.runtime.SymbolKind;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A library of object files, as `ar rcs` writes it. Its members are read when they are asked for.
/// A thin archive holds only the paths of its members; it can be read from a file, not from memory.
///
/// Objects are immutable and thread-safe. Methods throw [NullPointerException] if an argument is
/// null.
public final class Archive {
  private final Input input;
  private final List<Member> members;
  private final @Nullable ArchiveIndex index;

  /// Where the paths of a thin archive begin, null if it is not thin.
  private final @Nullable Path folder;

  private Archive(Input input, @Nullable Path folder) {
    ArchiveReader reader = new ArchiveReader(input);
    if (reader.isThin() && folder == null) {
      throw input.notSupported("a thin archive has to be read from its path");
    }
    this.input = input;
    this.members = List.copyOf(reader.members());
    this.index = reader.index();
    this.folder = reader.isThin() ? folder : null;
  }

  /// Reads an archive.
  ///
  /// @param file the file. Paths in a thin archive are relative to its folder.
  /// @return the archive
  /// @throws IOException if the file cannot be read
  /// @throws LinkException if the file is malformed or asks for what cannot be done
  public static Archive read(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    return new Archive(Input.of(file), Objects.requireNonNullElse(parent, file));
  }

  /// Reads an archive that is in memory.
  ///
  /// @param bytes the file, on or off the heap; it is copied
  /// @param name what the archive is called in messages
  /// @return the archive
  /// @throws LinkException if the archive is thin or malformed or asks for what cannot be done, or
  ///     is larger than an array
  public static Archive read(MemorySegment bytes, String name) {
    if (bytes.byteSize() > Integer.MAX_VALUE - 8) {
      throw new LinkException(Reason.NOT_SUPPORTED, name, name + ": the archive is too large");
    }
    MemorySegment copy = MemorySegment.ofArray(bytes.toArray(ValueLayout.JAVA_BYTE));
    return new Archive(new Input(copy, Objects.requireNonNull(name)), null);
  }

  /// The names of the members.
  ///
  /// @return an unmodifiable list in the order of the archive; names may occur more than once
  public List<String> memberNames() {
    return members.stream().map(Member::name).toList();
  }

  /// Reads all members.
  ///
  /// @return their code, in the order of the archive
  /// @throws IOException if the archive is thin and a member cannot be read
  /// @throws LinkException if a member is malformed or asks for what cannot be done
  public List<RelocatableCode> members() throws IOException {
    List<RelocatableCode> all = new ArrayList<>();
    for (Member member : members) {
      all.add(read(member));
    }
    return all;
  }

  /// Reads the members that units need, as a linker does: those that define what the units, or
  /// members that they need, name and do not define. Weak references need nothing.
  ///
  /// @param units what is linked with the archive
  /// @return the code of these members, in the order of the archive; without the units
  /// @throws IOException if the archive is thin and a member cannot be read
  /// @throws LinkException if such a member is malformed or asks for what cannot be done
  public List<RelocatableCode> membersFor(List<RelocatableCode> units) throws IOException {
    Wanted wanted = new Wanted();
    units.forEach(wanted::add);
    return pull(wanted);
  }

  /// Reads the members that define names, and the members that these need.
  ///
  /// @param names names of symbols; those that no member defines are ignored
  /// @return the code of these members, in the order of the archive
  /// @throws IOException if the archive is thin and a member cannot be read
  /// @throws LinkException if such a member is malformed or asks for what cannot be done
  public List<RelocatableCode> membersFor(Set<String> names) throws IOException {
    Wanted wanted = new Wanted();
    wanted.undefined.addAll(names);
    return pull(wanted);
  }

  private List<RelocatableCode> pull(Wanted wanted) throws IOException {
    Map<Long, RelocatableCode> pulled = new TreeMap<>();
    Map<String, Long> definitions = index == null ? definitions() : Map.of();
    Set<Long> found = find(wanted.undefined, definitions);
    while (!pulled.keySet().containsAll(found)) {
      for (Member member : members) {
        if (found.contains(member.header()) && !pulled.containsKey(member.header())) {
          RelocatableCode unit = read(member);
          pulled.put(member.header(), unit);
          wanted.add(unit);
        }
      }
      found = find(wanted.undefined, definitions);
    }
    return List.copyOf(pulled.values());
  }

  /// The headers of members that define names.
  private Set<Long> find(Set<String> names, Map<String, Long> definitions) {
    Set<Long> found = new HashSet<>();
    if (index == null) {
      names.stream().map(definitions::get).filter(Objects::nonNull).forEach(found::add);
    } else {
      index.find(names, found::add);
    }
    found.retainAll(members.stream().map(Member::header).toList());
    return found;
  }

  /// What the members define, where no index says it.
  private Map<String, Long> definitions() throws IOException {
    Map<String, Long> definitions = new HashMap<>();
    for (Member member : members) {
      for (CodeSymbol symbol : read(member).symbols()) {
        if (isDefinition(symbol)) {
          definitions.putIfAbsent(symbol.name(), member.header());
        }
      }
    }
    return definitions;
  }

  private static boolean isDefinition(CodeSymbol symbol) {
    return symbol.kind() != SymbolKind.UNDEFINED
        && symbol.options().binding() != SymbolBinding.LOCAL;
  }

  private RelocatableCode read(Member member) throws IOException {
    String name = input.name() + "(" + member.name() + ")";
    if (folder == null) {
      return ObjectFile.read(input.part(member.offset(), member.byteSize(), name));
    }
    Path file = resolve(folder, member);
    if (!Files.isRegularFile(file) || Files.size(file) != member.byteSize()) {
      throw input.malformed("member %s is not the file it was".formatted(member.name()));
    }
    return ObjectFile.read(file);
  }

  private Path resolve(Path parent, Member member) {
    try {
      return parent.resolve(member.name());
    } catch (InvalidPathException e) {
      LinkException malformed = input.malformed("member %s has no path".formatted(member.name()));
      malformed.initCause(e);
      throw malformed;
    }
  }

  /// Names that are needed and not defined yet.
  private static final class Wanted {
    private final Set<String> undefined = new HashSet<>();
    private final Set<String> defined = new HashSet<>();

    void add(RelocatableCode unit) {
      for (CodeSymbol symbol : unit.symbols()) {
        if (isDefinition(symbol)) {
          defined.add(symbol.name());
        } else if (symbol.options().binding() == SymbolBinding.GLOBAL) {
          undefined.add(symbol.name());
        }
      }
      undefined.removeAll(defined);
    }
  }
}
