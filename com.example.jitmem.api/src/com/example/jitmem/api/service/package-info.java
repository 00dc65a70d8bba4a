// SPDX-License-Identifier: Apache-2.0

/// The vocabulary of the component in an OSGi framework: configuration identifiers and keys,
/// service properties, and the requirement that brings the implementation along.
@Export
@Version("1.0.0")
@NullMarked
package com.example.jitmem.api.service;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
