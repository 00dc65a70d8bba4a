// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// The settings of a valid configuration.
///
/// Objects are immutable.
///
/// @param name the name of the allocator
/// @param parameters the parameters of the allocator
/// @param serviceProperties the value of every key, given or default, and whatever else the
///     configuration holds that the framework publishes
record AllocatorSettings(
    String name, JitAllocatorParameters parameters, Map<String, Object> serviceProperties) {

  /// Copies the service properties.
  AllocatorSettings {
    serviceProperties = Collections.unmodifiableMap(new TreeMap<>(serviceProperties));
  }
}
