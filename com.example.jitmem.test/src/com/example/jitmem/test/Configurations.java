// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import com.example.jitmem.api.service.JitMemConstants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/// Configurations that are deleted when a test ends.
final class Configurations {
  /// The name of the allocator that the JSON file of this bundle configures.
  static final String IN_TEST_BUNDLE = "in-test-bundle";

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
    try (AllocatorServices all = AllocatorServices.watch(context, "*")) {
      all.awaitEach(Configurations::isThereWithoutTest);
    }
  }

  private static boolean isThereWithoutTest(ServiceReference<?> service) {
    boolean isUnconfigured = service.getProperty(Constants.SERVICE_PID) == null;
    Object name = service.getProperty(JitMemConstants.NAME);
    return IN_TEST_BUNDLE.equals(name)
        || (JitMemConstants.DEFAULT_NAME.equals(name) && isUnconfigured);
  }
}
