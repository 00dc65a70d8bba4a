// SPDX-License-Identifier: Apache-2.0

/// Virtual memory of the process for generated code: pages with a chosen access, pages mapped
/// twice, and what this process is allowed to do with code.
///
/// Consumers that call these types import the package as `[1.0,2.0)`, providers that implement
/// them as `[1.1,1.2)`.
@Export
@Version("1.1.0")
@NullMarked
package com.example.jitmem.api.virtmem;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
