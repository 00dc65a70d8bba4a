// SPDX-License-Identifier: Apache-2.0

/// The component in an OSGi framework: services, configurations, and the accounts of the bundles
/// that use them.
///
/// - [com.example.jitmem.impl.osgi.PlatformComponent] registers what needs no configuration
/// - [com.example.jitmem.impl.osgi.DefaultAllocatorComponent] and
///   [com.example.jitmem.impl.osgi.FactoryAllocatorComponent] hand each configuration to a
///   [com.example.jitmem.impl.osgi.ConfiguredAllocator], which owns the allocator
/// - [com.example.jitmem.impl.osgi.BundleViews] gives every bundle its own view of it
@NullMarked
package com.example.jitmem.impl.osgi;

import org.jspecify.annotations.NullMarked;
