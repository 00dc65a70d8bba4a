// SPDX-License-Identifier: Apache-2.0

/// Programs that tests run in JVMs of their own, with the two jars and nothing else beside them.
@NullMarked
package com.example.jitmem.impl.plainjvm.program;

import org.jspecify.annotations.NullMarked;
