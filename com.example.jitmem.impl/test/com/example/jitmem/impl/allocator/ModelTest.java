// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.allocator.Statistics;
import com.example.jitmem.impl.memory.FakeCodeMemory;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Random operations against an independent model. The seed is printed, and `jitmem.test.seed`
/// replays it; the number of operations is the system property `jitmem.test.ops`.
class ModelTest {
  private static final int OPS = Integer.getInteger("jitmem.test.ops", 2000);

  /// How often everything is verified: that takes as long as hundreds of operations.
  private static final int CHECK_INTERVAL = OPS <= 100_000 ? 97 : 4_001;

  /// For so many operations all kinds take part, and then for as many only those that leave a
  /// region plain, see [Region#plain].
  private static final int PHASE = OPS <= 100_000 ? 250 : 10_000;

  private static final long SEED = Long.getLong("jitmem.test.seed", System.nanoTime());

  @BeforeAll
  static void printSeed() {
    System.out.println("Model of the allocator: " + OPS + " operations from seed " + SEED);
  }

  static Stream<JitAllocatorParameters> configurations() {
    return Configurations.all();
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void randomOperationsAgreeWithTheModel(JitAllocatorParameters parameters) {
    FakeCodeMemory memory = new FakeCodeMemory();
    memory.largePageSize = parameters.hasOption(JitAllocatorOption.USE_LARGE_PAGES) ? 2L << 20 : 0;
    try {
      new Run(memory, parameters, new Random(SEED)).run();
    } catch (Throwable e) {
      throw new AssertionError("seed " + SEED + ", " + parameters, e);
    }
    assertThat(memory.violations).isEmpty();
  }

  /// One random run.
  private static final class Run {
    private final FakeCodeMemory memory;
    private final JitAllocatorParameters parameters;
    private final Random random;
    private final SharedAllocator shared;
    private final AllocatorView view;
    private final AllocatorView other;
    private final SpanModel model;
    private boolean plain;

    Run(FakeCodeMemory memory, JitAllocatorParameters parameters, Random random) {
      this.memory = memory;
      this.parameters = parameters;
      this.random = random;
      shared = TestAllocators.shared(memory, parameters);
      view = shared.openView("one");
      other = shared.openView("other");
      model = new SpanModel(memory, random);
      shared.core().releases.takeAll();
      // So that the first view has the number of those whose regions are plain
      Span first = view.alloc(1);
      other.alloc(1).close();
      first.close();
    }

    void run() {
      for (int i = 0; i < OPS; i++) {
        if (i % PHASE == 0) {
          beginPhase(i / PHASE % 2 != 0);
        }
        step();
        if (i % CHECK_INTERVAL == 0) {
          check();
        }
      }
      check();
      while (model.size() > 0) {
        release(model.pick());
      }
      check();
      Statistics empty = shared.statistics();
      assertThat(empty.spanCount()).isZero();
      assertThat(empty.usedBytes()).isZero();
      assertThat(empty.drainingBytes()).isZero();
      assertThat(empty.blockCount()).isLessThanOrEqualTo(pools());
      view.reset(ResetPolicy.HARD);
      assertThat(shared.statistics().reservedBytes()).isZero();
      assertThat(memory.regions).isEmpty();
    }

    private void beginPhase(boolean isPlain) {
      plain = isPlain;
      if (plain) {
        view.reset(ResetPolicy.HARD);
        other.reset(ResetPolicy.HARD);
        for (int i = model.size() - 1; i >= 0; i--) {
          model.forget(model.get(i));
        }
        assertThat(memory.regions).isEmpty();
      }
    }

    private void step() {
      int dice = random.nextInt(1000);
      boolean growing = random.nextInt(200) < 120 || model.size() < 20;
      if (dice < 3 && !plain) {
        reset();
      } else if (dice < 8) {
        reconfigure();
      } else if (dice < 100 && model.size() > 0) {
        shrink(model.pick());
      } else if (dice < 250 && !plain) {
        query();
      } else if (dice < 300 && !plain && model.size() > 0) {
        refuseWrongRelease(model.pick());
      } else if (growing) {
        alloc();
      } else {
        int many = random.nextInt(40) == 0 ? random.nextInt(100) : 0;
        for (int i = 0; i <= many && model.size() > 0; i++) {
          if (i > 0 && random.nextInt(3) == 0) {
            shrink(model.pick());
          } else {
            release(model.pick());
          }
        }
      }
    }

    private void alloc() {
      long byteSize =
          switch (random.nextInt(20)) {
            case 0 -> 1 + random.nextInt(300_000);
            case 1 -> (1 + random.nextInt(4)) * 65536L;
            case 2, 3 -> 256L * (1 + random.nextInt(8));
            default -> 16 + random.nextInt(1024);
          };
      SpanRequest request = SpanRequest.of(byteSize);
      if (random.nextInt(10) == 0) {
        request = request.withByteAlignment(1L << random.nextInt(22));
      }
      AllocatorView chosen = !plain && random.nextInt(4) == 0 ? other : view;
      Span span = chosen.alloc(request);
      checkFilled(span.rx().address(), span.byteSize());
      SpanModel.Live live = model.add(span, chosen);
      int granule = parameters.granuleByteSize();
      assertThat(live.byteSize).isBetween(byteSize, byteSize + granule - 1);
      assertThat(live.address % request.byteAlignment()).isZero();
      assertThat(live.address % granule).isZero();
      if (!parameters.hasOption(JitAllocatorOption.DISABLE_INITIAL_PADDING)) {
        assertThat(memory.isCommitted(live.address - 16, 16)).isTrue();
      }
    }

    private void release(SpanModel.Live live) {
      model.remove(live);
      if (plain || random.nextBoolean()) {
        live.span.close();
      } else {
        live.allocator.release(MemorySegment.ofAddress(live.address));
      }
      assertThat(live.span.isLive()).isFalse();
      if (memory.isMapped(live.address) && memory.isCommitted(live.address, live.byteSize)) {
        checkFilled(live.address, live.byteSize);
      }
    }

    private void checkFilled(long address, long byteSize) {
      if (parameters.hasOption(JitAllocatorOption.FILL_UNUSED_MEMORY)) {
        byte[] bytes = memory.read(address, (int) byteSize);
        byte[] expected = new byte[bytes.length];
        Arrays.fill(expected, (byte) FakeCodeMemory.TRAP);
        assertThat(bytes).isEqualTo(expected);
      }
    }

    private void shrink(SpanModel.Live live) {
      model.verify(live);
      long newByteSize = 1 + (long) (random.nextDouble() * live.byteSize);
      live.allocator.shrink(live.span, newByteSize);
      assertThat(live.span.byteSize()).isBetween(newByteSize, live.byteSize);
      model.shrunk(live);
    }

    private void query() {
      long address = 0x1000_0000_0000L + random.nextLong(96L << 20);
      if (model.size() > 0 && random.nextBoolean()) {
        address = model.pick().address + random.nextInt(2000) - 100;
      }
      SpanModel.Live expected = model.find(address);
      Optional<Span> found = view.query(MemorySegment.ofAddress(address));
      assertThat(found.isPresent()).isEqualTo(expected != null);
      if (expected != null) {
        assertThat(found.orElseThrow()).isEqualTo(expected.span);
        assertThat(found.orElseThrow().rx().address()).isEqualTo(expected.address);
        assertThat(found.orElseThrow().byteSize()).isEqualTo(expected.byteSize);
      }
    }

    private void refuseWrongRelease(SpanModel.Live live) {
      AllocatorView wrong = live.allocator == view ? other : view;
      for (MemorySegment address :
          new MemorySegment[] {
            MemorySegment.ofAddress(live.address + 1),
            MemorySegment.ofAddress(live.address + live.byteSize - 1)
          }) {
        assertThatThrownBy(() -> live.allocator.release(address))
            .isInstanceOf(IllegalArgumentException.class);
      }
      assertThatThrownBy(() -> wrong.release(live.span.rx()))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(live.span.isLive()).isTrue();
    }

    private void reset() {
      model.verifyAll();
      view.reset(random.nextBoolean() ? ResetPolicy.SOFT : ResetPolicy.HARD);
      for (int i = model.size() - 1; i >= 0; i--) {
        SpanModel.Live live = model.get(i);
        assertThat(live.span.isLive()).isEqualTo(live.allocator == other);
        if (live.allocator == view) {
          model.forget(live);
        }
      }
    }

    private void reconfigure() {
      shared.reconfigure(
          random.nextBoolean()
              ? parameters
              : parameters.withBlockByteSize(parameters.blockByteSize() * 2));
    }

    private void check() {
      SelfCheck.of(shared.core());
      model.verifyAll();
      Statistics statistics = shared.statistics();
      assertThat(statistics.spanCount()).isEqualTo(model.size());
      assertThat(statistics.usedBytes()).isEqualTo(model.usedBytes());
      assertThat(statistics.reservedBytes()).isEqualTo(memory.committedBytes());
      assertThat(view.statistics().ownSpanCount() + other.statistics().ownSpanCount())
          .isEqualTo(model.size());
    }

    private int pools() {
      return parameters.hasOption(JitAllocatorOption.USE_MULTIPLE_POOLS) ? 3 : 1;
    }
  }
}
