// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

/// What a section of relocatable code holds, which decides where it is placed.
///
/// Later versions may add constants, so a `switch` over them needs a `default`.
public enum SectionKind {
  /// Instructions.
  CODE,
  /// Data that is never written after it was relocated, such as literals, jump tables and constant
  /// pointers.
  CONSTANTS,
  /// Writable data with initial values. It is never executable.
  DATA,
  /// Writable data that is zero at first and has no bytes of its own.
  ZEROS,
  /// Call frame information in the format of the section `.eh_frame`.
  UNWIND,
  /// Addresses of functions without arguments that run before any other code of a module. Sections
  /// run in the order of the number at the end of their name after a dot, those without one last.
  INITIALIZERS,
  /// Addresses of functions without arguments that run after all other code of a module, in the
  /// reverse of the order of initializers.
  FINALIZERS
}
