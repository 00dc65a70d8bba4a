// SPDX-License-Identifier: Apache-2.0

/// What the packages of the implementation have to agree on to log: the names of their loggers. It
/// imports nothing, so that everyone may import it.
@NullMarked
package com.example.jitmem.impl.log;

import org.jspecify.annotations.NullMarked;
