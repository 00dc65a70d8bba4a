// SPDX-License-Identifier: Apache-2.0

/// The port for Linux. Constants hold for x86-64 and for AArch64, whose kernels share the generic
/// values.
@NullMarked
package com.example.jitmem.impl.os.linux;

import org.jspecify.annotations.NullMarked;
