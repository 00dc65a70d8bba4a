// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.ffm;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/// The declaration of a C function in a library of the system.
///
/// @param name the exported name
/// @param result the type of the result
/// @param parameters the types of the parameters
/// @param firstVariadic the index of the first argument that stands for `...` in C; empty if there
///     is none. Some calling conventions, such as Apple's on AArch64, pass these differently.
/// @param library the name by which the system's loader finds the library, for example
///     `libgcc_s.so.1`; empty for the C library
public record CFunction(
    String name,
    CType result,
    List<CType> parameters,
    OptionalInt firstVariadic,
    Optional<String> library) {
  /// Copies the list.
  public CFunction {
    parameters = List.copyOf(parameters);
  }

  /// Declares a function of the C library with a fixed number of parameters.
  ///
  /// @param name the exported name
  /// @param result the type of the result
  /// @param parameters the types of the parameters
  /// @return the declaration
  public static CFunction of(String name, CType result, CType... parameters) {
    return new CFunction(name, result, List.of(parameters), OptionalInt.empty(), Optional.empty());
  }

  /// The same function, with arguments that stand for `...` in C.
  ///
  /// @param index the index of the first such argument
  /// @return the declaration
  public CFunction variadicFrom(int index) {
    Objects.checkIndex(index, parameters.size() + 1);
    return new CFunction(name, result, parameters, OptionalInt.of(index), library);
  }

  /// The same function in a library that is loaded at the first call and never unloaded.
  ///
  /// @param libraryName the name by which the system's loader finds it
  /// @return the declaration
  public CFunction in(String libraryName) {
    return new CFunction(name, result, parameters, firstVariadic, Optional.of(libraryName));
  }

  FunctionDescriptor descriptor() {
    MemoryLayout[] layouts = parameters.stream().map(CType::layout).toArray(MemoryLayout[]::new);
    return result == CType.VOID
        ? FunctionDescriptor.ofVoid(layouts)
        : FunctionDescriptor.of(result.layout(), layouts);
  }
}
