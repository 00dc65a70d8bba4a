// SPDX-License-Identifier: Apache-2.0

/// Calls of native functions: the only package that uses [java.lang.foreign.Linker] and
/// [java.lang.foreign.SymbolLookup].
///
/// Every restricted call of this package turns the JVM's refusal into one exception that names the
/// flag to start the JVM with, at every attempt anew: no class of this package makes such a call
/// while it is initialised.
@NullMarked
package com.example.jitmem.impl.ffm;

import org.jspecify.annotations.NullMarked;
