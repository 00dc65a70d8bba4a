// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator.space;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GrowthTest {
  @Test
  void endsAreDerivedFromStartsAndCounts() {
    Growth growth = new Growth(2, 3, 130, 100);
    assertThat(growth.firstBlock()).isEqualTo(2);
    assertThat(growth.blockCount()).isEqualTo(3);
    assertThat(growth.endBlock()).isEqualTo(5);
    assertThat(growth.blocks()).isEqualTo(new IntRange(2, 5));
    assertThat(growth.start()).isEqualTo(130);
    assertThat(growth.count()).isEqualTo(100);
    assertThat(growth.end()).isEqualTo(230);
    assertThat(growth).hasToString("Growth[firstBlock=2, blockCount=3, start=130, count=100]");
    assertThat(growth)
        .isEqualTo(new Growth(2, 3, 130, 100))
        .isNotEqualTo(new Growth(2, 3, 130, 101));
    assertThat(growth.hashCode()).isNotEqualTo(new Growth(2, 3, 131, 100).hashCode());
  }

  @Test
  void aGrowthMayCommitNothing() {
    Growth growth = new Growth(4, 0, 200, 10);
    assertThat(growth.blocks().isEmpty()).isTrue();
    assertThat(growth.endBlock()).isEqualTo(4);
  }
}
