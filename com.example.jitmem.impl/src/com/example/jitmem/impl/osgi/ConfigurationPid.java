// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import java.util.Map;
import java.util.Objects;
import org.osgi.framework.Constants;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.ComponentConstants;

/// The identity of a configuration.
///
/// A PID may be targeted: symbolic name, version and location of a bundle follow it, each behind a
/// `|` (Configuration Admin 1.6, 104.3.2). That of a factory configuration is the factory PID with
/// its target, a separator and a part of its own.
///
/// @param pid the PID, without a configuration the name of the component
/// @param factoryPid the factory PID, empty for a singleton
record ConfigurationPid(String pid, String factoryPid) {
  private static final char TARGET_SEPARATOR = '|';

  /// Behind the factory PID: `~` and the requested name, or what implementations of
  /// Configuration Admin put before an identifier of their own.
  private static final String NAME_SEPARATORS = "~.-";

  /// Reads the PIDs from the properties of a component.
  static ConfigurationPid of(Map<String, ?> properties) {
    Object component = properties.get(ComponentConstants.COMPONENT_NAME);
    return new ConfigurationPid(
        Objects.toString(properties.get(Constants.SERVICE_PID), Objects.toString(component, "")),
        Objects.toString(properties.get(ConfigurationAdmin.SERVICE_FACTORYPID), ""));
  }

  /// Tells whether this is a configuration of a factory, whatever bundle it is targeted at.
  boolean isOfFactory(String untargetedFactoryPid) {
    int target = factoryPid.indexOf(TARGET_SEPARATOR);
    return untargetedFactoryPid.equals(target < 0 ? factoryPid : factoryPid.substring(0, target));
  }

  /// What tells a factory configuration from others of its factory: the part of its PID behind the
  /// factory PID, or the whole PID if it does not begin with that.
  String name() {
    int length = factoryPid.length();
    boolean hasPart =
        pid.startsWith(factoryPid)
            && pid.length() > length + 1
            && NAME_SEPARATORS.indexOf(pid.charAt(length)) >= 0;
    return hasPart ? pid.substring(length + 1) : pid;
  }
}
