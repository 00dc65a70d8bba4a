// SPDX-License-Identifier: Apache-2.0

/// Calls of native functions: the only package that uses [java.lang.foreign.Linker] and
/// [java.lang.foreign.SymbolLookup].
///
/// Every restricted call of this package turns the JVM's refusal into an exception that names the
/// missing flag, on every attempt: no class of this package makes such a call in its initializer.
@NullMarked
package com.example.jitmem.impl.ffm;

import org.jspecify.annotations.NullMarked;
