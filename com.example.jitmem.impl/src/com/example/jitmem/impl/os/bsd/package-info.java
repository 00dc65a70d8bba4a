// SPDX-License-Identifier: Apache-2.0

/// The place of the BSDs. There is no implementation yet: on a BSD the service is refused with a
/// message that names what is supported. What one needs to know:
///
/// - **FreeBSD**: shared memory is `shm_open(SHM_ANON, ...)`, mapped twice (`SHM_ANON` is
///   `(char *) 1`, shm_open(2)). `PROT_MAX(p)` is `p << 16` in the protection of `mmap` and
///   limits what `mprotect` may add later, mmap(2); the `MAX_ACCESS` options are its
///   counterparts. `kern.elf64.allow_wx=0` and `proccontrol -m wxmap` forbid mappings that are
///   writable and executable.
/// - **NetBSD**: PaX MPROTECT forbids to add execute access that a mapping was not announced
///   with by `PROT_MPROTECT(p)`, which is `p << 3`, mmap(2). The dual mapping is a `MAP_SHARED`
///   mapping duplicated by `mremap(old, size, NULL, size, MAP_REMAPDUP)`, mremap(2), and belongs
///   to `Backing.REMAPPED`. With `MAP_PRIVATE` the duplicate shows stale bytes.
/// - **OpenBSD**: mappings that are writable and executable need the program to be linked with
///   `-z wxneeded` and its file system to be mounted with `wxallowed`, mount(8). Dual mapping is
///   `shm_mkstemp`, mapped twice.
/// - All three have `minherit(addr, len, INHERIT_NONE)` in place of `MADV_DONTFORK`, and error
///   codes that differ from Linux at 11 and from 35 on, intro(2).
///
/// What they share with the other Unix systems is in `posix`. CONTRIBUTING tells how a system is
/// added.
@NullMarked
package com.example.jitmem.impl.os.bsd;

import org.jspecify.annotations.NullMarked;
