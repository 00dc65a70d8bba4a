// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

/// A symbol of a link, by the place that it has in it.
///
/// @param name its name
/// @param area where it lies
/// @param offset from the start of the area, or the number if it is fixed
/// @param byteSize its size, 0 if it is unknown
/// @param executable whether it is code
public record LinkedSymbol(
    String name, Area area, long offset, long byteSize, boolean executable) {}
