// SPDX-License-Identifier: Apache-2.0

/// The port for macOS 11 and later, on x86-64 and AArch64.
///
/// Written from the manual pages and the published source of its kernel (xnu-11417), and tested
/// against a model of them. It has not run on macOS.
///
/// Two kinds of functions report failure in two ways: those of POSIX return -1 and leave `errno`,
/// those of Mach return a `kern_return_t` and leave nothing. On AArch64 Apple passes arguments that
/// stand for `...` on the stack, and packs those that do not fit into registers by their size; no
/// function used here is variadic, and widths are declared as in C, so that the linker does both.
@NullMarked
package com.example.jitmem.impl.os.macos;

import org.jspecify.annotations.NullMarked;
