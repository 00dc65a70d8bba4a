// SPDX-License-Identifier: Apache-2.0

/// The two jars without OSGi, each time in a new JVM.
@NullMarked
package com.example.jitmem.impl.plainjvm;

import org.jspecify.annotations.NullMarked;
