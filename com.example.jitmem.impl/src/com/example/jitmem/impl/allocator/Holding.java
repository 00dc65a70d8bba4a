// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

/// The live spans of one view of an allocator.
///
/// @param owner the user the view was opened for
/// @param spanCount the number of its live spans
/// @param usedBytes the granules of its live spans, in bytes
public record Holding(String owner, long spanCount, long usedBytes) {}
