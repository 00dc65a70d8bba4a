// SPDX-License-Identifier: Apache-2.0

/// The component in an OSGi framework: services, configurations, and the accounts of the bundles
/// that use them.
///
/// - [com.example.jitmem.impl.osgi.PlatformComponent] registers what needs no configuration
/// - [com.example.jitmem.impl.osgi.DefaultAllocatorComponent] and
///   [com.example.jitmem.impl.osgi.FactoryAllocatorComponent] receive the configurations of the two
///   PIDs; what a console shows of them is in [com.example.jitmem.impl.osgi.AllocatorForm]
/// - `ConfigurationParser` turns a configuration, read through `ConfigurationValues`, into
///   `AllocatorSettings`, or throws a `RejectedConfigurationException`
/// - `AllocatorService` owns the allocator of one configuration and registers it
/// - [com.example.jitmem.impl.osgi.BundleViews] gives every bundle its own view of it
///
/// A value on its way to its effect: `AllocatorComponent.configure`, `AllocatorService.configure`,
/// `apply`, `ConfigurationParser.parse…`, `AllocatorService.update`,
/// [com.example.jitmem.impl.allocator.SharedAllocator#reconfigure].
@NullMarked
package com.example.jitmem.impl.osgi;

import org.jspecify.annotations.NullMarked;
