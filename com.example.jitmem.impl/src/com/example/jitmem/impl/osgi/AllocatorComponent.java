// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import java.util.Map;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;

/// Common behaviour of the components of both PIDs. They register the services themselves, see
/// [AllocatorService], because Declarative Services would publish the values of rejected
/// configurations.
abstract class AllocatorComponent {
  private final AllocatorService service;

  AllocatorComponent(AllocatorService service, Map<String, Object> properties) {
    this.service = service;
    service.configure(properties);
  }

  /// Called by Declarative Services.
  ///
  /// @param properties the configuration, if there is one
  @Modified
  final void configure(Map<String, Object> properties) {
    service.configure(properties);
  }

  /// Called by Declarative Services.
  @Deactivate
  final void close() {
    service.close();
  }
}
