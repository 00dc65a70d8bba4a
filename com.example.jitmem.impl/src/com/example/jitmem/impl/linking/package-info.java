// SPDX-License-Identifier: Apache-2.0

/// The linker: it decides which definition each symbol has, where each section lies, and what each
/// relocated field holds. [LinkPlan] is the way in.
///
/// The package computes and does nothing else: it takes no memory but buffers on the heap, calls no
/// system, and knows load addresses only as numbers.
@NullMarked
package com.example.jitmem.impl.linking;

import org.jspecify.annotations.NullMarked;
