// SPDX-License-Identifier: Apache-2.0

/// The choice of the system this JVM runs on: the one package that knows all of them.
@NullMarked
package com.example.jitmem.impl.os.host;

import org.jspecify.annotations.NullMarked;
