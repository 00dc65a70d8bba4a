// SPDX-License-Identifier: Apache-2.0

/// Code in, callable function out.
///
/// Consumers that call these types or implement [CodeEmitter] import the package as `[1.0,2.0)`,
/// providers that implement the other interfaces as `[1.1,1.2)`.
@Export
@Version("1.1.0")
@NullMarked
package com.example.jitmem.api.runtime;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
