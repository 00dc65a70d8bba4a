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

/// The allocator that exists without any configuration. Any other outranks it.
@Component(
    name = JitMemConstants.DEFAULT_ALLOCATOR_PID,
    service = {},
    immediate = true,
    configurationPid = JitMemConstants.DEFAULT_ALLOCATOR_PID,
    configurationPolicy = ConfigurationPolicy.OPTIONAL)
@Designate(ocd = DefaultAllocatorForm.class)
public final class DefaultAllocatorComponent extends AllocatorComponent {
  /// Called by Declarative Services.
  ///
  /// @param context of this bundle
  /// @param host what allocators share
  /// @param properties the configuration, if there is one
  @Activate
  public DefaultAllocatorComponent(
      BundleContext context, @Reference AllocatorHost host, Map<String, Object> properties) {
    super(new AllocatorService(context, host, ConfigurationParser::parseDefault), properties);
  }
}
