// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

/// A function whose address another one returns, once the code can run.
///
/// @param name its name
/// @param resolverOffset where the function that returns the address lies in the code area
/// @param cellOffset where the address has to be written in the code area, 8 bytes
public record IndirectFunction(String name, long resolverOffset, long cellOffset) {}
