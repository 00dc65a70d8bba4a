// SPDX-License-Identifier: Apache-2.0

/// Virtual memory on the port to the operating system: the service
/// [com.example.jitmem.api.virtmem.VirtMem], the ladder of ways to write code with its self-test,
/// and the memory of the allocator.
///
/// It names no operating system: [com.example.jitmem.impl.os.host.Platform] chooses one.
@NullMarked
package com.example.jitmem.impl.virtmem;

import org.jspecify.annotations.NullMarked;
