// SPDX-License-Identifier: Apache-2.0

/// What tests of several packages share: machine code, the mappings of this process, threads that
/// are not the test's, JVMs of their own, and the conditions under which tests run. It knows the
/// API only.
@NullMarked
package com.example.jitmem.testing;

import org.jspecify.annotations.NullMarked;
