// SPDX-License-Identifier: Apache-2.0

/// Object files in, relocatable code out.
///
/// [ObjectFile] reads what `gcc -c`, `clang -c` and other compilers write for Linux on x86-64 and
/// AArch64: relocatable objects of ELF64, little-endian. [Archive] reads libraries of them, `.a`.
///
/// Nothing is trusted: sizes, offsets, indices and counts are compared with the size of the input
/// before memory is taken for them, and reading takes at most 16 times the memory of the input.
/// What is refused is refused with a [com.example.jitmem.api.runtime.LinkException] that names it:
///
/// - thread-local storage: compile with `-femulated-tls`
/// - relocations in tables `REL` and `CREL`, and numbers of relocations that are not known
/// - sections that are writable and executable
/// - objects for link-time optimization: compile without `-flto`
/// - constructors in `.ctors` and code in `.init`: compile for `.init_array`
/// - other classes, byte orders, processors and types of files
///
/// Debug information, notes and other sections that take no memory in a process are skipped.
///
/// Consumers import the package as `[1.0,2.0)`.
@Export
@Version("1.0.0")
@NullMarked
package com.example.jitmem.elf;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
