// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.service.JitMemConstants;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.osgi.framework.Constants;

/// Turns the properties of a component into the settings of an allocator, or reports everything
/// that is wrong with them.
final class ConfigurationParser {
  /// Properties of a component that are not published (Declarative Services).
  private static final String PRIVATE_PREFIX = ".";

  private static final int FACTORY_RANKING = 0;

  private ConfigurationParser() {}

  /// Reads a configuration of [JitMemConstants#DEFAULT_ALLOCATOR_PID]; an empty map is one.
  ///
  /// @param properties the properties of the component
  /// @return the settings
  /// @throws RejectedConfigurationException if anything in it is wrong
  static AllocatorSettings parseDefault(Map<String, ?> properties)
      throws RejectedConfigurationException {
    ConfigurationValues values = new ConfigurationValues(properties);
    String name = values.name();
    if (name != null && !name.equals(JitMemConstants.DEFAULT_NAME)) {
      values.reject(
          JitMemConstants.NAME
              + " = "
              + LogText.shown(name)
              + ": the allocator of "
              + JitMemConstants.DEFAULT_ALLOCATOR_PID
              + " is always named "
              + JitMemConstants.DEFAULT_NAME);
    }
    int ranking = values.ranking(JitMemConstants.DEFAULT_RANKING);
    return parse(values, JitMemConstants.DEFAULT_NAME, ranking, properties);
  }

  /// Reads a factory configuration of [JitMemConstants#ALLOCATOR_FACTORY_PID].
  ///
  /// @param properties the properties of the component
  /// @return the settings
  /// @throws RejectedConfigurationException if anything in it is wrong
  static AllocatorSettings parseFactory(Map<String, ?> properties)
      throws RejectedConfigurationException {
    ConfigurationPid pid = ConfigurationPid.of(properties);
    if (!pid.isOfFactory(JitMemConstants.ALLOCATOR_FACTORY_PID)) {
      throw new RejectedConfigurationException(
          "The configuration "
              + LogText.abbreviate(pid.pid())
              + " is a singleton, and keeps factory configurations out: delete it, an allocator"
              + " needs a factory configuration such as "
              + JitMemConstants.ALLOCATOR_FACTORY_PID
              + "~name");
    }
    ConfigurationValues values = new ConfigurationValues(properties);
    String given = values.name();
    String name = given == null ? pid.name() : given;
    values.checkName(name);
    if (JitMemConstants.DEFAULT_NAME.equals(name)) {
      values.reject(
          JitMemConstants.NAME
              + " = "
              + LogText.shown(name)
              + " is the name of the allocator that is always there: choose another");
    }
    return parse(values, name, values.ranking(FACTORY_RANKING), properties);
  }

  private static AllocatorSettings parse(
      ConfigurationValues values, String name, int ranking, Map<String, ?> properties)
      throws RejectedConfigurationException {
    Set<JitAllocatorOption> options = parseOptions(values);
    String fillPattern = parseFillPattern(values, options);
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
    Map<String, Object> published = published(properties);
    published.put(Constants.SERVICE_RANKING, ranking);
    published.put(JitMemConstants.NAME, name);
    publish(published, parameters, fillPattern);
    return new AllocatorSettings(name, parameters, published);
  }

  private static Set<JitAllocatorOption> parseOptions(ConfigurationValues values) {
    Set<JitAllocatorOption> options = EnumSet.noneOf(JitAllocatorOption.class);
    AllocatorKeys.OPTIONS.forEach(
        (key, option) -> {
          if (values.flag(key, JitAllocatorParameters.defaults().hasOption(option))) {
            options.add(option);
          }
        });
    if (options.contains(JitAllocatorOption.ALIGN_BLOCK_SIZE_TO_LARGE_PAGE)
        && !options.contains(JitAllocatorOption.USE_LARGE_PAGES)) {
      values.reject(
          JitMemConstants.ALIGN_BLOCK_SIZE_TO_LARGE_PAGE
              + " = true needs "
              + JitMemConstants.USE_LARGE_PAGES
              + " = true");
    }
    return options;
  }

  private static String parseFillPattern(
      ConfigurationValues values, Set<JitAllocatorOption> options) {
    String pattern = values.fillPattern(JitMemConstants.FILL_PATTERN);
    if (!pattern.isEmpty() && !options.contains(JitAllocatorOption.FILL_UNUSED_MEMORY)) {
      values.reject(
          JitMemConstants.FILL_PATTERN
              + " = "
              + LogText.shown(pattern)
              + " needs "
              + JitMemConstants.FILL_UNUSED_MEMORY
              + " = true");
    }
    return pattern;
  }

  /// The properties of a configuration that are not ours, and the descriptions of the service that
  /// it does not override. Configurations and frameworks do not distinguish the case of keys.
  private static Map<String, Object> published(Map<String, ?> given) {
    Map<String, Object> published = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    published.putAll(given);
    published.keySet().removeIf(key -> key.startsWith(PRIVATE_PREFIX));
    published.remove(Constants.SERVICE_RANKING);
    published.putIfAbsent(Constants.SERVICE_DESCRIPTION, AllocatorHost.SERVICE_DESCRIPTION);
    published.putIfAbsent(Constants.SERVICE_VENDOR, AllocatorHost.SERVICE_VENDOR);
    return published;
  }

  private static void publish(
      Map<String, Object> published, JitAllocatorParameters parameters, String fillPattern) {
    AllocatorKeys.OPTIONS.forEach(
        (key, option) -> published.put(key, parameters.hasOption(option)));
    published.put(JitMemConstants.FILL_PATTERN, fillPattern);
    published.put(JitMemConstants.BLOCK_SIZE, parameters.blockByteSize());
    published.put(JitMemConstants.GRANULARITY, parameters.granuleByteSize());
  }
}
