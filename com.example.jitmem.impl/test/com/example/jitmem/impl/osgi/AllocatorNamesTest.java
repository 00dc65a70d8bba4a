// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AllocatorNamesTest {
  private final AllocatorNames names = new AllocatorNames();
  private final List<String> told = new ArrayList<>();
  private final AllocatorNames.Claimant first = () -> told.add("first");
  private final AllocatorNames.Claimant second = () -> told.add("second");

  @Test
  void nameIsTakenOnce() {
    assertThat(names.take("kernels", first)).isTrue();
    assertThat(names.take("kernels", second)).isFalse();
    assertThat(names.take("query", second)).isTrue();
  }

  @Test
  void nameThatWasGivenBackCanBeTaken() {
    names.take("kernels", first);
    names.giveBack("kernels");

    assertThat(names.take("kernels", second)).isTrue();
  }

  @Test
  void aRefusedServiceIsToldOnce() {
    names.take("kernels", first);
    names.take("kernels", second);

    names.giveBack("kernels");
    names.tellRefused();
    names.tellRefused();

    assertThat(told).containsExactly("second");
  }

  @Test
  void aServiceThatForgoesTheNameIsNotTold() {
    names.take("kernels", first);
    names.take("kernels", second);

    names.forget(second);
    names.tellRefused();

    assertThat(told).isEmpty();
  }
}
