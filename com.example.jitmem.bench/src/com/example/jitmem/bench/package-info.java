// SPDX-License-Identifier: Apache-2.0

/// Benchmarks of the component on a plain JVM, through its public API.
@NullMarked
package com.example.jitmem.bench;

import org.jspecify.annotations.NullMarked;
