// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.service.JitMemConstants;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Constants;
import org.osgi.service.cm.ConfigurationAdmin;

/// Turns the properties of a component into the settings of an allocator, or says everything that
/// is wrong with them.
final class ConfigurationParser {
  /// Separates the factory PID from the name in the PID of a factory configuration (Configuration
  /// Admin 1.6).
  private static final char NAME_SEPARATOR = '~';

  /// Properties of a component that are not published (Declarative Services).
  private static final String PRIVATE_PREFIX = ".";

  private ConfigurationParser() {}

  /// Reads a configuration of [JitMemConstants#DEFAULT_ALLOCATOR_PID]; an empty map is one.
  ///
  /// @param properties the properties of the component
  /// @return the settings
  /// @throws RejectedConfigurationException if anything in it is wrong
  static AllocatorSettings parseDefault(Map<String, ?> properties)
      throws RejectedConfigurationException {
    ConfigurationValues values = new ConfigurationValues(properties);
    String name = values.text(JitMemConstants.NAME);
    if (name != null && !name.equals(JitMemConstants.DEFAULT_NAME)) {
      values.reject(
          JitMemConstants.NAME
              + " = \""
              + name
              + "\": the allocator of "
              + JitMemConstants.DEFAULT_ALLOCATOR_PID
              + " is always named "
              + JitMemConstants.DEFAULT_NAME);
    }
    return read(values, JitMemConstants.DEFAULT_NAME, properties);
  }

  /// Reads a factory configuration of [JitMemConstants#ALLOCATOR_FACTORY_PID].
  ///
  /// @param properties the properties of the component
  /// @return the settings
  /// @throws RejectedConfigurationException if anything in it is wrong
  static AllocatorSettings parseFactory(Map<String, ?> properties)
      throws RejectedConfigurationException {
    Object pid = properties.get(Constants.SERVICE_PID);
    if (!JitMemConstants.ALLOCATOR_FACTORY_PID.equals(
        properties.get(ConfigurationAdmin.SERVICE_FACTORYPID))) {
      throw new RejectedConfigurationException(
          "The configuration "
              + pid
              + " is a singleton, and keeps factory configurations out: delete it, an allocator"
              + " needs a factory configuration such as "
              + JitMemConstants.ALLOCATOR_FACTORY_PID
              + NAME_SEPARATOR
              + "name");
    }
    ConfigurationValues values = new ConfigurationValues(properties);
    String name = values.text(JitMemConstants.NAME);
    if (!properties.containsKey(JitMemConstants.NAME)) {
      name = nameIn(String.valueOf(pid));
      if (name == null) {
        values.reject(
            JitMemConstants.NAME + " is missing, and the PID " + pid + " has no part behind ~");
      }
    }
    if (JitMemConstants.DEFAULT_NAME.equals(name)) {
      values.reject(
          JitMemConstants.NAME
              + " = \""
              + name
              + "\" is the name of the allocator that is always there: choose another");
    }
    return read(values, name == null ? "" : name, properties);
  }

  private static AllocatorSettings read(
      ConfigurationValues values, String name, Map<String, ?> properties)
      throws RejectedConfigurationException {
    Set<JitAllocatorOption> options = readOptions(values);
    String fillPattern = readFillPattern(values, options);
    JitAllocatorParameters defaults = JitAllocatorParameters.defaults();
    long blockSize =
        values.powerOfTwo(
            JitMemConstants.BLOCK_SIZE,
            defaults.blockByteSize(),
            JitAllocatorParameters.MIN_BLOCK_BYTE_SIZE,
            JitAllocatorParameters.MAX_BLOCK_BYTE_SIZE);
    long granularity =
        values.powerOfTwo(
            JitMemConstants.GRANULARITY,
            defaults.granuleByteSize(),
            JitAllocatorParameters.MIN_GRANULE_BYTE_SIZE,
            JitAllocatorParameters.MAX_GRANULE_BYTE_SIZE);
    values.check();
    JitAllocatorParameters parameters =
        defaults
            .withOptions(options)
            .withBlockByteSize(blockSize)
            .withGranuleByteSize(Math.toIntExact(granularity));
    if (!fillPattern.isEmpty()) {
      parameters = parameters.withFillPattern(Integer.parseUnsignedInt(fillPattern, 16));
    }
    return new AllocatorSettings(
        name, parameters, serviceProperties(properties, name, parameters, fillPattern));
  }

  private static Set<JitAllocatorOption> readOptions(ConfigurationValues values) {
    Set<JitAllocatorOption> options = EnumSet.noneOf(JitAllocatorOption.class);
    AllocatorKeys.OPTIONS.forEach(
        (key, option) -> {
          if (values.flag(key, JitAllocatorParameters.defaults().hasOption(option))) {
            options.add(option);
          }
        });
    return options;
  }

  private static String readFillPattern(
      ConfigurationValues values, Set<JitAllocatorOption> options) {
    String pattern = values.fillPattern(JitMemConstants.FILL_PATTERN);
    if (!pattern.isEmpty() && !options.contains(JitAllocatorOption.FILL_UNUSED_MEMORY)) {
      values.reject(
          JitMemConstants.FILL_PATTERN
              + " = \""
              + pattern
              + "\" needs "
              + JitMemConstants.FILL_UNUSED_MEMORY
              + " = true");
    }
    return pattern;
  }

  private static Map<String, Object> serviceProperties(
      Map<String, ?> given, String name, JitAllocatorParameters parameters, String fillPattern) {
    Map<String, Object> published = new TreeMap<>(given);
    published.keySet().removeIf(key -> key.startsWith(PRIVATE_PREFIX));
    published.put(JitMemConstants.NAME, name);
    AllocatorKeys.OPTIONS.forEach(
        (key, option) -> published.put(key, parameters.hasOption(option)));
    published.put(JitMemConstants.FILL_PATTERN, fillPattern);
    published.put(JitMemConstants.BLOCK_SIZE, parameters.blockByteSize());
    published.put(JitMemConstants.GRANULARITY, parameters.granuleByteSize());
    return published;
  }

  private static @Nullable String nameIn(String pid) {
    int separator = pid.indexOf(NAME_SEPARATOR);
    String name = separator < 0 ? "" : pid.substring(separator + 1);
    return name.isBlank() ? null : name;
  }
}
