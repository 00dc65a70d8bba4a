// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.service.JitMemConstants;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/// The keys of a configuration for people and tools that show a form (Metatype Service). The values
/// are read by [ConfigurationParser], because the conversion of component property types turns
/// a wrong value into 0 or false. A method's name with the prefix, and dots for underscores, is the
/// key.
@ObjectClassDefinition(
    name = "JIT allocator",
    description =
        "Executable memory for generated code, as the services JitAllocator and JitRuntime")
@interface AllocatorForm {
  /// The prefix of all keys.
  String PREFIX_ = JitMemConstants.KEY_PREFIX;

  /// The key [JitMemConstants#NAME].
  @AttributeDefinition(
      name = "Name",
      description =
          "The name to select the services by. It is used once in a framework and does not change"
              + " while the configuration lives. Without it, the part of the configuration's PID"
              + " behind ~. The configuration com.example.jitmem.allocator.default is always named"
              + " default.",
      required = false)
  String name();

  /// The key [JitMemConstants#USE_DUAL_MAPPING].
  @AttributeDefinition(
      name = "Use dual mapping",
      description =
          "Maps memory twice, once to execute it and once to write it, so that no page is both."
              + " Without it one mapping can be written and executed, where the system allows"
              + " that.",
      required = false)
  boolean use_dual_mapping() default true;

  /// The key [JitMemConstants#USE_MULTIPLE_POOLS].
  @AttributeDefinition(
      name = "Use multiple pools",
      description =
          "Keeps three pools with granules of 1, 2 and 4 times the granularity. Pays off where a"
              + " lot of code is generated and released.",
      required = false)
  boolean use_multiple_pools() default false;

  /// The key [JitMemConstants#FILL_UNUSED_MEMORY].
  @AttributeDefinition(
      name = "Fill unused memory",
      description = "Fills memory that holds no code with the fill pattern.",
      required = false)
  boolean fill_unused_memory() default false;

  /// The key [JitMemConstants#IMMEDIATE_RELEASE].
  @AttributeDefinition(
      name = "Immediate release",
      description =
          "Gives a block back to the system as soon as it is empty. Otherwise one empty block per"
              + " pool is kept.",
      required = false)
  boolean immediate_release() default false;

  /// The key [JitMemConstants#DISABLE_INITIAL_PADDING].
  @AttributeDefinition(
      name = "Disable initial padding",
      description =
          "Lets code begin at the very first byte of committed memory. Otherwise the 16 bytes"
              + " before any code can be read.",
      required = false)
  boolean disable_initial_padding() default false;

  /// The key [JitMemConstants#USE_LARGE_PAGES].
  @AttributeDefinition(
      name = "Use large pages",
      description = "Uses large pages where the system gives them by any means.",
      required = false)
  boolean use_large_pages() default false;

  /// The key [JitMemConstants#ALIGN_BLOCK_SIZE_TO_LARGE_PAGE].
  @AttributeDefinition(
      name = "Align block size to large page",
      description = "Commits memory in blocks of at least one large page.",
      required = false)
  boolean align_block_size_to_large_page() default false;

  /// The key [JitMemConstants#FILL_PATTERN].
  @AttributeDefinition(
      name = "Fill pattern",
      description =
          "What unused memory is filled with: 1 to 8 hexadecimal digits, stored with the lowest"
              + " byte first. Empty for an instruction that traps. Needs Fill unused memory.",
      required = false)
  String fill_pattern() default "";

  /// The key [JitMemConstants#BLOCK_SIZE].
  @AttributeDefinition(
      name = "Block size",
      description = "The smallest step in which memory is committed: a power of two, in bytes.",
      min = "" + JitAllocatorParameters.MIN_BLOCK_BYTE_SIZE,
      max = "" + JitAllocatorParameters.MAX_BLOCK_BYTE_SIZE,
      required = false)
  long block_size() default JitAllocatorParameters.DEFAULT_BLOCK_BYTE_SIZE;

  /// The key [JitMemConstants#GRANULARITY].
  @AttributeDefinition(
      name = "Granularity",
      description = "The smallest unit of allocation: 64, 128 or 256 bytes.",
      min = "" + JitAllocatorParameters.MIN_GRANULE_BYTE_SIZE,
      max = "" + JitAllocatorParameters.MAX_GRANULE_BYTE_SIZE,
      required = false)
  int granularity() default JitAllocatorParameters.MIN_GRANULE_BYTE_SIZE;
}
