// SPDX-License-Identifier: Apache-2.0

/// The runtime: places code through any allocator of the implementation and makes handles that call
/// it. Memory comes from
/// [com.example.jitmem.impl.allocator], handles from [com.example.jitmem.impl.ffm].
@NullMarked
package com.example.jitmem.impl.runtime;

import org.jspecify.annotations.NullMarked;
