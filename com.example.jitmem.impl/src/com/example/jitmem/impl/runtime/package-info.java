// SPDX-License-Identifier: Apache-2.0

/// The runtime: places code through any allocator of the implementation and makes handles that call
/// it. Imports the API only; handles come from [com.example.jitmem.impl.ffm].
@NullMarked
package com.example.jitmem.impl.runtime;

import org.jspecify.annotations.NullMarked;
