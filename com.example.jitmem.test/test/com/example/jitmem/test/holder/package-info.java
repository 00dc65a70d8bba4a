// SPDX-License-Identifier: Apache-2.0

/// A bundle that holds objects of the component. It is made of these classes alone, see
/// [com.example.jitmem.test.framework.HeldCodeIT].
@NullMarked
package com.example.jitmem.test.holder;

import org.jspecify.annotations.NullMarked;
