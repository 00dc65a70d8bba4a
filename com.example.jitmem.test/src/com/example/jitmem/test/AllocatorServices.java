// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.service.JitMemConstants;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;

/// Watches the service of the allocator with a name.
final class AllocatorServices implements ServiceListener, AutoCloseable {
  private static final long TIMEOUT_SECONDS = 20;

  private final BundleContext context;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<ServiceReference<?>> references = new LinkedHashSet<>();
  private final List<Integer> events = new ArrayList<>();

  private AllocatorServices(BundleContext context) {
    this.context = context;
  }

  /// Begins to watch.
  ///
  /// @param name the `jitmem.name`
  static AllocatorServices watch(BundleContext context, String name) throws InvalidSyntaxException {
    AllocatorServices services = new AllocatorServices(context);
    String ofAllocator = "(" + Constants.OBJECTCLASS + "=" + JitAllocator.class.getName() + ")";
    context.addServiceListener(services, "(&" + ofAllocator + filter(name) + ")");
    services.lock.lock();
    try {
      services.references.addAll(context.getServiceReferences(JitAllocator.class, filter(name)));
    } finally {
      services.lock.unlock();
    }
    return services;
  }

  /// The filter that selects services by the name of their allocator.
  static String filter(String name) {
    return "(" + JitMemConstants.NAME + "=" + name + ")";
  }

  /// Waits until the service is there.
  ServiceReference<?> await() throws InterruptedException {
    return awaitState(present -> !present.isEmpty()).iterator().next();
  }

  /// Waits until the service is there with a property.
  ServiceReference<?> await(String key, Object value) throws InterruptedException {
    return awaitState(
            present -> present.stream().anyMatch(service -> value.equals(service.getProperty(key))))
        .iterator()
        .next();
  }

  /// Waits until the service is gone.
  void awaitNone() throws InterruptedException {
    awaitState(Set::isEmpty);
  }

  /// The services of the moment.
  Set<ServiceReference<?>> now() {
    lock.lock();
    try {
      return Set.copyOf(references);
    } finally {
      lock.unlock();
    }
  }

  /// The types of all events so far.
  List<Integer> events() {
    lock.lock();
    try {
      return List.copyOf(events);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void serviceChanged(ServiceEvent event) {
    lock.lock();
    try {
      events.add(event.getType());
      if (event.getType() == ServiceEvent.UNREGISTERING) {
        references.remove(event.getServiceReference());
      } else {
        references.add(event.getServiceReference());
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    context.removeServiceListener(this);
  }

  private Set<ServiceReference<?>> awaitState(Predicate<Set<ServiceReference<?>>> condition)
      throws InterruptedException {
    long nanos = TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    lock.lock();
    try {
      while (!condition.test(references)) {
        assertThat(nanos).as("Time left while the services are %s", references).isPositive();
        nanos = changed.awaitNanos(nanos);
      }
      return Set.copyOf(references);
    } finally {
      lock.unlock();
    }
  }
}
