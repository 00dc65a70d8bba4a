// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.allocator;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/// The parameters of an allocator. Every value is checked when it is set; nothing is replaced
/// silently.
///
/// Objects are immutable: each `with` method returns a new object. Two objects are equal when all
/// their values are.
@ProviderType
public final class JitAllocatorParameters {
  /// The smallest block size in bytes.
  public static final long MIN_BLOCK_BYTE_SIZE = 64L * 1024;

  /// The largest block size in bytes.
  public static final long MAX_BLOCK_BYTE_SIZE = 256L * 1024 * 1024;

  /// The default block size in bytes.
  public static final long DEFAULT_BLOCK_BYTE_SIZE = MIN_BLOCK_BYTE_SIZE;

  /// The smallest and default granule size in bytes.
  public static final int MIN_GRANULE_BYTE_SIZE = 64;

  /// The largest granule size in bytes.
  public static final int MAX_GRANULE_BYTE_SIZE = 256;

  private static final JitAllocatorParameters DEFAULTS =
      new JitAllocatorParameters(
          EnumSet.of(JitAllocatorOption.USE_DUAL_MAPPING),
          DEFAULT_BLOCK_BYTE_SIZE,
          MIN_GRANULE_BYTE_SIZE,
          null,
          false);

  private final Set<JitAllocatorOption> options;
  private final long blockByteSize;
  private final int granuleByteSize;
  private final @Nullable Integer fillPattern;
  private final boolean direct;

  private JitAllocatorParameters(
      EnumSet<JitAllocatorOption> options,
      long blockByteSize,
      int granuleByteSize,
      @Nullable Integer fillPattern,
      boolean direct) {
    this.options = Collections.unmodifiableSet(options);
    this.blockByteSize = blockByteSize;
    this.granuleByteSize = granuleByteSize;
    this.fillPattern = fillPattern;
    this.direct = direct;
  }

  /// The default parameters: [JitAllocatorOption#USE_DUAL_MAPPING], blocks of 64 KiB, granules of
  /// 64 bytes.
  ///
  /// @return the same object in every call
  public static JitAllocatorParameters defaults() {
    return DEFAULTS;
  }

  /// Adds options.
  ///
  /// @param added the options to set in addition to those that are set
  /// @return new parameters
  /// @throws IllegalArgumentException if one is [JitAllocatorOption#CUSTOM_FILL_PATTERN] and no
  ///     pattern is set, or [JitAllocatorOption#USE_DUAL_MAPPING] and [#isDirect()]
  public JitAllocatorParameters with(JitAllocatorOption... added) {
    EnumSet<JitAllocatorOption> changed = copyOfOptions();
    Collections.addAll(changed, added);
    return withOptions(changed);
  }

  /// Removes options. Removing [JitAllocatorOption#CUSTOM_FILL_PATTERN] discards the pattern.
  ///
  /// @param removed the options to clear
  /// @return new parameters
  public JitAllocatorParameters without(JitAllocatorOption... removed) {
    EnumSet<JitAllocatorOption> changed = copyOfOptions();
    for (JitAllocatorOption option : removed) {
      changed.remove(option);
    }
    return withOptions(changed);
  }

  /// Replaces all options. The empty set requests a single mapping that can be written and
  /// executed, as in AsmJit.
  ///
  /// @param newOptions the options to set
  /// @return new parameters
  /// @throws IllegalArgumentException if [JitAllocatorOption#CUSTOM_FILL_PATTERN] is among them and
  ///     no pattern is set, or [JitAllocatorOption#USE_DUAL_MAPPING] and [#isDirect()]
  public JitAllocatorParameters withOptions(Set<JitAllocatorOption> newOptions) {
    EnumSet<JitAllocatorOption> changed = EnumSet.noneOf(JitAllocatorOption.class);
    changed.addAll(newOptions);
    boolean custom = changed.contains(JitAllocatorOption.CUSTOM_FILL_PATTERN);
    if (custom && fillPattern == null) {
      throw new IllegalArgumentException(
          "CUSTOM_FILL_PATTERN without a pattern: call withFillPattern");
    }
    if (direct && changed.contains(JitAllocatorOption.USE_DUAL_MAPPING)) {
      throw new IllegalArgumentException(
          "USE_DUAL_MAPPING and direct exclude each other: a dual mapping is written at another"
              + " address than it is executed at");
    }
    return new JitAllocatorParameters(
        changed, blockByteSize, granuleByteSize, custom ? fillPattern : null, direct);
  }

  /// Sets the smallest step in which memory is committed.
  ///
  /// @param byteSize a power of two from [#MIN_BLOCK_BYTE_SIZE] to [#MAX_BLOCK_BYTE_SIZE]
  /// @return new parameters
  /// @throws IllegalArgumentException if it is not such a value
  public JitAllocatorParameters withBlockByteSize(long byteSize) {
    checkPowerOfTwo("Block size", byteSize, MIN_BLOCK_BYTE_SIZE, MAX_BLOCK_BYTE_SIZE);
    return new JitAllocatorParameters(
        copyOfOptions(), byteSize, granuleByteSize, fillPattern, direct);
  }

  /// Sets the smallest unit of allocation, which is also the alignment of every span.
  ///
  /// @param byteSize 64, 128 or 256
  /// @return new parameters
  /// @throws IllegalArgumentException if it is not such a value
  public JitAllocatorParameters withGranuleByteSize(int byteSize) {
    checkPowerOfTwo("Granule size", byteSize, MIN_GRANULE_BYTE_SIZE, MAX_GRANULE_BYTE_SIZE);
    return new JitAllocatorParameters(
        copyOfOptions(), blockByteSize, byteSize, fillPattern, direct);
  }

  /// Sets the pattern that unused memory is filled with, and with it
  /// [JitAllocatorOption#CUSTOM_FILL_PATTERN]. It takes effect with
  /// [JitAllocatorOption#FILL_UNUSED_MEMORY].
  ///
  /// @param pattern 32 bits, stored with the lowest byte first at every address divisible by 4
  /// @return new parameters
  public JitAllocatorParameters withFillPattern(int pattern) {
    EnumSet<JitAllocatorOption> changed = copyOfOptions();
    changed.add(JitAllocatorOption.CUSTOM_FILL_PATTERN);
    return new JitAllocatorParameters(changed, blockByteSize, granuleByteSize, pattern, direct);
  }

  /// Requires that code is executed at the address it is written to, for native writers that know
  /// only one address. Removes [JitAllocatorOption#USE_DUAL_MAPPING]; where the system refuses such
  /// memory the allocator cannot be created.
  ///
  /// @param demanded whether this is required
  /// @return new parameters
  public JitAllocatorParameters withDirect(boolean demanded) {
    EnumSet<JitAllocatorOption> changed = copyOfOptions();
    if (demanded) {
      changed.remove(JitAllocatorOption.USE_DUAL_MAPPING);
    }
    return new JitAllocatorParameters(
        changed, blockByteSize, granuleByteSize, fillPattern, demanded);
  }

  /// The options that are set.
  ///
  /// @return an unmodifiable set
  public Set<JitAllocatorOption> options() {
    return options;
  }

  /// Tells whether an option is set.
  ///
  /// @param option the option
  /// @return whether [#options()] contains it
  public boolean hasOption(JitAllocatorOption option) {
    return options.contains(option);
  }

  /// The smallest step in which memory is committed.
  ///
  /// @return the size in bytes
  public long blockByteSize() {
    return blockByteSize;
  }

  /// The smallest unit of allocation and the alignment of every span.
  ///
  /// @return the size in bytes
  public int granuleByteSize() {
    return granuleByteSize;
  }

  /// The pattern that was set.
  ///
  /// @return the pattern, empty if memory is filled with the processor's trap instruction
  public OptionalInt fillPattern() {
    return fillPattern == null ? OptionalInt.empty() : OptionalInt.of(fillPattern);
  }

  /// Tells whether code must be executed at the address it is written to.
  ///
  /// @return whether this is required
  public boolean isDirect() {
    return direct;
  }

  /* Without the annotation: that of a public method would make its package one that the importers
   * of this package have to agree on. */
  @Override
  @SuppressWarnings("NullAway")
  public boolean equals(Object other) {
    return other instanceof JitAllocatorParameters that
        && options.equals(that.options)
        && blockByteSize == that.blockByteSize
        && granuleByteSize == that.granuleByteSize
        && Objects.equals(fillPattern, that.fillPattern)
        && direct == that.direct;
  }

  @Override
  public int hashCode() {
    return Objects.hash(options, blockByteSize, granuleByteSize, fillPattern, direct);
  }

  @Override
  public String toString() {
    return "JitAllocatorParameters[options="
        + options
        + ", blockByteSize="
        + blockByteSize
        + ", granuleByteSize="
        + granuleByteSize
        + (fillPattern == null ? "" : ", fillPattern=0x" + Integer.toHexString(fillPattern))
        + (direct ? ", direct]" : "]");
  }

  private EnumSet<JitAllocatorOption> copyOfOptions() {
    EnumSet<JitAllocatorOption> copy = EnumSet.noneOf(JitAllocatorOption.class);
    copy.addAll(options);
    return copy;
  }

  private static void checkPowerOfTwo(String what, long value, long min, long max) {
    if (value < min || value > max || Long.bitCount(value) != 1) {
      throw new IllegalArgumentException(
          what + " is not a power of two from " + min + " to " + max + " bytes: " + value);
    }
  }
}
