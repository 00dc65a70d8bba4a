// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.service.JitMemConstants;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Option;

/// The keys of a configuration as forms show them (Metatype Service), common to both PIDs. What
/// differs is in the form of each, and stands first there. A method's name, with dots for
/// underscores, is the key.
///
/// The values are read by [ConfigurationParser], because the conversion of component property types
/// turns a wrong value into 0 or false.
interface AllocatorForm {
  /// The key [JitMemConstants#USE_DUAL_MAPPING].
  @AttributeDefinition(
      name = "Use dual mapping",
      description =
          "Maps memory twice, once to execute it and once to write it, so that no page is both."
              + " Without it one mapping can be written and executed, where the system allows"
              + " that.",
      defaultValue = "true",
      required = false)
  boolean jitmem_use_dual_mapping();

  /// The key [JitMemConstants#USE_MULTIPLE_POOLS].
  @AttributeDefinition(
      name = "Use multiple pools",
      description =
          "Keeps three pools with granules of 1, 2 and 4 times the granularity. Pays off where a"
              + " lot of code is generated and released.",
      defaultValue = "false",
      required = false)
  boolean jitmem_use_multiple_pools();

  /// The key [JitMemConstants#FILL_UNUSED_MEMORY].
  @AttributeDefinition(
      name = "Fill unused memory",
      description =
          "Fills memory that holds no code with the fill pattern, so that stray jumps trap and old"
              + " code cannot be read.",
      defaultValue = "false",
      required = false)
  boolean jitmem_fill_unused_memory();

  /// The key [JitMemConstants#IMMEDIATE_RELEASE].
  @AttributeDefinition(
      name = "Immediate release",
      description =
          "Returns a block to the system as soon as it is empty. Otherwise one empty block per"
              + " pool is kept.",
      defaultValue = "false",
      required = false)
  boolean jitmem_immediate_release();

  /// The key [JitMemConstants#DISABLE_INITIAL_PADDING].
  @AttributeDefinition(
      name = "Disable initial padding",
      description =
          "Lets code begin at the very first byte of committed memory. Otherwise the 16 bytes"
              + " before any code can be read.",
      defaultValue = "false",
      required = false)
  boolean jitmem_disable_initial_padding();

  /// The key [JitMemConstants#USE_LARGE_PAGES].
  @AttributeDefinition(
      name = "Use large pages",
      description =
          "Uses large pages where the system grants them; the statistics report how much.",
      defaultValue = "false",
      required = false)
  boolean jitmem_use_large_pages();

  /// The key [JitMemConstants#ALIGN_BLOCK_SIZE_TO_LARGE_PAGE].
  @AttributeDefinition(
      name = "Align block size to large page",
      description = "Commits memory in blocks of at least one large page. Needs Use large pages.",
      defaultValue = "false",
      required = false)
  boolean jitmem_align_block_size_to_large_page();

  /// The key [JitMemConstants#FILL_PATTERN].
  @AttributeDefinition(
      name = "Fill pattern",
      description =
          "The fill for unused memory: 1 to 8 hexadecimal digits, stored with the lowest"
              + " byte first. Empty for an instruction that traps. Needs Fill unused memory.",
      max = "8",
      required = false)
  String jitmem_fill_pattern();

  /// The key [JitMemConstants#BLOCK_SIZE].
  @AttributeDefinition(
      name = "Block size",
      description =
          "The smallest step in which memory is committed: bytes, a power of two from "
              + JitAllocatorParameters.MIN_BLOCK_BYTE_SIZE
              + " to "
              + JitAllocatorParameters.MAX_BLOCK_BYTE_SIZE
              + '.',
      min = "" + JitAllocatorParameters.MIN_BLOCK_BYTE_SIZE,
      max = "" + JitAllocatorParameters.MAX_BLOCK_BYTE_SIZE,
      defaultValue = "" + JitAllocatorParameters.DEFAULT_BLOCK_BYTE_SIZE,
      required = false)
  long jitmem_block_size();

  /// The key [JitMemConstants#GRANULARITY].
  @AttributeDefinition(
      name = "Granularity",
      description = "The smallest unit of allocation, and the alignment of code.",
      min = "" + JitAllocatorParameters.MIN_GRANULE_BYTE_SIZE,
      max = "" + JitAllocatorParameters.MAX_GRANULE_BYTE_SIZE,
      options = {
        @Option(label = "64 bytes", value = "64"),
        @Option(label = "128 bytes", value = "128"),
        @Option(label = "256 bytes", value = "256")
      },
      defaultValue = "" + JitAllocatorParameters.MIN_GRANULE_BYTE_SIZE,
      required = false)
  int jitmem_granularity();
}
