// SPDX-License-Identifier: Apache-2.0

/// The names of the loggers. Imports nothing, so that every package may import it.
@NullMarked
package com.example.jitmem.impl.log;

import org.jspecify.annotations.NullMarked;
