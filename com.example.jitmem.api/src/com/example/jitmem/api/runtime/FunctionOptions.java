// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

import com.example.jitmem.api.allocator.SpanRequest;
import java.lang.foreign.Arena;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/// How a function is placed and called. Every value is checked when it is set.
///
/// Objects are immutable: each `with` method returns a new object.
@ProviderType
public final class FunctionOptions {
  private static final FunctionOptions DEFAULTS =
      new FunctionOptions(CallSafety.PROTECTED, Critical.NO, 1, null, null);

  /// Whether calls are critical, and whether heap segments may be passed to them.
  private enum Critical {
    NO,
    YES,
    WITH_HEAP_ACCESS
  }

  private final CallSafety safety;
  private final Critical critical;
  private final long byteAlignment;
  private final @Nullable String name;
  private final @Nullable Arena arena;

  private FunctionOptions(
      CallSafety safety,
      Critical critical,
      long byteAlignment,
      @Nullable String name,
      @Nullable Arena arena) {
    this.safety = safety;
    this.critical = critical;
    this.byteAlignment = byteAlignment;
    this.name = name;
    this.arena = arena;
  }

  /// A protected function without a name, closed by its caller.
  ///
  /// @return the same object in every call
  public static FunctionOptions defaults() {
    return DEFAULTS;
  }

  /// Chooses how calls are kept from running freed code.
  ///
  /// @param newSafety the level
  /// @return the options
  /// @throws IllegalArgumentException if an arena is set and the level is not
  ///     [CallSafety#PROTECTED]
  public FunctionOptions withSafety(CallSafety newSafety) {
    checkArena(newSafety, arena);
    return new FunctionOptions(newSafety, critical, byteAlignment, name, arena);
  }

  /// Ties the function to an arena: it ends when the arena is closed.
  ///
  /// @param newArena any arena, for instance that of a
  ///     [com.example.jitmem.api.allocator.CodeGroup]
  /// @return the options
  /// @throws IllegalArgumentException if the safety is not [CallSafety#PROTECTED]
  public FunctionOptions withArena(Arena newArena) {
    checkArena(safety, Objects.requireNonNull(newArena));
    return new FunctionOptions(safety, critical, byteAlignment, name, newArena);
  }

  /// Calls the function without a thread state transition, as `Linker.Option.critical` does. Use it
  /// only for code that runs very briefly and makes no upcalls: no garbage collection can begin
  /// before it returns.
  ///
  /// @param allowHeapAccess whether segments on the heap may be passed to the function
  /// @return the options
  public FunctionOptions withCritical(boolean allowHeapAccess) {
    Critical newCritical = allowHeapAccess ? Critical.WITH_HEAP_ACCESS : Critical.YES;
    return new FunctionOptions(safety, newCritical, byteAlignment, name, arena);
  }

  /// Requests an alignment of the code. Code is always aligned to a granule.
  ///
  /// @param alignment a power of two up to [SpanRequest#MAX_BYTE_ALIGNMENT], in bytes
  /// @return the options
  /// @throws IllegalArgumentException if it is not such a value
  public FunctionOptions withByteAlignment(long alignment) {
    long checked = SpanRequest.of(1).withByteAlignment(alignment).byteAlignment();
    return new FunctionOptions(safety, critical, checked, name, arena);
  }

  /// Names the function for profiles and listings.
  ///
  /// @param newName any text
  /// @return the options
  public FunctionOptions withName(String newName) {
    return new FunctionOptions(
        safety, critical, byteAlignment, Objects.requireNonNull(newName), arena);
  }

  /// How calls are kept from running freed code.
  ///
  /// @return the level
  public CallSafety safety() {
    return safety;
  }

  /// Tells whether calls are critical.
  ///
  /// @return whether [#withCritical] was called
  public boolean isCritical() {
    return critical != Critical.NO;
  }

  /// Tells whether segments on the heap may be passed to the function.
  ///
  /// @return the argument of [#withCritical]; false if it was not called
  public boolean allowsHeapAccess() {
    return critical == Critical.WITH_HEAP_ACCESS;
  }

  /// The requested alignment.
  ///
  /// @return the alignment in bytes
  public long byteAlignment() {
    return byteAlignment;
  }

  /// The name of the function.
  ///
  /// @return the name, empty if there is none
  public Optional<String> name() {
    return Optional.ofNullable(name);
  }

  /// The arena that ends the function.
  ///
  /// @return the arena, empty if the caller closes the function
  public Optional<Arena> arena() {
    return Optional.ofNullable(arena);
  }

  private static void checkArena(CallSafety safety, @Nullable Arena arena) {
    if (Objects.requireNonNull(safety) != CallSafety.PROTECTED && arena != null) {
      throw new IllegalArgumentException(
          "A function that ends with an arena is always PROTECTED, not " + safety);
    }
  }
}
