// SPDX-License-Identifier: Apache-2.0

/// The comparison with AsmJit and with several mallocs: starts one process for each, lets them run
/// the same workloads in turn, and reports medians.
@NullMarked
package com.example.jitmem.bench.compare;

import org.jspecify.annotations.NullMarked;
