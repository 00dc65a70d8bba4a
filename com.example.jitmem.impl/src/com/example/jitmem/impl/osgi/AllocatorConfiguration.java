// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.service.JitMemConstants;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Constants;
import org.osgi.service.cm.ConfigurationAdmin;

/// A configuration that was found good.
///
/// Objects are immutable.
///
/// @param name the name of the allocator
/// @param parameters what the allocator is created with
/// @param serviceProperties the value of every key, given or default, and whatever else the
///     configuration holds that the framework publishes
record AllocatorConfiguration(
    String name, JitAllocatorParameters parameters, Map<String, Object> serviceProperties) {

  /// Separates the factory PID from the name in the PID of a factory configuration (Configuration
  /// Admin 1.6).
  private static final char NAME_SEPARATOR = '~';

  /// Properties of a component that are not published (Declarative Services).
  private static final String PRIVATE_PREFIX = ".";

  /// Copies the service properties.
  AllocatorConfiguration {
    serviceProperties = Collections.unmodifiableMap(new TreeMap<>(serviceProperties));
  }

  /// Reads a configuration of [JitMemConstants#DEFAULT_ALLOCATOR_PID]; an empty map is one.
  ///
  /// @param properties the properties of the component
  /// @return the configuration
  /// @throws RejectedConfigurationException if anything in it is wrong
  static AllocatorConfiguration ofDefault(Map<String, ?> properties)
      throws RejectedConfigurationException {
    ConfigurationReader reader = new ConfigurationReader(properties);
    String name = reader.text(JitMemConstants.NAME);
    if (name != null && !name.equals(JitMemConstants.DEFAULT_NAME)) {
      reader.reject(
          JitMemConstants.NAME
              + " = \""
              + name
              + "\": the allocator of "
              + JitMemConstants.DEFAULT_ALLOCATOR_PID
              + " is always named "
              + JitMemConstants.DEFAULT_NAME);
    }
    return read(reader, JitMemConstants.DEFAULT_NAME, properties);
  }

  /// Reads a factory configuration of [JitMemConstants#ALLOCATOR_FACTORY_PID].
  ///
  /// @param properties the properties of the component
  /// @return the configuration
  /// @throws RejectedConfigurationException if anything in it is wrong
  static AllocatorConfiguration ofFactory(Map<String, ?> properties)
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
    ConfigurationReader reader = new ConfigurationReader(properties);
    String name = reader.text(JitMemConstants.NAME);
    if (!properties.containsKey(JitMemConstants.NAME)) {
      name = nameIn(String.valueOf(pid));
      if (name == null) {
        reader.reject(
            JitMemConstants.NAME + " is missing, and the PID " + pid + " has no part behind ~");
      }
    }
    if (JitMemConstants.DEFAULT_NAME.equals(name)) {
      reader.reject(
          JitMemConstants.NAME
              + " = \""
              + name
              + "\" is the name of the allocator that is always there: choose another");
    }
    return read(reader, name == null ? "" : name, properties);
  }

  private static AllocatorConfiguration read(
      ConfigurationReader reader, String name, Map<String, ?> properties)
      throws RejectedConfigurationException {
    Set<JitAllocatorOption> options = readOptions(reader);
    String fillPattern = readFillPattern(reader, options);
    JitAllocatorParameters defaults = JitAllocatorParameters.defaults();
    long blockSize =
        reader.powerOfTwo(
            JitMemConstants.BLOCK_SIZE,
            defaults.blockByteSize(),
            JitAllocatorParameters.MIN_BLOCK_BYTE_SIZE,
            JitAllocatorParameters.MAX_BLOCK_BYTE_SIZE);
    long granularity =
        reader.powerOfTwo(
            JitMemConstants.GRANULARITY,
            defaults.granuleByteSize(),
            JitAllocatorParameters.MIN_GRANULE_BYTE_SIZE,
            JitAllocatorParameters.MAX_GRANULE_BYTE_SIZE);
    reader.check();
    JitAllocatorParameters parameters =
        defaults
            .withOptions(options)
            .withBlockByteSize(blockSize)
            .withGranuleByteSize(Math.toIntExact(granularity));
    if (!fillPattern.isEmpty()) {
      parameters = parameters.withFillPattern(Integer.parseUnsignedInt(fillPattern, 16));
    }
    return new AllocatorConfiguration(
        name, parameters, serviceProperties(properties, name, parameters, fillPattern));
  }

  private static Set<JitAllocatorOption> readOptions(ConfigurationReader reader) {
    Set<JitAllocatorOption> options = EnumSet.noneOf(JitAllocatorOption.class);
    AllocatorKeys.OPTIONS.forEach(
        (key, option) -> {
          if (reader.flag(key, JitAllocatorParameters.defaults().hasOption(option))) {
            options.add(option);
          }
        });
    return options;
  }

  private static String readFillPattern(
      ConfigurationReader reader, Set<JitAllocatorOption> options) {
    String pattern = reader.fillPattern(JitMemConstants.FILL_PATTERN);
    if (!pattern.isEmpty() && !options.contains(JitAllocatorOption.FILL_UNUSED_MEMORY)) {
      reader.reject(
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
