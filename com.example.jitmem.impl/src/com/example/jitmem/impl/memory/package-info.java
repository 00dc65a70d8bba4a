// SPDX-License-Identifier: Apache-2.0

/// The port to memory: what the allocator needs from a system, and nothing of how one grants it.
///
/// `impl.allocator` calls it, `impl.virtmem` implements it, and a fake stands in for it in tests.
/// It also holds the helpers for users' segments and arenas that both sides and the runtime need.
/// It imports the API only.
@NullMarked
package com.example.jitmem.impl.memory;

import org.jspecify.annotations.NullMarked;
