// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import com.example.jitmem.api.service.JitMemConstants;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/// The form of the configuration of the allocator that is always there.
@ObjectClassDefinition(
    name = "JIT allocator: default",
    description =
        "The allocator that exists without any configuration, as the services JitAllocator and"
            + " JitRuntime with jitmem.name=default. Without a configuration it has the defaults.")
interface DefaultAllocatorForm extends AllocatorForm {
  /// The key [JitMemConstants#NAME].
  @AttributeDefinition(
      name = "Name",
      description = "The name to select the services by. It is always default.",
      required = false)
  String jitmem_name();

  /// The key `service.ranking`.
  @AttributeDefinition(
      name = "Service ranking",
      description =
          "A reference that names no allocator gets the one with the highest ranking."
              + " Empty for "
              + JitMemConstants.DEFAULT_RANKING
              + ", so that any other wins.",
      required = false)
  int service_ranking();
}
