// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.service.JitMemConstants;
import java.util.Dictionary;
import java.util.Map;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.osgi.service.cm.Configuration;

/// A singleton configuration under the factory PID is a mistake. Declarative Services gives it to
/// the component only when there is no factory configuration, and else refuses it by itself.
class SingletonConfigurationTest extends KernelsFixture {
  @Test
  void isRejectedByName() throws Exception {
    try (AllocatorServices inTestBundle =
        AllocatorServices.watch(context, Configurations.IN_TEST_BUNDLE)) {
      Configuration only =
          admin.getFactoryConfiguration(
              JitMemConstants.ALLOCATOR_FACTORY_PID, Configurations.IN_TEST_BUNDLE, "?");
      final Dictionary<String, Object> properties = only.getProperties();
      only.delete();
      inTestBundle.awaitNone();
      configurations.awaitDelivery();

      Configuration singleton =
          configurations.singleton(
              JitMemConstants.ALLOCATOR_FACTORY_PID, Map.of(JitMemConstants.NAME, "kernels"));

      log.await(
          Level.SEVERE,
          JitMemConstants.ALLOCATOR_FACTORY_PID,
          "is a singleton",
          "no service for it");
      assertThat(services.now()).isEmpty();
      configurations.delete(singleton);
      configurations.awaitDelivery();
      admin
          .getFactoryConfiguration(
              JitMemConstants.ALLOCATOR_FACTORY_PID, Configurations.IN_TEST_BUNDLE, "?")
          .update(properties);
      inTestBundle.await();
    }
  }

  @Test
  void changesNothingBesideFactoryConfigurations() throws Exception {
    configurations.factory("kernels", Map.of());
    services.await();

    configurations.singleton(
        JitMemConstants.ALLOCATOR_FACTORY_PID, Map.of(JitMemConstants.GRANULARITY, 256));
    configurations.factory("kernels", Map.of(JitMemConstants.GRANULARITY, 128));

    services.await(JitMemConstants.GRANULARITY, 128);
    assertThat(log.warnings()).isEmpty();
  }
}
