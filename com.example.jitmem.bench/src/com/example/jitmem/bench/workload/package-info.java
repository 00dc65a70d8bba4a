// SPDX-License-Identifier: Apache-2.0

/// The workloads of the comparison with other allocators, on the public API.
///
/// The same workloads are written in C++ in the folder `native`: the same generator, sizes and
/// sequence of operations. [com.example.jitmem.bench.workload.Worker] runs them on request.
@NullMarked
package com.example.jitmem.bench.workload;

import org.jspecify.annotations.NullMarked;
