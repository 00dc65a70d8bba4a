// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import static com.example.jitmem.api.allocator.JitAllocatorOption.ALIGN_BLOCK_SIZE_TO_LARGE_PAGE;
import static com.example.jitmem.api.allocator.JitAllocatorOption.DISABLE_INITIAL_PADDING;
import static com.example.jitmem.api.allocator.JitAllocatorOption.FILL_UNUSED_MEMORY;
import static com.example.jitmem.api.allocator.JitAllocatorOption.IMMEDIATE_RELEASE;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_LARGE_PAGES;
import static com.example.jitmem.api.allocator.JitAllocatorOption.USE_MULTIPLE_POOLS;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Every system call of every operation of allocators and runtimes is refused, for all options and
/// ways of writing code.
@ExtendWith(QuietLog.class)
@EnabledOnOs(
    value = OS.LINUX,
    architectures = "amd64",
    disabledReason = "Refuses the calls that are made on x86-64")
class AllocatorFaultTest {
  private static final List<Set<JitAllocatorOption>> OPTIONS =
      List.of(
          Set.of(),
          Set.of(USE_MULTIPLE_POOLS),
          Set.of(FILL_UNUSED_MEMORY),
          Set.of(IMMEDIATE_RELEASE),
          Set.of(FILL_UNUSED_MEMORY, IMMEDIATE_RELEASE, USE_MULTIPLE_POOLS),
          Set.of(DISABLE_INITIAL_PADDING));

  private static final List<Set<JitAllocatorOption>> LARGE_PAGES =
      List.of(Set.of(USE_LARGE_PAGES), Set.of(USE_LARGE_PAGES, ALIGN_BLOCK_SIZE_TO_LARGE_PAGE));

  private static final Map<Mode, FaultySystem> SYSTEMS = new EnumMap<>(Mode.class);
  private static final Tally SINGLE = new Tally();
  private static final Tally PAIRS = new Tally();

  @AfterAll
  static void print() {
    System.out.println("Allocator, one call refused: " + SINGLE);
    System.out.println("Allocator, two calls refused: " + PAIRS);
  }

  static Stream<Arguments> configurations() {
    return withEachMode(OPTIONS);
  }

  static Stream<Arguments> configurationsWithLargePages() {
    return withEachMode(LARGE_PAGES);
  }

  private static Stream<Arguments> withEachMode(List<Set<JitAllocatorOption>> all) {
    return Stream.of(Mode.values())
        .flatMap(mode -> all.stream().map(options -> Arguments.of(mode, options)));
  }

  private static Sweep<AllocatorStage> sweep(
      Mode mode, Set<JitAllocatorOption> options, Tally tally) {
    Set<JitAllocatorOption> all = EnumSet.noneOf(JitAllocatorOption.class);
    all.addAll(mode.options());
    all.addAll(options);
    JitAllocatorParameters parameters = JitAllocatorParameters.defaults().withOptions(all);
    FaultySystem system = SYSTEMS.computeIfAbsent(mode, FaultySystem::new);
    return new Sweep<>(system, () -> new AllocatorStage(system, parameters), tally);
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void aRefusedCallDoesNoDamage(Mode mode, Set<JitAllocatorOption> options) {
    Sweep<AllocatorStage> sweep = sweep(mode, options, SINGLE);
    AllocatorOperations.all().forEach(sweep::refuseEachCall);
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void aRefusalToUndoDoesNoDamage(Mode mode) {
    Sweep<AllocatorStage> sweep = sweep(mode, Set.of(FILL_UNUSED_MEMORY), PAIRS);
    AllocatorOperations.all().forEach(sweep::refuseEachPairOfCalls);
  }

  @Tag("long")
  @ParameterizedTest
  @MethodSource("configurations")
  void noRefusalToUndoDoesDamage(Mode mode, Set<JitAllocatorOption> options) {
    Sweep<AllocatorStage> sweep = sweep(mode, options, PAIRS);
    AllocatorOperations.all().forEach(sweep::refuseEachPairOfCalls);
  }

  /// Making and counting large pages takes milliseconds.
  @ParameterizedTest
  @MethodSource("configurationsWithLargePages")
  void aRefusedCallDoesNoDamageWithLargePages(Mode mode, Set<JitAllocatorOption> options) {
    Sweep<AllocatorStage> sweep = sweep(mode, options, SINGLE);
    AllocatorOperations.all().stream()
        .filter(operation -> operation.name().equals("alloc, large"))
        .forEach(sweep::refuseEachCallOnce);
  }

  @Tag("long")
  @ParameterizedTest
  @MethodSource("configurationsWithLargePages")
  void noRefusedCallDoesDamageWithLargePages(Mode mode, Set<JitAllocatorOption> options) {
    Sweep<AllocatorStage> single = sweep(mode, options, SINGLE);
    AllocatorOperations.all().forEach(single::refuseEachCall);
    Sweep<AllocatorStage> pairs = sweep(mode, options, PAIRS);
    AllocatorOperations.all().forEach(pairs::refuseEachPairOfCalls);
  }
}
