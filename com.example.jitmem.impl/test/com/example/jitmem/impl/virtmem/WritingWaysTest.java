// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.CodeWriting.Backing;
import com.example.jitmem.api.virtmem.HardenedRuntimeFlag;
import com.example.jitmem.api.virtmem.HardenedRuntimeInfo;
import com.example.jitmem.api.virtmem.HardenedRuntimeInfo.RefusedWay;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.ffm.CFunction;
import com.example.jitmem.impl.log.LoggerNames;
import com.example.jitmem.impl.memory.CodeMemory;
import com.example.jitmem.impl.memory.CodeMemorySource.Request;
import com.example.jitmem.impl.memory.CodeRegion;
import com.example.jitmem.impl.os.LedgerCalls;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The ladder under policies that refuse single calls, as a hardened system would.
class WritingWaysTest {
  private static final CodeWriting DIRECT = new CodeWriting.Direct();
  private static final CodeWriting ANONYMOUS = new CodeWriting.DualMapped(Backing.SHARED_ANONYMOUS);
  private static final CodeWriting MEMFD = new CodeWriting.DualMapped(Backing.MEMFD);

  private static final CodeWriting SHM_FILE =
      new CodeWriting.DualMapped(Backing.SHARED_MEMORY_OBJECT);
  private static final CodeWriting TEMPORARY_FILE =
      new CodeWriting.DualMapped(Backing.TEMPORARY_FILE);
  private static final CodeWriting SEALED = new CodeWriting.WriteThenSeal();

  private static final Request DUAL = new Request(true, false, false);
  private static final Request ANY = new Request(false, false, false);
  private static final Request DIRECT_ONLY = new Request(false, true, false);

  private static final BiPredicate<CFunction, long[]> NO_DUAL =
      TestSystem.named("mremap", "memfd_create", "mkostemp");

  private final TestSystem system = new TestSystem();
  private final SystemCodeMemorySource source = new SystemCodeMemorySource(() -> system.ways);

  @AfterEach
  void testsOfTheWaysLeaveNothing() {
    assertThat(system.calls.balance()).isEqualTo(LedgerCalls.settled());
  }

  private CodeWriting opened(Request request) {
    return source.open(request).codeWriting();
  }

  @Test
  void withoutPoliciesEachRequestGetsItsFirstWay() {
    assertThat(opened(DUAL)).isEqualTo(ANONYMOUS);
    assertThat(opened(ANY)).isEqualTo(DIRECT);
    assertThat(opened(DIRECT_ONLY)).isEqualTo(DIRECT);
    HardenedRuntimeInfo info = system.ways.hardenedRuntimeInfo();
    assertThat(info.flags()).containsExactly(HardenedRuntimeFlag.DUAL_MAPPING);
    assertThat(info.codeWriting()).isEqualTo(ANONYMOUS);
    assertThat(info.refusedWays()).isEmpty();
  }

  @Test
  void whereWritableCodeIsRefusedMemoryIsMappedTwice() {
    system.calls.refuse(TestSystem.EACCES, TestSystem.WRITABLE_CODE);
    assertThat(opened(ANY)).isEqualTo(ANONYMOUS);
    assertThat(opened(DUAL)).isEqualTo(ANONYMOUS);
    assertThatThrownBy(() -> opened(DIRECT_ONLY))
        .isInstanceOfSatisfying(
            VirtMemException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(VirtMemException.Reason.DENIED_BY_POLICY);
              assertThat(e.getMessage()).contains("mmap", "EACCES", "PR_SET_MDWE");
            });
    HardenedRuntimeInfo info = system.ways.hardenedRuntimeInfo();
    assertThat(info.flags())
        .containsExactlyInAnyOrder(HardenedRuntimeFlag.ENABLED, HardenedRuntimeFlag.DUAL_MAPPING);
    assertThat(info.refusedWays())
        .singleElement()
        .satisfies(refused -> assertThat(refused.way()).isEqualTo(DIRECT));
  }

  @Test
  void memfdIsTheSecondRung() {
    system.calls.refuse(TestSystem.ENOSYS, TestSystem.named("mremap"));
    assertThat(opened(DUAL)).isEqualTo(MEMFD);
    HardenedRuntimeInfo info = system.ways.hardenedRuntimeInfo();
    assertThat(info.codeWriting()).isEqualTo(MEMFD);
    assertThat(info.refusedWays())
        .singleElement()
        .satisfies(
            refused -> {
              assertThat(refused.way()).isEqualTo(ANONYMOUS);
              assertThat(refused.cause()).hasMessageContaining("mremap");
            });
  }

  @Test
  void filesAreTheNextRungs() {
    system.calls.refuse(TestSystem.ENOSYS, TestSystem.named("mremap", "memfd_create"));
    assertThat(opened(DUAL)).isEqualTo(SHM_FILE);
    assertThat(source.open(DUAL).refusedWays())
        .extracting(RefusedWay::way)
        .containsExactly(ANONYMOUS, MEMFD);
  }

  @Test
  void aFileInTheTemporaryFolderIsTheLastRungThatIsMappedTwice() {
    int[] files = {0};
    system.calls.refuse(
        TestSystem.EACCES,
        TestSystem.named("mremap", "memfd_create")
            .or((function, arguments) -> function.name().equals("mkostemp") && files[0]++ == 0));
    assertThat(opened(DUAL)).isEqualTo(TEMPORARY_FILE);
  }

  @Test
  void theTemporaryFolderCanBePreferredAmongFiles() {
    assertThat(system.ways.dual(true).way()).isEqualTo(ANONYMOUS);
    TestSystem other = new TestSystem();
    other.calls.refuse(TestSystem.ENOSYS, TestSystem.named("mremap", "memfd_create"));
    assertThat(other.ways.dual(true).way()).isEqualTo(TEMPORARY_FILE);
    assertThat(other.ways.dual(false).way()).isEqualTo(SHM_FILE);
  }

  @Test
  void whereNothingCanBeMappedTwiceMemoryIsSealed() {
    system.calls.refuse(TestSystem.EACCES, NO_DUAL);
    assertThat(opened(DUAL)).isEqualTo(SEALED);
    assertThat(opened(ANY)).isEqualTo(DIRECT);
    HardenedRuntimeInfo info = system.ways.hardenedRuntimeInfo();
    assertThat(info.codeWriting()).isEqualTo(SEALED);
    assertThat(info.flags()).isEmpty();
    assertThat(info.refusedWays()).hasSize(4);
  }

  @Test
  void aRequestForNothingSpecialGetsSealedMemoryInTheEnd() {
    system.calls.refuse(TestSystem.EACCES, NO_DUAL.or(TestSystem.WRITABLE_CODE));
    assertThat(opened(ANY)).isEqualTo(SEALED);
    assertThat(source.open(ANY).refusedWays())
        .extracting(RefusedWay::way)
        .containsExactly(DIRECT, ANONYMOUS, MEMFD, SHM_FILE, TEMPORARY_FILE);
  }

  @Test
  void aRequestForDualMappingIsNeverAnsweredWithWritableCode() {
    system.calls.refuse(TestSystem.EACCES, NO_DUAL.or(TestSystem.GAINED_EXECUTION));
    assertThatThrownBy(() -> opened(DUAL))
        .isInstanceOf(VirtMemException.class)
        .hasMessageContaining("mremap failed with EACCES")
        .hasMessageContaining("memfd_create with MFD_EXEC failed with EACCES")
        .hasMessageContaining("mkostemp failed with EACCES")
        .hasMessageContaining("mprotect failed with EACCES");
    assertThat(opened(ANY)).isEqualTo(DIRECT);
    HardenedRuntimeInfo info = system.ways.hardenedRuntimeInfo();
    assertThat(info.codeWriting()).isEqualTo(DIRECT);
    assertThat(info.flags()).isEmpty();
    assertThat(info.refusedWays()).hasSize(5);
  }

  @Test
  void whereNothingWorksEveryRefusalIsNamed() {
    system.calls.refuse(
        TestSystem.EACCES, NO_DUAL.or(TestSystem.WRITABLE_CODE).or(TestSystem.GAINED_EXECUTION));
    assertThatThrownBy(() -> opened(ANY))
        .hasMessageContainingAll("mmap", "mremap", "memfd_create", "mkostemp", "mprotect");
    assertThat(system.ways.hardenedRuntimeInfo().codeWriting())
        .isEqualTo(new CodeWriting.Unavailable());
  }

  @ParameterizedTest
  @ValueSource(ints = {TestSystem.EACCES, TestSystem.EPERM})
  void aFormOfAWayThatIsRefusedIsToldThoughAnotherOneWorks(int errno) {
    BiPredicate<CFunction, long[]> executableFiles =
        (function, arguments) ->
            function.name().equals("memfd_create") && (arguments[1] & 0x10) != 0;
    system.calls.refuse(errno, TestSystem.named("mremap").or(executableFiles));
    CodeMemory memory = source.open(DUAL);
    assertThat(memory.codeWriting()).isEqualTo(MEMFD);
    assertThat(memory.refusedWays()).extracting(RefusedWay::way).containsExactly(ANONYMOUS, MEMFD);
    assertThat(memory.refusedWays().getLast().cause())
        .hasMessageContainingAll("memfd_create with MFD_EXEC", "vm.memfd_noexec");
    assertThat(system.ways.hardenedRuntimeInfo().refusedWays()).isEqualTo(memory.refusedWays());
  }

  @Test
  void dualMappingsOfPagesAreNeverSealed() {
    system.calls.refuse(TestSystem.EACCES, NO_DUAL);
    assertThatThrownBy(() -> system.ways.dual(false)).hasMessageContaining("memfd_create");
  }

  @Test
  void aShortageIsNotTakenForAPolicy() {
    system.calls.refuseOnce(12, 0);
    assertThatThrownBy(() -> opened(DIRECT_ONLY)).hasMessageContaining("ENOMEM");
    assertThat(opened(DIRECT_ONLY)).isEqualTo(DIRECT);
  }

  @Test
  void eachWayIsTriedOnce() {
    opened(DUAL);
    opened(ANY);
    HardenedRuntimeInfo info = system.ways.hardenedRuntimeInfo();
    int made = system.calls.made().size();
    opened(DUAL);
    opened(ANY);
    assertThat(system.ways.hardenedRuntimeInfo()).isSameAs(info);
    assertThat(system.calls.made()).hasSize(made);
  }

  private VirtMemException refusalOf(CodeMemory memory) {
    long pageSize = memory.pageSize();
    return catchThrowableOfType(
        VirtMemException.class,
        () -> {
          CodeRegion region = memory.reserve(pageSize);
          try {
            region.commit(0, pageSize);
            region.write(0, system.code(1), CachePolicy.DEFAULT);
          } finally {
            region.release();
          }
        });
  }

  @Test
  void aPolicyThatComesLaterIsHeededByTheNextMemory() {
    CodeMemory early = source.open(ANY);
    assertThat(early.codeWriting()).isEqualTo(DIRECT);
    assertThat(system.ways.hardenedRuntimeInfo().refusedWays()).isEmpty();
    system.calls.refuse(TestSystem.EACCES, TestSystem.WRITABLE_CODE);
    assertThat(refusalOf(early)).hasMessageContainingAll("EACCES", "PR_SET_MDWE");
    CodeMemory late = source.open(ANY);
    assertThat(late.codeWriting()).isEqualTo(ANONYMOUS);
    assertThat(late.refusedWays()).extracting(RefusedWay::way).containsExactly(DIRECT);
    assertThat(refusalOf(late)).isNull();
    assertThat(system.ways.hardenedRuntimeInfo().flags()).contains(HardenedRuntimeFlag.ENABLED);
    assertThat(early.codeWriting()).isEqualTo(DIRECT);
  }

  @Test
  void aPolicyThatRefusesReservationsLaterIsHeeded() {
    system.calls.refuse(TestSystem.ENOSYS, TestSystem.named("mremap"));
    CodeMemory early = source.open(DUAL);
    assertThat(early.codeWriting()).isEqualTo(MEMFD);
    system.calls.refuse(TestSystem.EACCES, TestSystem.named("memfd_create"));
    assertThat(refusalOf(early)).hasMessageContaining("memfd_create");
    assertThat(opened(DUAL)).isEqualTo(SHM_FILE);
  }

  @Test
  void aPolicyThatRefusesToSealLaterIsHeeded() {
    system.calls.refuse(TestSystem.EACCES, NO_DUAL);
    CodeMemory early = source.open(DUAL);
    assertThat(early.codeWriting()).isEqualTo(SEALED);
    system.calls.refuse(TestSystem.EACCES, NO_DUAL.or(TestSystem.GAINED_EXECUTION));
    assertThat(refusalOf(early)).hasMessageContaining("mprotect");
    assertThatThrownBy(() -> opened(DUAL)).hasMessageContaining("mprotect failed with EACCES");
  }

  @Test
  void aPolicyThatRefusesMappingsOfPagesLaterIsHeeded() {
    DefaultVirtMem virtMem = new DefaultVirtMem(() -> system.ways);
    assertThat(system.ways.dual(false).way()).isEqualTo(ANONYMOUS);
    system.calls.refuse(TestSystem.EACCES, TestSystem.named("mremap"));
    try (Arena arena = Arena.ofConfined()) {
      assertThatThrownBy(() -> virtMem.allocDualMapping(1, Set.of(), arena))
          .hasMessageContaining("mremap");
      virtMem.allocDualMapping(1, Set.of(), arena);
    }
    assertThat(system.ways.dual(false).way()).isEqualTo(MEMFD);
  }

  @Test
  void aShortageLaterDoesNotMakeAWayTriedAgain() {
    CodeMemory early = source.open(ANY);
    system.calls.refuse(12, TestSystem.WRITABLE_CODE);
    assertThat(refusalOf(early)).hasMessageContaining("ENOMEM");
    int made = system.calls.made().size();
    assertThat(opened(ANY)).isEqualTo(DIRECT);
    assertThat(system.calls.made()).hasSize(made);
  }

  @Test
  void aWayIsLoggedOnceWithWhatWasRefusedBeforeIt() {
    List<String> messages = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord entry) {
            messages.add(entry.getLevel() + " " + entry.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(LoggerNames.MEMORY);
    logger.addHandler(handler);
    try {
      system.calls.refuse(TestSystem.ENOSYS, TestSystem.named("mremap"));
      opened(DUAL);
      opened(DUAL);
    } finally {
      logger.removeHandler(handler);
    }
    assertThat(messages)
        .singleElement(InstanceOfAssertFactories.STRING)
        .startsWith("INFO")
        .contains("MEMFD", "refused", "SHARED_ANONYMOUS", "mremap failed with ENOSYS");
  }

  @Test
  void memoryIsDescribed() {
    CodeMemory memory = source.open(DUAL);
    assertThat(memory.pageSize()).isEqualTo(system.os.facts().pageSize());
    assertThat(memory.largePageSize()).isZero();
    assertThat(memory.trapPattern()).isEqualTo(TestSystem.PROCESSOR.trapPattern());
  }

  @Test
  void contradictingRequestsAreRefused() {
    assertThatThrownBy(() -> source.open(new Request(true, true, false)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
