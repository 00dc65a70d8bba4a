// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.picture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/// The picture of the results.
class PictureTest {
  @Test
  void everyAllocatorWithFiguresHasALabeledLine() {
    String svg =
        Picture.draw(
            Measurements.read(
                List.of(
                    "workload,n,unit,ours,others,absent",
                    "churn,1000,ns,10,100,",
                    "churn,10000,ns,100,10000,",
                    "query,1000,ns,10,,",
                    "query,10000,ns,10,,")));
    assertThat(svg.split(">ours<", -1)).hasSize(1 + 2);
    assertThat(svg.split(">others<", -1)).hasSize(1 + 1);
    assertThat(svg).doesNotContain("absent");
  }

  @Test
  void powersOfTenAreEquallyFarApart() {
    LogScale scale = LogScale.around(List.of(2.0, 900.0), 50, 350);
    assertThat(scale.position(1)).isEqualTo(50);
    assertThat(scale.position(10)).isEqualTo(150);
    assertThat(scale.position(1000)).isEqualTo(350);
  }
}
