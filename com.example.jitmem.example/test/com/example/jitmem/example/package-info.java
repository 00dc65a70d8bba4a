// SPDX-License-Identifier: Apache-2.0

/// Tests of the formulas, the table and the application, and of the exported jar.
@NullMarked
package com.example.jitmem.example;

import org.jspecify.annotations.NullMarked;
