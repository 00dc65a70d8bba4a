// SPDX-License-Identifier: Apache-2.0

/// What executable memory needs from an operating system: the port
/// [com.example.jitmem.impl.os.Os], with one subpackage for each system that implements it.
///
/// Addresses are `long` here and nowhere above. Subpackages of systems do not import each other;
/// what systems share lies in `posix`, and `host` chooses the one this JVM runs on.
@NullMarked
package com.example.jitmem.impl.os;

import org.jspecify.annotations.NullMarked;
