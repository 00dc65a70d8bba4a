// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.service.JitMemConstants;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;

class UpdateStormTest extends KernelsFixture {
  private static final int ROUNDS = 100;

  /// Good ones, and a rejected one among them.
  private static final List<Map<String, Object>> STORM =
      List.of(
          Map.of(JitMemConstants.GRANULARITY, 128),
          Map.of(JitMemConstants.IMMEDIATE_RELEASE, true),
          Map.of(JitMemConstants.GRANULARITY, 96),
          Map.of(JitMemConstants.USE_DUAL_MAPPING, false),
          Map.of(JitMemConstants.FILL_UNUSED_MEMORY, true, JitMemConstants.BLOCK_SIZE, 131072));

  /// SCR 2.2.18 reads the properties first and their change count later, so it may take two updates
  /// that come at almost the same time for one. Nothing hangs on a certain update of a round, and
  /// each round waits for the one before.
  @Test
  void hundredsOfUpdatesDisturbNoUser() throws Throwable {
    Configuration configuration = configurations.factory("kernels", Map.of());
    ServiceReference<?> service = services.await();
    JitRuntime runtime = (JitRuntime) context.getService(service);
    Span held = MachineCode.place(runtime.allocator(), runtime, 4711);
    AtomicBoolean done = new AtomicBoolean();
    CountDownLatch running = new CountDownLatch(1);
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Future<Long> cycles = executor.submit(() -> work(runtime, held, running, done));
      try {
        assertThat(running.await(20, TimeUnit.SECONDS)).isTrue();
        for (int round = 0; round < ROUNDS; round++) {
          for (Map<String, Object> properties : STORM) {
            configurations.update(configuration, properties);
          }
          configurations.awaitDelivery();
        }
        configurations.update(configuration, Map.of(JitMemConstants.GRANULARITY, 256));
        services.await(JitMemConstants.GRANULARITY, 256);
      } finally {
        done.set(true);
      }
      assertThat(cycles.get()).isPositive();
    }
    assertThat(log.warnings()).allMatch(message -> message.contains("jitmem.granularity = 96"));
    assertThat(services.now()).containsExactly(service);
    assertThat(services.events())
        .hasSizeGreaterThan(ROUNDS)
        .doesNotContain(ServiceEvent.UNREGISTERING);
    assertThat(MachineCode.call(runtime, held)).isEqualTo(4711);
    held.close();
    assertThat(runtime.allocator().statistics().spanCount()).isZero();
    assertThat(runtime.allocator().statistics().drainingBytes()).isZero();
    context.ungetService(service);
  }

  private static long work(
      JitRuntime runtime, Span held, CountDownLatch running, AtomicBoolean done) throws Exception {
    JitAllocator allocator = runtime.allocator();
    MethodHandle heldFunction = runtime.bind(held.rx(), MachineCode.TYPE);
    long cycles = 0;
    while (!done.get()) {
      int constant = (int) (cycles & 0xFFFF);
      try (Span span = MachineCode.place(allocator, runtime, constant)) {
        assertThat(MachineCode.call(runtime, span)).isEqualTo(constant);
        assertThat(MachineCode.call(heldFunction)).isEqualTo(4711);
      } catch (Throwable e) {
        throw new AssertionError("In cycle " + cycles, e);
      }
      cycles++;
      running.countDown();
    }
    return cycles;
  }
}
