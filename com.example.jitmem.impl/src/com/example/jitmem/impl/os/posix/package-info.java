// SPDX-License-Identifier: Apache-2.0

/// What systems with the memory calls of POSIX share.
@NullMarked
package com.example.jitmem.impl.os.posix;

import org.jspecify.annotations.NullMarked;
