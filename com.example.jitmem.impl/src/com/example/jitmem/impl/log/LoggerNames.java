// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.log;

/// The names of all loggers, for `System.getLogger`.
///
/// Users name them in their logging configuration, so they stay when packages and classes are
/// renamed. README lists them.
public final class LoggerNames {
  /// Spans and regions: what could not be freed or filled.
  public static final String ALLOCATOR = "com.example.jitmem.allocator";

  /// Mapped memory: the way in which code is written, the ways that were refused, large pages.
  public static final String MEMORY = "com.example.jitmem.memory";

  /// The operating system: information it withholds and harmless refusals.
  public static final String SYSTEM = "com.example.jitmem.system";

  /// The OSGi framework: configurations, services, and bundles that still hold spans.
  public static final String OSGI = "com.example.jitmem.osgi";

  private LoggerNames() {}
}
