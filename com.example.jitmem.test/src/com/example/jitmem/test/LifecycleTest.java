// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.runtime.JitRuntimeFactory;
import com.example.jitmem.api.virtmem.VirtMem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.test.common.annotation.InjectBundleContext;

class LifecycleTest {
  private static final List<Class<?>> SERVICES =
      List.of(
          VirtMem.class,
          JitAllocator.class,
          JitRuntime.class,
          JitAllocatorFactory.class,
          JitRuntimeFactory.class);

  private static final int REDEPLOYMENTS = 10;

  @InjectBundleContext BundleContext context;

  private LogRecorder log;
  private AllocatorServices services;
  private Bundle provider;

  @BeforeEach
  void begin() throws Exception {
    log = LogRecorder.start();
    services = AllocatorServices.watch(context, "default");
    provider = services.await().getBundle();
  }

  @AfterEach
  void startAgain() throws Exception {
    provider.start();
    try (AllocatorServices inTestBundle =
        AllocatorServices.watch(context, Configurations.IN_TEST_BUNDLE)) {
      inTestBundle.await();
    }
    services.close();
    log.close();
  }

  @Test
  void stoppedProviderLeavesNoServiceAndNoMappingAndStartsAgain() throws Throwable {
    assertThat(placeAndCall(services.await(), 1)).isEqualTo(1);
    assertThat(OwnMappings.lines()).isNotEmpty();

    provider.stop();

    for (Class<?> type : SERVICES) {
      assertThat(context.getServiceReference(type)).as(type.getName()).isNull();
    }
    assertThat(OwnMappings.lines()).isEmpty();
    assertThat(log.warnings()).isEmpty();

    provider.start();

    assertThat(placeAndCall(services.await(), 2)).isEqualTo(2);
    for (Class<?> type : SERVICES) {
      assertThat(context.getServiceReference(type)).as(type.getName()).isNotNull();
    }
  }

  @Test
  void redeployedProviderLeavesNoThreadAndNoWarningOfATickThatWasDue() throws Exception {
    for (int i = 0; i < REDEPLOYMENTS; i++) {
      JitAllocator allocator = (JitAllocator) context.getService(services.await());
      List<Span> spans = new ArrayList<>();
      for (int block = 0; block < 20; block++) {
        spans.add(allocator.alloc(allocator.parameters().blockByteSize()));
      }
      spans.forEach(Span::close);
      provider.stop();
      assertThat(OwnMappings.lines()).isEmpty();
      for (Thread thread : purgeThreads()) {
        thread.join();
      }
      provider.update();
      provider.start();
    }
    assertThat(log.warnings()).isEmpty();
  }

  private static List<Thread> purgeThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("jitmem purge"))
        .toList();
  }

  @Test
  void codeThatIsHeldOutlivesTheProvider() throws Throwable {
    ServiceReference<?> service = services.await();
    JitRuntime runtime = (JitRuntime) context.getService(service);
    Span span = MachineCode.place(runtime.allocator(), runtime, 77);

    provider.stop();

    log.await(Level.WARNING, "default", context.getBundle().getSymbolicName(), "1 spans");
    assertThat(MachineCode.call(runtime, span)).isEqualTo(77);
    assertThat(OwnMappings.isOwn(span.rx().address())).isTrue();
    span.close();
    assertThat(OwnMappings.lines()).isEmpty();
  }

  @Test
  void bothServicesAreOneRegistration() {
    ServiceReference<?>[] services = provider.getRegisteredServices();

    assertThat(Arrays.stream(services).filter(service -> offers(service, JitAllocator.class)))
        .isNotEmpty()
        .allMatch(service -> offers(service, JitRuntime.class));
  }

  private static boolean offers(ServiceReference<?> service, Class<?> type) {
    return List.of((String[]) service.getProperty("objectClass")).contains(type.getName());
  }

  private int placeAndCall(ServiceReference<?> service, int constant) throws Throwable {
    JitRuntime runtime = (JitRuntime) context.getService(service);
    try (Span span = MachineCode.place(runtime.allocator(), runtime, constant)) {
      return MachineCode.call(runtime, span);
    } finally {
      context.ungetService(service);
    }
  }
}
