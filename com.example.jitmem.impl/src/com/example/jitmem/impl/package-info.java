// SPDX-License-Identifier: Apache-2.0

/// The composition root: connects the runtime with the allocator, and the allocator with the memory
/// of the system.
@NullMarked
package com.example.jitmem.impl;

import org.jspecify.annotations.NullMarked;
