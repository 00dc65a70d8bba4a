// SPDX-License-Identifier: Apache-2.0

/// The allocator: plain Java that knows neither an operating system nor OSGi. It reaches memory
/// through one port, [com.example.jitmem.impl.memory.CodeMemorySource], so that a fake can stand
/// in for the system.
@NullMarked
package com.example.jitmem.impl.allocator;

import org.jspecify.annotations.NullMarked;
