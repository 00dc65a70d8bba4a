// SPDX-License-Identifier: Apache-2.0

/// Compiles arithmetic formulas to machine code and evaluates them over the columns of a CSV file.
@NullMarked
@RequireJitMem
package com.example.jitmem.example;

import com.example.jitmem.api.service.RequireJitMem;
import org.jspecify.annotations.NullMarked;
