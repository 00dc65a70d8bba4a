// SPDX-License-Identifier: Apache-2.0

/// Tests of the workspace itself: its files, its two builds, and the bundles they make.
@NullMarked
package com.example.jitmem.check;

import org.jspecify.annotations.NullMarked;
