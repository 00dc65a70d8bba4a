// SPDX-License-Identifier: Apache-2.0

/// Draws results of the comparison. Writes SVG as text, because drawing libraries measure letters
/// with AWT, which needs fonts that servers often do not have.
@NullMarked
package com.example.jitmem.bench.picture;

import org.jspecify.annotations.NullMarked;
