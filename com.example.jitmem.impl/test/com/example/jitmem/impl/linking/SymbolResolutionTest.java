// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.example.jitmem.api.runtime.Architecture;
import com.example.jitmem.api.runtime.CodeSection;
import com.example.jitmem.api.runtime.CodeSymbol;
import com.example.jitmem.api.runtime.LinkException;
import com.example.jitmem.api.runtime.LinkException.Reason;
import com.example.jitmem.api.runtime.RelocatableCode;
import com.example.jitmem.api.runtime.RelocationKind;
import com.example.jitmem.api.runtime.SectionKind;
import com.example.jitmem.api.runtime.SymbolBinding;
import com.example.jitmem.api.runtime.SymbolOptions;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// Which definition a name has when several units are linked.
class SymbolResolutionTest {
  private static final SymbolOptions GLOBAL = SymbolOptions.defaults();
  private static final SymbolOptions WEAK = GLOBAL.withBinding(SymbolBinding.WEAK);

  /// A unit that points to a name from its data, which is all the data there is.
  private final Unit user = new Unit("user");

  @Test
  void aStrongDefinitionIsPreferredToAWeakOne() {
    Unit weak = new Unit("weak").absolute("x", 1, WEAK);
    Unit strong = new Unit("strong").absolute("x", 2, GLOBAL);
    user.pointTo("x", GLOBAL);
    assertThat(value(weak, strong, user)).isEqualTo(2);
    assertThat(value(strong, weak, user)).isEqualTo(2);
  }

  @Test
  void theFirstOfSeveralWeakDefinitionsHolds() {
    Unit first = new Unit("first").absolute("x", 1, WEAK);
    Unit second = new Unit("second").absolute("x", 2, WEAK);
    user.pointTo("x", WEAK);
    assertThat(value(first, second, user)).isEqualTo(1);
    assertThat(value(second, first, user)).isEqualTo(2);
  }

  @Test
  void twoStrongDefinitionsAreRefused() {
    Unit first = new Unit("first").absolute("x", 1, GLOBAL);
    Unit second = new Unit("second").absolute("x", 2, GLOBAL);
    LinkException refusal = refusal(Map.of(), first, second);
    assertThat(refusal.reason()).isEqualTo(Reason.DUPLICATE_SYMBOL);
    assertThat(refusal.symbol()).isEqualTo("x");
    assertThat(refusal).hasMessageContaining("first").hasMessageContaining("second");
  }

  @Test
  void localSymbolsOfOneNameAreDifferent() {
    SymbolOptions local = GLOBAL.withBinding(SymbolBinding.LOCAL);
    Unit first = new Unit("first").absolute("x", 1, local);
    Unit second = new Unit("second").absolute("x", 2, GLOBAL);
    user.pointTo("x", GLOBAL);
    assertThat(value(first, second, user)).isEqualTo(2);
    assertThat(refusal(Map.of(), first, user).reason()).isEqualTo(Reason.UNDEFINED_SYMBOL);
  }

  @Test
  void commonDataTakesTheLargestSizeAndAlignment() {
    Unit small = new Unit("small").common("x", 8, 64);
    Unit large = new Unit("large").common("x", 1000, 4);
    user.pointTo("x", GLOBAL);
    for (List<Unit> order : List.of(List.of(small, large, user), List.of(user, large, small))) {
      Linked linked = link(Map.of(), order.toArray(Unit[]::new));
      LinkedSymbol found = linked.plan.find("x").orElseThrow();
      assertThat(found.area()).isEqualTo(Area.DATA);
      assertThat(found.byteSize()).isEqualTo(1000);
      assertThat(found.offset()).isEqualTo(64);
      assertThat(linked.plan.dataByteSize()).isEqualTo(1064);
      assertThat(linked.plan.initializedByteSize()).isEqualTo(8);
      assertThat(linked.dataQuad(0)).isEqualTo(Linked.DATA + 64);
    }
  }

  @Test
  void commonDataIsWeakerThanAStrongDefinitionAndStrongerThanAWeakOne() {
    Unit common = new Unit("common").common("x", 1 << 20, 1);
    Unit strong = new Unit("strong").absolute("x", 2, GLOBAL);
    Unit weak = new Unit("weak").absolute("x", 3, WEAK);
    user.pointTo("x", GLOBAL);
    assertThat(value(common, strong, user)).isEqualTo(2);
    assertThat(value(strong, common, user)).isEqualTo(2);
    assertThat(link(Map.of(), strong, common, user).plan.dataByteSize()).isEqualTo(8);
    assertThat(value(weak, common, user)).isEqualTo(Linked.DATA + 8);
    assertThat(value(common, weak, user)).isEqualTo(Linked.DATA + 8);
  }

  @Test
  void theUserDefinesWhatUnitsDoNotAndIsAskedOncePerName() {
    user.pointTo("x", GLOBAL).pointTo("x", GLOBAL).pointTo("y", WEAK).pointTo("z", WEAK);
    new Unit("other").pointTo("x", GLOBAL);
    List<String> asked = new ArrayList<>();
    LinkPlan plan =
        LinkPlan.of(
            List.of(user.build(), new Unit("defines").absolute("z", 3, GLOBAL).build()),
            Linked.LIMIT,
            name -> {
              asked.add(name);
              return name.equals("x") ? OptionalLong.of(7) : OptionalLong.empty();
            });
    assertThat(asked).containsExactly("x", "y");
    Linked linked = Linked.at(plan, Linked.CODE, Linked.DATA);
    assertThat(linked.dataQuad(0)).isEqualTo(7);
    assertThat(linked.dataQuad(8)).isEqualTo(7);
    assertThat(linked.dataQuad(16)).as("weak and undefined").isZero();
    assertThat(linked.dataQuad(24)).isEqualTo(3);
    assertThat(plan.find("x")).as("what the user gave is not the module's").isEmpty();
  }

  @Test
  void everyUndefinedNameIsNamed() {
    user.pointTo("x", GLOBAL).pointTo("y", GLOBAL).pointTo("weak", WEAK);
    LinkException refusal = refusal(Map.of(), user);
    assertThat(refusal.reason()).isEqualTo(Reason.UNDEFINED_SYMBOL);
    assertThat(refusal.symbol()).isEqualTo("x");
    assertThat(refusal).hasMessage("user: undefined symbols x, y");
  }

  @Test
  void aNameThatNothingUsesNeedsNoDefinition() {
    user.builder.undefined("unused");
    user.pointTo("x", GLOBAL);
    assertThat(link(Map.of("x", 1L), user).dataQuad(0)).isEqualTo(1);
  }

  @Test
  void oneReferenceThatIsNotWeakIsEnoughToNeedADefinition() {
    user.pointTo("x", WEAK);
    Unit other = new Unit("other").pointTo("x", GLOBAL);
    assertThat(refusal(Map.of(), user, other).symbol()).isEqualTo("x");
  }

  @Test
  void hiddenSymbolsAreSeenInOtherUnitsAndNotOutside() {
    Unit hides = new Unit("hides").absolute("x", 1, GLOBAL.withHidden());
    user.pointTo("x", GLOBAL);
    Linked linked = link(Map.of(), hides, user);
    assertThat(linked.dataQuad(0)).isEqualTo(1);
    assertThat(linked.plan.find("x")).isEmpty();
    assertThat(linked.plan.exports()).isEmpty();
    Unit plain = new Unit("plain").absolute("y", 1, GLOBAL);
    assertThat(link(Map.of(), plain).plan.exports()).hasSize(1);
  }

  @Test
  void aHiddenSymbolIsNotTakenFromOutside() {
    user.pointTo("x", GLOBAL.withHidden());
    assertThat(refusal(Map.of("x", 1L), user)).hasMessageContaining("hidden");
    Unit weak = new Unit("weak").pointTo("x", WEAK.withHidden());
    assertThat(link(Map.of("x", 1L), weak).dataQuad(0)).isZero();
  }

  @Test
  void theFirstGroupOfASignatureIsKept() {
    Unit first = new Unit("first").group("inline", "f", 1);
    Unit second = new Unit("second").group("inline", "f", 2);
    Unit third = new Unit("third").group("other", "g", 3);
    user.pointTo("f", GLOBAL);
    Linked linked = link(Map.of(), first, second, third, user);
    assertThat(linked.plan.codeByteSize()).as("two of three groups").isEqualTo(32);
    assertThat(linked.codeQuad(linked.address("f") - Linked.CODE)).isEqualTo(1);
    assertThat(linked.dataQuad(0)).as("of first, to its own").isEqualTo(linked.address("f"));
    assertThat(linked.dataQuad(8)).as("of second, to what was dropped").isZero();
  }

  @Test
  void codeThatRefersIntoADroppedGroupIsRefused() {
    Unit first = new Unit("first").group("inline", "f", 1);
    Unit second = new Unit("second").group("inline", "f", 2);
    CodeSection code = second.code("caller", new byte[8]);
    second.builder.relocate(
        code, 0, RelocationKind.BRANCH_32, second.builder.label(second.inGroup, 0), -4);
    LinkException refusal = refusal(Map.of(), first, second);
    assertThat(refusal.reason()).isEqualTo(Reason.UNDEFINED_SYMBOL);
    assertThat(refusal.section()).isEqualTo("caller");
  }

  @Test
  void unitsOfDifferentInstructionSetsAndNoUnitsAreRefused() {
    RelocatableCode other = RelocatableCode.builder(Architecture.AARCH64).name("arm").build();
    assertThatExceptionOfType(LinkException.class)
        .isThrownBy(() -> Linked.plan(Map.of(), user.build(), other))
        .satisfies(r -> assertThat(r.reason()).isEqualTo(Reason.WRONG_ARCHITECTURE))
        .withMessageContaining("arm");
    assertThatIllegalArgumentException().isThrownBy(() -> Linked.plan(Map.of()));
  }

  private static long value(Unit... units) {
    return link(Map.of(), units).dataQuad(0);
  }

  private static Linked link(Map<String, Long> externals, Unit... units) {
    RelocatableCode[] built = new RelocatableCode[units.length];
    for (int i = 0; i < units.length; i++) {
      built[i] = units[i].build();
    }
    return Linked.of(externals, built);
  }

  private static LinkException refusal(Map<String, Long> externals, Unit... units) {
    try {
      link(externals, units);
    } catch (LinkException e) {
      return e;
    }
    throw new AssertionError("Nothing was refused");
  }

  /// A unit in a few words.
  private static final class Unit {
    final RelocatableCode.Builder builder;
    CodeSection inGroup;

    Unit(String name) {
      builder = RelocatableCode.builder(Architecture.X86_64).name(name);
      inGroup = builder.section("nothing", SectionKind.CODE, 1, new byte[0]);
    }

    Unit absolute(String name, long value, SymbolOptions options) {
      builder.absolute(name, value, options);
      return this;
    }

    Unit common(String name, long size, long alignment) {
      builder.common(name, alignment, GLOBAL.withByteSize(size));
      return this;
    }

    Unit pointTo(String name, SymbolOptions options) {
      CodeSection data = builder.section("data", SectionKind.DATA, 8, new byte[8]);
      CodeSymbol symbol = builder.undefined(name, options);
      builder.relocate(data, 0, RelocationKind.ABSOLUTE_64, symbol, 0);
      return this;
    }

    /// A group with a function, and data outside the group that points to it.
    Unit group(String signature, String name, int contents) {
      MemorySegment bytes = MemorySegment.ofArray(new byte[16]);
      bytes.set(Linked.INT64, 0, contents);
      inGroup = builder.section("text." + name, SectionKind.CODE, 16, bytes, signature);
      builder.define(name, inGroup, 0);
      CodeSection data =
          builder.section("data", SectionKind.DATA, 8, new byte[] {9, 9, 9, 9, 9, 9, 9, 9});
      builder.relocate(data, 0, RelocationKind.ABSOLUTE_64, builder.label(inGroup, 0), 0);
      return this;
    }

    CodeSection code(String name, byte[] bytes) {
      return builder.section(name, SectionKind.CODE, 16, bytes);
    }

    RelocatableCode build() {
      return builder.build();
    }
  }
}
