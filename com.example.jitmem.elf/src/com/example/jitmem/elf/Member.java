// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.elf;

/// A member of an archive.
///
/// @param name its name, in a thin archive its path
/// @param header where its header begins in the archive, by which the index names it
/// @param offset where its bytes begin in the archive
/// @param byteSize how many bytes it has
record Member(String name, long header, long offset, long byteSize) {}
