// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.runtime.CodeSection;
import com.example.jitmem.api.runtime.LinkException;
import com.example.jitmem.api.runtime.RelocatableCode;
import com.example.jitmem.api.runtime.Relocation;
import com.example.jitmem.api.runtime.SectionKind;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Units that are linked, for any load addresses: every symbol is resolved and everything has its
/// place in one of two areas, code and data.
///
/// A plan is immutable and can be relocated any number of times.
public final class LinkPlan {
  /// The most bytes of code and data together: everything has to be in reach of everything.
  public static final long MAX_BYTE_SIZE = Integer.MAX_VALUE - 8;

  private static final ValueLayout.OfLong INT64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);

  /// A trap, for the gaps between functions.
  private static final byte X86_64_INT3 = (byte) 0xCC;

  private final List<RelocatableCode> units;
  private final Architecture architecture;
  private final SymbolResolution symbols;
  private final Demand demand;
  private final Layout layout;

  private LinkPlan(
      List<RelocatableCode> units, SymbolResolution symbols, Demand demand, Layout layout) {
    this.units = units;
    this.architecture = units.getFirst().architecture();
    this.symbols = symbols;
    this.demand = demand;
    this.layout = layout;
  }

  /// Links units.
  ///
  /// @param units at least one
  /// @param maxByteSize the most bytes of code and data together
  /// @param externals finds what the units name and do not define
  /// @return where everything lies
  /// @throws IllegalArgumentException if there is no unit
  /// @throws LinkException if the units do not fit together
  public static LinkPlan of(
      List<RelocatableCode> units, long maxByteSize, ExternalSymbols externals) {
    List<RelocatableCode> copy = List.copyOf(units);
    checkArchitectures(copy);
    SymbolResolution symbols = new SymbolResolution(copy);
    Demand demand = new Demand(copy, symbols);
    symbols.resolve(externals);
    Layout layout = new Layout(copy, symbols, Math.min(maxByteSize, MAX_BYTE_SIZE));
    demand.addStubs();
    layout.addTable(demand.entries().size(), demand.stubs().size());
    return new LinkPlan(copy, symbols, demand, layout);
  }

  private static void checkArchitectures(List<RelocatableCode> units) {
    if (units.isEmpty()) {
      throw new IllegalArgumentException("There is nothing to link");
    }
    Architecture first = units.getFirst().architecture();
    for (RelocatableCode unit : units) {
      if (unit.architecture() != first) {
        throw new LinkException(
            LinkException.Reason.WRONG_ARCHITECTURE,
            unit.name(),
            "%s is code for %s, %s for %s"
                .formatted(unit.name(), unit.architecture(), units.getFirst().name(), first));
      }
    }
  }

  /// The instruction set of the code.
  ///
  /// @return the architecture that all units share
  public Architecture architecture() {
    return architecture;
  }

  /// The size of the code area.
  ///
  /// @return the size in bytes
  public long codeByteSize() {
    return layout.codeByteSize();
  }

  /// The alignment that the code area needs.
  ///
  /// @return a power of two, in bytes
  public long codeByteAlignment() {
    return layout.codeByteAlignment();
  }

  /// The size of the data area; what is not initialized is zero.
  ///
  /// @return the size in bytes, 0 if there is no data
  public long dataByteSize() {
    return layout.dataByteSize();
  }

  /// The alignment that the data area needs.
  ///
  /// @return a power of two, in bytes
  public long dataByteAlignment() {
    return layout.dataByteAlignment();
  }

  /// How many bytes at the start of the data area have initial values.
  ///
  /// @return the size in bytes
  public long initializedByteSize() {
    return layout.initializedByteSize;
  }

  /// The addresses of functions to run first, in the code area.
  ///
  /// @return an empty range if there are none
  public Range initializers() {
    return layout.initializers;
  }

  /// The addresses of functions to run at the end in reverse order, in the code area.
  ///
  /// @return an empty range if there are none
  public Range finalizers() {
    return layout.finalizers;
  }

  /// The call frame information with its end, in the code area.
  ///
  /// @return an empty range if there is none
  public Range unwind() {
    return layout.unwind;
  }

  /// The functions whose address has to be asked for when the code can run.
  ///
  /// @return the functions, in the order of their stubs
  public List<IndirectFunction> indirectFunctions() {
    List<IndirectFunction> found = new ArrayList<>();
    for (Target target : demand.stubs()) {
      if (target.indirect) {
        found.add(
            new IndirectFunction(
                target.name, target.offset(), stubOffset(target) + Stubs.CELL_OFFSET));
      }
    }
    return found;
  }

  /// Finds a symbol that is visible from outside.
  ///
  /// @param name the name of the symbol
  /// @return the symbol, empty if there is none or it is hidden
  public Optional<LinkedSymbol> find(String name) {
    return Optional.ofNullable(symbols.globals().get(name))
        .filter(LinkPlan::isVisible)
        .map(this::linked);
  }

  /// The symbols that are visible from outside.
  ///
  /// @return the symbols in any order
  public List<LinkedSymbol> exports() {
    return symbols.globals().values().stream()
        .filter(LinkPlan::isVisible)
        .map(this::linked)
        .toList();
  }

  /// Everything with a name in code, local and hidden names too.
  ///
  /// @return the functions in any order
  public List<LinkedSymbol> functions() {
    List<LinkedSymbol> found = new ArrayList<>();
    symbols.globals().values().forEach(target -> addFunction(found, target));
    symbols.locals().forEach(target -> addFunction(found, target));
    return found;
  }

  /// Writes both areas as they have to be at given addresses.
  ///
  /// @param code takes the code area, as large as that
  /// @param codeAddress where the code will run, aligned
  /// @param data takes the initialized part of the data area, as large as that
  /// @param dataAddress where the data will lie, aligned
  /// @throws LinkException if a field cannot hold what it has to
  public void relocate(MemorySegment code, long codeAddress, MemorySegment data, long dataAddress) {
    Addresses addresses = new Addresses(layout, codeAddress, dataAddress);
    copySections(code, data);
    writeTable(code, addresses);
    Relocator relocator = new Relocator(architecture, addresses, code, data);
    for (int unit = 0; unit < units.size(); unit++) {
      PlacedSection[] sections = symbols.sections(unit);
      Target[] targets = symbols.targets(unit);
      for (Relocation relocation : units.get(unit).relocations()) {
        PlacedSection section = sections[relocation.section().index()];
        if (!section.dropped) {
          relocator.apply(section, relocation, targets[relocation.symbol().index()]);
        }
      }
    }
  }

  /// The sections that are kept, for tests that compare with another linker.
  List<PlacedSection> sections() {
    return layout.sections();
  }

  /// Where the address table lies in the code area.
  long tableOffset() {
    return layout.tableOffset;
  }

  private void copySections(MemorySegment code, MemorySegment data) {
    code.fill((byte) 0);
    data.fill((byte) 0);
    if (architecture == Architecture.X86_64) {
      code.asSlice(layout.instructions.offset(), layout.instructions.byteSize()).fill(X86_64_INT3);
    }
    for (PlacedSection placed : layout.sections()) {
      CodeSection section = placed.section;
      if (section.kind() != SectionKind.ZEROS) {
        MemorySegment area = placed.area == Area.DATA ? data : code;
        MemorySegment.copy(section.bytes(), 0, area, placed.offset, section.byteSize());
      }
    }
  }

  private void writeTable(MemorySegment code, Addresses addresses) {
    for (Target target : demand.entries()) {
      long offset = layout.tableOffset + (long) target.entry * Layout.ENTRY_BYTES;
      code.set(INT64, offset, addresses.of(target));
    }
    for (Target target : demand.stubs()) {
      long cell = target.indirect ? 0 : addresses.of(target);
      Stubs.write(architecture, code, stubOffset(target), cell);
    }
  }

  private long stubOffset(Target target) {
    return layout.stubsOffset + (long) target.stub * Stubs.BYTES;
  }

  private static boolean isVisible(Target target) {
    return !target.hidden
        && switch (target.state) {
          case PLACED, COMMON -> true;
          case FIXED -> !target.external;
          default -> false;
        };
  }

  private LinkedSymbol linked(Target target) {
    boolean executable =
        target.section != null && target.section.section.kind() == SectionKind.CODE;
    boolean stub = target.indirect && target.stub != Target.NONE;
    return new LinkedSymbol(
        target.name,
        target.area(),
        stub ? stubOffset(target) : target.offset(),
        stub ? Stubs.BYTES : target.byteSize,
        executable);
  }

  private void addFunction(List<LinkedSymbol> found, Target target) {
    PlacedSection section = target.section;
    if (section != null
        && !target.label
        && !section.dropped
        && section.section.kind() == SectionKind.CODE) {
      found.add(new LinkedSymbol(target.name, Area.CODE, target.offset(), target.byteSize, true));
    }
  }
}
