// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.service.JitMemConstants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationListener;

/// Configurations that are deleted when a test ends.
final class Configurations {
  /// The name of the allocator that the JSON file of this bundle configures.
  static final String IN_TEST_BUNDLE = "in-test-bundle";

  private static final String FURTHER_PID = "com.example.jitmem.test.further";
  private static final long TIMEOUT_SECONDS = 20;

  private final BundleContext context;
  private final ConfigurationAdmin admin;
  private final List<Configuration> made = new ArrayList<>();

  Configurations(BundleContext context, ConfigurationAdmin admin) {
    this.context = context;
    this.admin = admin;
  }

  /// Makes a factory configuration.
  ///
  /// @param name the part of the PID behind `~`
  Configuration factory(String name, Map<String, Object> properties) throws IOException {
    return update(
        admin.getFactoryConfiguration(JitMemConstants.ALLOCATOR_FACTORY_PID, name, "?"),
        properties);
  }

  /// Makes a factory configuration whose name Config Admin chooses, as the Web Console does.
  Configuration unnamed(Map<String, Object> properties) throws IOException {
    return update(
        admin.createFactoryConfiguration(JitMemConstants.ALLOCATOR_FACTORY_PID, "?"), properties);
  }

  /// Makes a factory configuration that is meant for one bundle.
  ///
  /// @param target symbolic name, version and location as far as they are given, between `|`
  /// @param name the part of the PID behind `~`
  Configuration targeted(String target, String name, Map<String, Object> properties)
      throws IOException {
    return update(
        admin.getFactoryConfiguration(
            JitMemConstants.ALLOCATOR_FACTORY_PID + "|" + target, name, "?"),
        properties);
  }

  /// Makes a singleton configuration.
  Configuration singleton(String pid, Map<String, Object> properties) throws IOException {
    return update(admin.getConfiguration(pid, "?"), properties);
  }

  /// Changes a configuration.
  Configuration update(Configuration configuration, Map<String, Object> properties)
      throws IOException {
    if (!made.contains(configuration)) {
      made.add(configuration);
    }
    configuration.update(FrameworkUtil.asDictionary(properties));
    return configuration;
  }

  /// Deletes a configuration.
  void delete(Configuration configuration) throws IOException {
    made.remove(configuration);
    configuration.delete();
  }

  /// Deletes all configurations and waits until what they made is gone.
  void deleteAll() throws Exception {
    for (Configuration configuration : made) {
      configuration.delete();
    }
    awaitDelivery();
  }

  /// Waits until every listener has acted on all changes so far. Config Admin delivers one change
  /// after the other, so that is when a further one arrives.
  void awaitDelivery() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    ConfigurationListener listener =
        event -> {
          if (event.getPid().equals(FURTHER_PID)) {
            arrived.countDown();
          }
        };
    ServiceRegistration<?> registration =
        context.registerService(ConfigurationListener.class, listener, null);
    try {
      Configuration further = admin.getConfiguration(FURTHER_PID, "?");
      further.update(FrameworkUtil.asDictionary(Map.of()));
      further.delete();
      assertThat(arrived.await(TIMEOUT_SECONDS, TimeUnit.SECONDS)).isTrue();
    } finally {
      registration.unregister();
    }
  }
}
