// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import com.example.jitmem.api.service.JitMemConstants;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/// An allocator for each factory configuration.
@Component(
    name = JitMemConstants.ALLOCATOR_FACTORY_PID,
    service = {},
    immediate = true,
    configurationPid = JitMemConstants.ALLOCATOR_FACTORY_PID,
    configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = FactoryAllocatorForm.class, factory = true)
public final class FactoryAllocatorComponent extends AllocatorComponent {
  /// Called by Declarative Services.
  ///
  /// @param context of this bundle
  /// @param host what allocators share
  /// @param properties the configuration
  @Activate
  public FactoryAllocatorComponent(
      BundleContext context, @Reference AllocatorHost host, Map<String, Object> properties) {
    super(new AllocatorService(context, host, ConfigurationParser::parseFactory), properties);
  }
}
