// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.service.JitMemConstants;
import com.example.jitmem.api.virtmem.VirtMem;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;

/// Configurations as forms, files and people write them.
class WrittenConfigurationTest extends KernelsFixture {
  @Test
  void blankFormMakesAnAllocatorWithTheDefaults() throws Exception {
    Configuration configuration = configurations.unnamed(blankForm());
    String identifier =
        configuration.getPid().substring(JitMemConstants.ALLOCATOR_FACTORY_PID.length() + 1);

    try (AllocatorServices unnamed = AllocatorServices.watch(context, identifier)) {
      ServiceReference<?> service = unnamed.await();

      assertThat(service.getProperty(JitMemConstants.GRANULARITY)).isEqualTo(64);
      assertThat(service.getProperty(Constants.SERVICE_RANKING)).isEqualTo(0);
      assertThat(log.warnings()).isEmpty();
    }
  }

  @Test
  void formOfTheDefaultAllocatorWithOneFieldFilledInChangesThatAlone() throws Exception {
    try (AllocatorServices byDefault = AllocatorServices.watch(context, "default")) {
      Map<String, Object> form = blankForm();
      form.put(JitMemConstants.GRANULARITY, "128");

      configurations.singleton(JitMemConstants.DEFAULT_ALLOCATOR_PID, form);

      ServiceReference<?> service = byDefault.await(JitMemConstants.GRANULARITY, 128);
      assertThat(service.getProperty(JitMemConstants.BLOCK_SIZE)).isEqualTo(65536L);
      assertThat(service.getProperty(JitMemConstants.USE_DUAL_MAPPING)).isEqualTo(true);
      assertThat(service.getProperty(Constants.SERVICE_RANKING))
          .isEqualTo(JitMemConstants.DEFAULT_RANKING);
      assertThat(log.warnings()).isEmpty();
    }
  }

  @Test
  void configurationOfAFileIsAllStrings() throws Exception {
    configurations.factory(
        "kernels",
        Map.of(
            JitMemConstants.BLOCK_SIZE, " 131072",
            JitMemConstants.IMMEDIATE_RELEASE, "True",
            Constants.SERVICE_RANKING, "10"));

    ServiceReference<?> service = services.await();
    assertThat(service.getProperty(JitMemConstants.BLOCK_SIZE)).isEqualTo(131072L);
    assertThat(service.getProperty(JitMemConstants.IMMEDIATE_RELEASE)).isEqualTo(true);
    assertThat(service.getProperty(Constants.SERVICE_RANKING)).isEqualTo(10);
    assertThat(context.getServiceReference(JitAllocator.class)).isEqualTo(service);
  }

  @Test
  void propertiesOfTheServiceAreSeenInAnyCase() throws Exception {
    configurations.factory(
        "kernels", Map.of("Service.Ranking", 10, "Service.Description", "For kernels"));

    ServiceReference<?> service = services.await();
    assertThat(service.getProperty(Constants.SERVICE_DESCRIPTION)).isEqualTo("For kernels");
    assertThat(context.getServiceReference(JitAllocator.class)).isEqualTo(service);
  }

  @Test
  void updateChangesTheRanking() throws Exception {
    Configuration configuration =
        configurations.factory("kernels", Map.of(Constants.SERVICE_RANKING, 10));
    services.await(Constants.SERVICE_RANKING, 10);

    configurations.update(configuration, Map.of(Constants.SERVICE_RANKING, ""));

    services.await(Constants.SERVICE_RANKING, 0);
  }

  @Test
  void configurationTargetedAtTheBundleMakesAnAllocator() throws Exception {
    configurations.targeted(provider().getSymbolicName(), "kernels", Map.of());

    services.await();
    assertThat(log.warnings()).isEmpty();
  }

  @Test
  void configurationTargetedAtVersionAndLocationMakesAnAllocator() throws Exception {
    Bundle provider = provider();
    String target =
        provider.getSymbolicName() + "|" + provider.getVersion() + "|" + provider.getLocation();
    configurations.targeted(target, "kernels", Map.of(JitMemConstants.GRANULARITY, "256"));

    services.await(JitMemConstants.GRANULARITY, 256);
    assertThat(log.warnings()).isEmpty();
  }

  @Test
  void configurationOfTheDefaultAllocatorMayBeTargeted() throws Exception {
    try (AllocatorServices byDefault = AllocatorServices.watch(context, "default")) {
      configurations.singleton(
          JitMemConstants.DEFAULT_ALLOCATOR_PID + "|" + provider().getSymbolicName(),
          Map.of(JitMemConstants.GRANULARITY, 128));

      byDefault.await(JitMemConstants.GRANULARITY, 128);
    }
  }

  private Bundle provider() {
    return context.getServiceReference(VirtMem.class).getBundle();
  }

  private static Map<String, Object> blankForm() throws IllegalAccessException {
    Map<String, Object> form = new HashMap<>();
    for (var constant : JitMemConstants.class.getFields()) {
      if (constant.get(null) instanceof String key
          && key.startsWith(JitMemConstants.KEY_PREFIX)
          && !key.equals(JitMemConstants.KEY_PREFIX)) {
        form.put(key, "");
      }
    }
    form.put(Constants.SERVICE_RANKING, "");
    return form;
  }
}
