// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.runtime;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.virtmem.VirtMemException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.osgi.annotation.versioning.ProviderType;

/// Places code in an allocator's memory and makes it callable.
///
/// Memory that an injected runtime allocates belongs to the bundle it was injected into.
///
/// All methods are thread-safe. Every method that takes an object throws [NullPointerException]
/// if it is null. A method that throws has added nothing.
@ProviderType
public interface JitRuntime {
  /// Adds position-independent code.
  ///
  /// @param code the machine code, on or off the heap, at least 1 byte. Its first byte is the entry
  ///     point.
  /// @param type the signature of the code in C's terms, for the calling convention of the system
  /// @param options how the function is placed and called
  /// @return the function
  /// @throws IllegalArgumentException if there is no code or too much, or the linker does not
  ///     support the signature
  /// @throws IllegalStateException if an arena is closed or the allocator has ended
  /// @throws WrongThreadException if an arena is confined to another thread
  /// @throws VirtMemException if the system refuses memory
  JitFunction add(MemorySegment code, FunctionDescriptor type, FunctionOptions options);

  /// Adds position-independent code as a protected function without a name.
  ///
  /// @param code the machine code, at least 1 byte. Its first byte is the entry point.
  /// @param type the signature of the code in C's terms, for the calling convention of the system
  /// @return the function
  /// @throws IllegalArgumentException if there is no code or too much, or the linker does not
  ///     support the signature
  /// @throws IllegalStateException if the allocator has ended
  /// @throws VirtMemException if the system refuses memory
  default JitFunction add(byte[] code, FunctionDescriptor type) {
    return add(MemorySegment.ofArray(code), type, FunctionOptions.defaults());
  }

  /// Adds code whose bytes depend on the address it runs at.
  ///
  /// @param <X> the exception that emitting may throw
  /// @param maxByteSize the most that the emitter may write, in bytes; what it does not use is
  ///     freed
  /// @param emitter writes the code; its first byte is the entry point
  /// @param type the signature of the code in C's terms, for the calling convention of the system
  /// @param options how the function is placed and called
  /// @return the function
  /// @throws X if the emitter does
  /// @throws IllegalArgumentException if the largest size is below 1 or above that of a span, if
  ///     the emitter returned a size outside it, or if the linker does not support the signature
  /// @throws IllegalStateException if an arena is closed or the allocator has ended
  /// @throws WrongThreadException if an arena is confined to another thread
  /// @throws VirtMemException if the system refuses memory
  <X extends Exception> JitFunction add(
      long maxByteSize, CodeEmitter<X> emitter, FunctionDescriptor type, FunctionOptions options)
      throws X;

  /// Makes a handle that calls code at an address, for instance a second entry point of a span.
  /// Calls through it are as safe as the arena of the segment: they throw after it was closed, and
  /// it cannot close during a call.
  ///
  /// @param entry the first instruction, native
  /// @param type the signature of the code in C's terms, for the calling convention of the system
  /// @return a handle whose type is the Java form of `type`
  /// @throws IllegalArgumentException if the segment is on the heap or its address is 0, or the
  ///     linker does not support the signature
  MethodHandle bind(MemorySegment entry, FunctionDescriptor type);

  /// The allocator that provides memory for functions.
  ///
  /// @return the allocator
  JitAllocator allocator();

  /// The instruction set that code must use.
  ///
  /// @return the instruction set of this process
  Architecture architecture();
}
