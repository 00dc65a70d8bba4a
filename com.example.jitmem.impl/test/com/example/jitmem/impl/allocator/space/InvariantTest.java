// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class InvariantTest {
  @Test
  void whatHoldsIsAccepted() {
    assertThatCode(() -> Invariant.require(true, "unused")).doesNotThrowAnyException();
    assertThatCode(() -> Invariant.requireEqual("spans", 7, 7)).doesNotThrowAnyException();
  }

  @Test
  void whatDoesNotHoldIsNamed() {
    assertThatThrownBy(() -> Invariant.require(false, "a span is lost"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("The allocator's tables are wrong: a span is lost");
  }

  @Test
  void figuresThatDifferAreBothTold() {
    assertThatThrownBy(() -> Invariant.requireEqual("spans", 7, 1L << 32 | 7))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("The allocator's tables are wrong: spans: counted 7, found 4294967303");
  }
}
