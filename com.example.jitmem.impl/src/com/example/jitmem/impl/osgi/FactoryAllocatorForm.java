// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import com.example.jitmem.api.service.JitMemConstants;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/// The form of the configurations that make one more allocator each.
@ObjectClassDefinition(
    name = "JIT allocator",
    description =
        "One more allocator of executable memory for generated code, as the services JitAllocator"
            + " and JitRuntime.")
interface FactoryAllocatorForm extends AllocatorForm {
  /// What the Web Console shows a configuration as. It is no value of a configuration.
  @AttributeDefinition(
      name = "Name hint",
      description = "What the Web Console shows a configuration as.",
      defaultValue = "{" + JitMemConstants.NAME + "}",
      required = false)
  String webconsole_configurationFactory_nameHint();

  /// The key [JitMemConstants#NAME].
  @AttributeDefinition(
      name = "Name",
      description =
          "The name to select the services by, at most "
              + ConfigurationValues.MAX_NAME_LENGTH
              + " characters. It is unique and does not change while the configuration lives. Empty"
              + " for the part of the PID behind "
              + JitMemConstants.ALLOCATOR_FACTORY_PID
              + " and a separator.",
      max = "" + ConfigurationValues.MAX_NAME_LENGTH,
      required = false)
  String jitmem_name();

  /// The key `service.ranking`.
  @AttributeDefinition(
      name = "Service ranking",
      description =
          "A reference that names no allocator gets the one with the highest ranking."
              + " Empty for 0, which is above that of the default allocator ("
              + JitMemConstants.DEFAULT_RANKING
              + "), so that such references get this allocator.",
      required = false)
  int service_ranking();
}
