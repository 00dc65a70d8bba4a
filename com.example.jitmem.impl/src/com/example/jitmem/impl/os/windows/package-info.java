// SPDX-License-Identifier: Apache-2.0

/// The port for Windows 10 version 1803, Windows Server 2019, and later, on x86-64 and AArch64.
///
/// Written from Microsoft's documentation and tested against a model of the documented calls; it
/// has not run on Windows.
///
/// C types are those of LLP64: `DWORD`, `ULONG`, `LONG` and `BOOL` have 32 bits, `SIZE_T`,
/// `HANDLE` and pointers 64. No function used here is variadic. Functions report failure by a
/// result of 0 and leave the code for `GetLastError`.
@NullMarked
package com.example.jitmem.impl.os.windows;

import org.jspecify.annotations.NullMarked;
