// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.service.JitMemConstants;
import java.util.Map;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;

class ConfigurationTest extends KernelsFixture {
  @Test
  void configurationMakesAnAllocatorWithItsParameters() throws Exception {
    configurations.factory(
        "kernels", Map.of(JitMemConstants.BLOCK_SIZE, 1L << 20, "colour", "red"));

    ServiceReference<?> service = services.await();
    JitAllocator allocator = (JitAllocator) context.getService(service);

    assertThat(allocator.requestedParameters())
        .isEqualTo(JitAllocatorParameters.defaults().withBlockByteSize(1L << 20));
    assertThat(service.getProperty(JitMemConstants.BLOCK_SIZE)).isEqualTo(1L << 20);
    assertThat(service.getProperty(JitMemConstants.GRANULARITY)).isEqualTo(64);
    assertThat(service.getProperty("colour")).isEqualTo("red");
    assertThat(service.getProperty(Constants.SERVICE_PID))
        .isEqualTo(JitMemConstants.ALLOCATOR_FACTORY_PID + "~kernels");
    context.ungetService(service);
    log.await(Level.INFO, "kernels", "DualMapped");
    assertThat(log.warnings()).isEmpty();
  }

  @Test
  void nameCanDifferFromThePid() throws Exception {
    configurations.factory("whatever", Map.of(JitMemConstants.NAME, "kernels"));

    assertThat(services.await().getProperty(Constants.SERVICE_PID))
        .isEqualTo(JitMemConstants.ALLOCATOR_FACTORY_PID + "~whatever");
  }

  @Test
  void rankingOfAConfigurationIsThatOfItsService() throws Exception {
    configurations.factory("kernels", Map.of(Constants.SERVICE_RANKING, 10));
    services.await();

    assertThat(context.getServiceReference(JitRuntime.class).getProperty(JitMemConstants.NAME))
        .isEqualTo("kernels");
  }

  @Test
  void updateKeepsTheServiceAndHeldCodeAndNewSpansFollowIt() throws Throwable {
    Configuration configuration = configurations.factory("kernels", Map.of());
    ServiceReference<?> service = services.await();
    JitRuntime runtime = (JitRuntime) context.getService(service);
    JitAllocator allocator = runtime.allocator();
    Span held = MachineCode.place(allocator, runtime, 1);
    final long address = held.rx().address();

    configurations.update(configuration, Map.of(JitMemConstants.GRANULARITY, 256));
    assertThat(services.await(JitMemConstants.GRANULARITY, 256)).isEqualTo(service);
    Span afterUpdate = MachineCode.place(allocator, runtime, 2);
    assertThat(afterUpdate.byteSize()).isEqualTo(256);
    assertThat(held.byteSize()).isEqualTo(64);
    assertThat(MachineCode.call(runtime, held)).isEqualTo(1);
    assertThat(held.rx().address()).isEqualTo(address);

    configurations.update(configuration, Map.of());
    assertThat(services.await(JitMemConstants.GRANULARITY, 64)).isEqualTo(service);
    Span afterReturn = MachineCode.place(allocator, runtime, 3);
    assertThat(afterReturn.byteSize()).isEqualTo(64);
    assertThat(MachineCode.call(runtime, held)).isEqualTo(1);
    assertThat(MachineCode.call(runtime, afterUpdate)).isEqualTo(2);
    assertThat(MachineCode.call(runtime, afterReturn)).isEqualTo(3);
    assertThat(allocator.statistics().ownSpanCount()).isEqualTo(3);

    held.close();
    afterUpdate.close();
    afterReturn.close();
    assertThat(allocator.statistics().ownSpanCount()).isZero();
    assertThat(allocator.statistics().drainingBytes()).isZero();
    configurations.awaitDelivery();
    assertThat(services.events())
        .containsExactly(ServiceEvent.REGISTERED, ServiceEvent.MODIFIED, ServiceEvent.MODIFIED);
    context.ungetService(service);
  }

  @Test
  void deletingAConfigurationEndsTheServiceAndNotTheCode() throws Throwable {
    Configuration configuration = configurations.factory("kernels", Map.of());
    ServiceReference<?> service = services.await();
    JitRuntime runtime = (JitRuntime) context.getService(service);
    JitAllocator allocator = runtime.allocator();
    Span held = MachineCode.place(allocator, runtime, 17);
    final long address = held.rx().address();

    configurations.delete(configuration);
    services.awaitNone();

    log.await(
        Level.WARNING, "kernels", context.getBundle().getSymbolicName(), "1 spans", "64 bytes");
    assertThat(MachineCode.call(runtime, held)).isEqualTo(17);
    assertThat(OwnMappings.isOwn(address)).isTrue();
    assertThatIllegalStateException().isThrownBy(() -> allocator.alloc(8));
    held.close();
    assertThat(OwnMappings.isOwn(address)).as("Unmapped with the last span").isFalse();
  }

  @Test
  void configurationThatComesBackMakesANewAllocator() throws Exception {
    Configuration configuration = configurations.factory("kernels", Map.of());
    ServiceReference<?> first = services.await();
    configurations.delete(configuration);
    services.awaitNone();

    configurations.factory("kernels", Map.of());

    assertThat(services.await()).isNotEqualTo(first);
  }

  @Test
  void defaultAllocatorIsThereBeforeWithAndAfterItsConfiguration() throws Throwable {
    try (AllocatorServices byDefault = AllocatorServices.watch(context, "default")) {
      ServiceReference<?> service = byDefault.await();
      JitRuntime runtime = (JitRuntime) context.getService(service);
      Span held = MachineCode.place(runtime.allocator(), runtime, 5);

      Configuration configuration =
          configurations.singleton(
              JitMemConstants.DEFAULT_ALLOCATOR_PID, Map.of(JitMemConstants.GRANULARITY, 128));
      assertThat(byDefault.await(JitMemConstants.GRANULARITY, 128)).isEqualTo(service);
      assertThat(runtime.allocator().parameters().granuleByteSize()).isEqualTo(128);
      assertThat(MachineCode.call(runtime, held)).isEqualTo(5);
      assertThat(service.getProperty(Constants.SERVICE_RANKING))
          .isEqualTo(JitMemConstants.DEFAULT_RANKING);

      configurations.delete(configuration);
      assertThat(byDefault.await(JitMemConstants.GRANULARITY, 64)).isEqualTo(service);
      assertThat(runtime.allocator().requestedParameters())
          .isEqualTo(JitAllocatorParameters.defaults());
      assertThat(MachineCode.call(runtime, held)).isEqualTo(5);
      held.close();
      configurations.awaitDelivery();
      assertThat(byDefault.events()).containsExactly(ServiceEvent.MODIFIED, ServiceEvent.MODIFIED);
      context.ungetService(service);
    }
  }
}
