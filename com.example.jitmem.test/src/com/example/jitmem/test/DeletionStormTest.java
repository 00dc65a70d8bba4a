// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocator;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;

/// A bundle that asks for an allocator whose configuration is deleted at that moment.
class DeletionStormTest extends KernelsFixture {
  private static final int DELETIONS = 100;
  private static final long TIMEOUT_SECONDS = 60;

  @Test
  void serviceOfADeletedConfigurationIsNoErrorOfTheFramework() throws Exception {
    Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
    FrameworkListener listener =
        event -> {
          if (event.getType() == FrameworkEvent.ERROR) {
            errors.add(event.getThrowable());
          }
        };
    context.addFrameworkListener(listener);
    AtomicBoolean isOver = new AtomicBoolean();
    try (ConsumerBundle consumer = ConsumerBundle.start(context, "test.asking")) {
      BundleContext asking = consumer.bundle().getBundleContext();
      FutureTask<Integer> asks = new FutureTask<>(() -> ask(asking, isOver));
      Thread.ofPlatform().start(asks);
      for (int i = 0; i < DELETIONS; i++) {
        Configuration configuration = configurations.factory("kernels", Map.of());
        services.await();
        configurations.delete(configuration);
        services.awaitNone();
      }
      isOver.set(true);

      assertThat(asks.get(TIMEOUT_SECONDS, TimeUnit.SECONDS)).isPositive();
      assertThat(errors).isEmpty();
    } finally {
      isOver.set(true);
      context.removeFrameworkListener(listener);
    }
  }

  /// Asks until it is over.
  ///
  /// @return how often an allocator was there
  private static int ask(BundleContext asking, AtomicBoolean isOver) throws Exception {
    int answers = 0;
    while (!isOver.get()) {
      for (ServiceReference<JitAllocator> service :
          asking.getServiceReferences(JitAllocator.class, AllocatorServices.filter("kernels"))) {
        JitAllocator allocator = asking.getService(service);
        if (allocator != null) {
          answers++;
          allocator.statistics();
          try {
            allocator.alloc(8).close();
          } catch (IllegalStateException ended) {
            assertThat(ended).hasMessageContaining("ended");
          }
          asking.ungetService(service);
        }
      }
    }
    return answers;
  }
}
