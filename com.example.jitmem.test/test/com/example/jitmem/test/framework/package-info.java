// SPDX-License-Identifier: Apache-2.0

/// Tests that start a framework in a JVM with other options than those of the bndruns.
@NullMarked
package com.example.jitmem.test.framework;

import org.jspecify.annotations.NullMarked;
