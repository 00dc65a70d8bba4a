// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.service;

/// Names that bundles and configurations share with the implementation.
///
/// Every key is also a service property of the allocator and runtime services, with the last
/// accepted value.
///
/// A value may also be given as a string, as files and forms do: surrounding white space is
/// ignored, and a blank string counts as absent.
public final class JitMemConstants {
  /// The factory PID: one allocator per configuration.
  public static final String ALLOCATOR_FACTORY_PID = "com.example.jitmem.allocator";

  /// The PID of the allocator that exists without any configuration.
  public static final String DEFAULT_ALLOCATOR_PID = "com.example.jitmem.allocator.default";

  /// The prefix of every key. A key with this prefix that this class does not define is rejected.
  public static final String KEY_PREFIX = "jitmem.";

  /// The name of the allocator, `String` of at most 200 characters, without control characters,
  /// line separators, directional marks and unpaired surrogates. A name is unique per
  /// implementation bundle and does not change while its configuration exists. Without the key it
  /// is the part of the configuration's PID after the factory PID and a separator: `~`, or the one
  /// that Configuration Admin puts before an identifier that it generates.
  public static final String NAME = "jitmem.name";

  /// The name of the allocator that exists without any configuration.
  public static final String DEFAULT_NAME = "default";

  /// The `service.ranking` of the allocator that exists without any configuration: low, so that any
  /// other wins.
  public static final int DEFAULT_RANKING = -1000;

  /// `USE_DUAL_MAPPING`, `Boolean`, default `true`.
  public static final String USE_DUAL_MAPPING = "jitmem.use.dual.mapping";

  /// `USE_MULTIPLE_POOLS`, `Boolean`, default `false`.
  public static final String USE_MULTIPLE_POOLS = "jitmem.use.multiple.pools";

  /// `FILL_UNUSED_MEMORY`, `Boolean`, default `false`.
  public static final String FILL_UNUSED_MEMORY = "jitmem.fill.unused.memory";

  /// `IMMEDIATE_RELEASE`, `Boolean`, default `false`.
  public static final String IMMEDIATE_RELEASE = "jitmem.immediate.release";

  /// `DISABLE_INITIAL_PADDING`, `Boolean`, default `false`.
  public static final String DISABLE_INITIAL_PADDING = "jitmem.disable.initial.padding";

  /// `USE_LARGE_PAGES`, `Boolean`, default `false`.
  public static final String USE_LARGE_PAGES = "jitmem.use.large.pages";

  /// `ALIGN_BLOCK_SIZE_TO_LARGE_PAGE`, `Boolean`, default `false`. Needs [#USE_LARGE_PAGES].
  public static final String ALIGN_BLOCK_SIZE_TO_LARGE_PAGE =
      "jitmem.align.block.size.to.large.page";

  /// The fill pattern, `String` of 1 to 8 hexadecimal digits, default empty. A value that is not
  /// empty sets `CUSTOM_FILL_PATTERN` and needs [#FILL_UNUSED_MEMORY].
  public static final String FILL_PATTERN = "jitmem.fill.pattern";

  /// The block size in bytes, `Long`, default 65536.
  public static final String BLOCK_SIZE = "jitmem.block.size";

  /// The granule size in bytes, `Integer`, default 64.
  public static final String GRANULARITY = "jitmem.granularity";

  /// The name of the implementation in the `osgi.implementation` name space.
  public static final String IMPLEMENTATION_NAME = "com.example.jitmem";

  /// The version of the implementation capability.
  public static final String IMPLEMENTATION_VERSION = "1.0.0";

  private JitMemConstants() {}
}
