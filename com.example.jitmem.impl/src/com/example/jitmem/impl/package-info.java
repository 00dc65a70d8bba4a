// SPDX-License-Identifier: Apache-2.0

/// The composition root: puts the allocator on the memory of the system and the runtime on the
/// allocator.
@NullMarked
package com.example.jitmem.impl;

import org.jspecify.annotations.NullMarked;
