// SPDX-License-Identifier: Apache-2.0

/// Refusals of the system, one call after the other, through every public operation on real memory.
///
/// A call of the C library is a *site*: the function and what it is called for. Every *injection*
/// sets a stage anew, refuses the k-th call of one operation with one error, and checks that
/// nothing leaked, nothing is half done, and the next operation succeeds.
@NullMarked
package com.example.jitmem.impl.faults;

import org.jspecify.annotations.NullMarked;
