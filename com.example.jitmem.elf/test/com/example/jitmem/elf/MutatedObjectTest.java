// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Object files and archives with faults in their structure: each is read and linked, or refused
/// with the documented exception, within the memory that it may take. The number of files is the
/// system property `jitmem.test.elf.objects`; `jitmem.test.seed` replays a run.
class MutatedObjectTest {
  private static final int COUNT = Integer.getInteger("jitmem.test.elf.objects", 10_000);

  @Test
  void everyFileIsLinkedOrRefused() {
    List<byte[]> originals = originals();
    originals.forEach(HostileInput::outcome);
    long seed = Long.getLong("jitmem.test.seed", System.nanoTime());
    Random random = new Random(seed);
    ObjectMutator mutator = new ObjectMutator(random);
    Map<String, Integer> outcomes = new TreeMap<>();
    for (int i = 0; i < COUNT; i++) {
      byte[] mutated = mutator.mutate(originals.get(random.nextInt(originals.size())));
      outcomes.merge(outcome(mutated, seed), 1, Integer::sum);
    }
    System.out.println(COUNT + " mutated object files, seed " + seed + ": " + outcomes);
    assertThat(outcomes.keySet()).contains("linked", "refused MALFORMED", "refused NOT_SUPPORTED");
  }

  private static String outcome(byte[] mutated, long seed) {
    try {
      return HostileInput.outcome(mutated);
    } catch (RuntimeException | Error e) {
      throw new AssertionError("seed " + seed + ", " + HexFormat.of().formatHex(mutated), e);
    }
  }

  static List<byte[]> originals() {
    return Stream.of(
            CompiledObjects.names("x86-64").stream(),
            CompiledObjects.names("aarch64").stream(),
            Stream.of("x86-64/libpair.a"))
        .flatMap(names -> names)
        .map(CompiledObjects::bytes)
        .toList();
  }

  @Test
  void aMutantDiffersFromItsOriginal() {
    byte[] original = CompiledObjects.bytes("x86-64/libpair.a");
    ObjectMutator mutator = new ObjectMutator(new Random(1));
    assertThat(Stream.generate(() -> mutator.mutate(original)).limit(50))
        .anyMatch(mutant -> !Arrays.equals(mutant, original));
  }
}
