// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.impl.os.AddressWindow;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is in reach of an anchor, to the byte.
class VicinityTest {
  private static final int LONGEST_INSTRUCTION = 15;
  private static final long ADDRESS = 0x7000_0000_0000L;

  private static MemorySegment at(long address, long byteSize) {
    return MemorySegment.ofAddress(address).reinterpret(byteSize);
  }

  @Test
  void memoryIsInReachToTheLastByte() {
    for (long anchorSize : new long[] {0, 1, 16}) {
      Vicinity vicinity = new Vicinity(at(ADDRESS, anchorSize), 100);
      long last = ADDRESS + Math.max(anchorSize, 1) - 1;
      assertThat(vicinity.contains(at(last - 100, 1))).isTrue();
      assertThat(vicinity.contains(at(last - 101, 1))).isFalse();
      assertThat(vicinity.contains(at(ADDRESS + 91, 10))).isTrue();
      assertThat(vicinity.contains(at(ADDRESS + 91, 11))).isFalse();
      assertThat(vicinity.contains(at(ADDRESS + 100, 0))).isTrue();
      assertThat(vicinity.contains(at(ADDRESS + 101, 0))).isFalse();
      assertThat(vicinity.contains(at(last - 100, 201 - Math.max(anchorSize, 1)))).isTrue();
    }
  }

  @Test
  void theWindowOfAVicinityHoldsJustWhatIsInReach() {
    for (long address : new long[] {0, 50, ADDRESS, Long.MAX_VALUE - 50}) {
      for (long anchorSize : new long[] {0, 1, 16}) {
        Vicinity vicinity = new Vicinity(at(address, anchorSize), 100);
        AddressWindow window = AddressWindow.of(vicinity);
        assertThat(vicinity.contains(at(window.start(), window.end() - window.start()))).isTrue();
        assertThat(vicinity.contains(at(window.start() - 1, 1))).isFalse();
        assertThat(vicinity.contains(at(window.end(), 1)))
            .isEqualTo(address > ADDRESS)
            .isEqualTo(window.end() == Long.MAX_VALUE);
      }
    }
  }

  /// Displacements are counted from the end of an instruction, which begins in the memory or in the
  /// anchor.
  @Test
  void theReachOfADisplacementLeavesRoomForTheLongestInstruction() {
    long anchorSize = 1000;
    AddressWindow window = AddressWindow.of(Vicinity.of(at(ADDRESS, anchorSize)));
    long lastOfAnchor = ADDRESS + anchorSize - 1;
    for (long instruction : new long[] {window.start(), window.end() - 1}) {
      for (int length = 1; length <= LONGEST_INSTRUCTION; length++) {
        for (long target : new long[] {ADDRESS, lastOfAnchor}) {
          assertFits(target - (instruction + length));
          assertFits(instruction - (target + length));
        }
      }
    }
  }

  private static void assertFits(long displacement) {
    assertThat(displacement).isBetween((long) Integer.MIN_VALUE, (long) Integer.MAX_VALUE);
  }

  @Test
  void whatIsNoVicinityIsRefused() {
    MemorySegment anchor = at(ADDRESS, 16);
    for (long reach : new long[] {0, -1, Long.MIN_VALUE, 15}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Vicinity(anchor, reach))
          .withMessageContaining(String.valueOf(reach));
    }
    for (MemorySegment bad :
        List.of(
            MemorySegment.ofArray(new byte[1]),
            MemorySegment.ofAddress(-4096),
            at(ADDRESS, Long.MAX_VALUE),
            at(ADDRESS, 1L << 31))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Vicinity.of(bad))
          .withMessageContaining("Anchor");
    }
    assertThat(new Vicinity(anchor, 16).byteReach()).isEqualTo(16);
  }

  @Test
  void memoryOnTheHeapIsInNoVicinity() {
    assertThat(Vicinity.of(MemorySegment.NULL).contains(MemorySegment.ofArray(new byte[1])))
        .isFalse();
  }

  @Test
  void requestsKeepTheirVicinity() {
    Vicinity vicinity = Vicinity.of(at(ADDRESS, 0));
    SpanRequest request = SpanRequest.of(1);
    assertThat(request.vicinity()).isEmpty();
    SpanRequest near =
        request
            .withVicinity(vicinity)
            .withName("near")
            .withByteAlignment(64)
            .withArena(Arena.global());
    assertThat(near.vicinity()).contains(vicinity);
    assertThat(near.byteSize()).isEqualTo(1);
    assertThat(near.byteAlignment()).isEqualTo(64);
    assertThat(near.name()).contains("near");
    assertThat(near.arena()).contains(Arena.global());
  }
}
