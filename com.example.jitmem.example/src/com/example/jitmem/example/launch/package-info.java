// SPDX-License-Identifier: Apache-2.0

/// What the exported jar starts with. It is compiled for Java 8, whose compiler does not know all
/// that `@NullMarked` is made of, and is not part of the bundle.
package com.example.jitmem.example.launch;
