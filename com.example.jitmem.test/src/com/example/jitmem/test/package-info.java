// SPDX-License-Identifier: Apache-2.0

/// Tests that run inside a framework, the same in Felix and in Equinox. The requirement on the
/// package is what brings the implementation into the framework: the bndruns do not name it. The
/// Configurator reads the configurations of this bundle.
@RequireJitMem
@Requirement(namespace = "osgi.extender", name = "osgi.configurator", version = "1.0.0")
@NullMarked
package com.example.jitmem.test;

import com.example.jitmem.api.service.RequireJitMem;
import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Requirement;
