// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IntRangeTest {
  @Test
  void aRangeEndsBeforeItsEnd() {
    IntRange range = new IntRange(3, 7);
    assertThat(range.start()).isEqualTo(3);
    assertThat(range.end()).isEqualTo(7);
    assertThat(range.count()).isEqualTo(4);
    assertThat(range.isEmpty()).isFalse();
    assertThat(new IntRange(3, 4).isEmpty()).isFalse();
    assertThat(range).isEqualTo(new IntRange(3, 7)).isNotEqualTo(new IntRange(3, 8));
    assertThat(range).hasToString("IntRange[start=3, end=7]");
    assertThat(range.hashCode()).isNotEqualTo(new IntRange(4, 7).hashCode());
  }

  @Test
  void aRangeThatDoesNotEndAfterItsStartIsEmpty() {
    assertThat(IntRange.EMPTY.isEmpty()).isTrue();
    assertThat(IntRange.EMPTY.count()).isZero();
    assertThat(new IntRange(5, 5).isEmpty()).isTrue();
    assertThat(new IntRange(5, 4).isEmpty()).isTrue();
  }
}
