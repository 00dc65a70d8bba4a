// SPDX-License-Identifier: Apache-2.0

/// The OSGi vocabulary: configuration identifiers and keys, service properties, and the
/// requirement on an implementation.
@Export
@Version("1.0.0")
@NullMarked
package com.example.jitmem.api.service;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
