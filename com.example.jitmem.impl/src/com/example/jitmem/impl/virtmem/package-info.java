// SPDX-License-Identifier: Apache-2.0

/// Virtual memory on the port to the operating system: the service
/// [com.example.jitmem.api.virtmem.VirtMem], the ladder of ways to write code with its self-test,
/// and the memory of the allocator.
///
/// Only [com.example.jitmem.impl.virtmem.Platform] names operating systems.
@NullMarked
package com.example.jitmem.impl.virtmem;

import org.jspecify.annotations.NullMarked;
