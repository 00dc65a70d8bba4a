// SPDX-License-Identifier: Apache-2.0

/// The component as its users see it: through [java.util.ServiceLoader] and the API only, on real
/// memory, judged by oracles of its own (an interval map, patterns in memory, `/proc/self/maps`).
@NullMarked
package com.example.jitmem.acceptance;

import org.jspecify.annotations.NullMarked;
