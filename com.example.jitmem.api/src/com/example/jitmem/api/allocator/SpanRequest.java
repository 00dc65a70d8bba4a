// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.api.allocator;

import com.example.jitmem.api.virtmem.Vicinity;
import java.lang.foreign.Arena;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/// A request for a span. Every value is checked when it is set.
///
/// Objects are immutable: each `with` method returns a new object.
@ProviderType
public final class SpanRequest {
  /// The largest alignment in bytes: 2 MiB, one large page of most systems.
  public static final long MAX_BYTE_ALIGNMENT = 2L * 1024 * 1024;

  private final long byteSize;
  private final long byteAlignment;
  private final @Nullable String name;
  private final @Nullable Arena arena;
  private final @Nullable Vicinity vicinity;

  private SpanRequest(
      long byteSize,
      long byteAlignment,
      @Nullable String name,
      @Nullable Arena arena,
      @Nullable Vicinity vicinity) {
    this.byteSize = byteSize;
    this.byteAlignment = byteAlignment;
    this.name = name;
    this.arena = arena;
    this.vicinity = vicinity;
  }

  /// Requests a span without a name, anywhere, that its caller closes.
  ///
  /// @param byteSize the size in bytes, from 1 to [JitAllocator#MAX_SPAN_BYTE_SIZE]
  /// @return the request
  /// @throws IllegalArgumentException if it is not such a value
  public static SpanRequest of(long byteSize) {
    if (byteSize < 1 || byteSize > JitAllocator.MAX_SPAN_BYTE_SIZE) {
      throw new IllegalArgumentException(
          "Span size is not from 1 to " + JitAllocator.MAX_SPAN_BYTE_SIZE + " bytes: " + byteSize);
    }
    return new SpanRequest(byteSize, 1, null, null, null);
  }

  /// Requests an alignment. Spans are always aligned to a granule.
  ///
  /// @param alignment a power of two up to [#MAX_BYTE_ALIGNMENT], in bytes
  /// @return the request
  /// @throws IllegalArgumentException if it is not such a value
  public SpanRequest withByteAlignment(long alignment) {
    if (alignment < 1 || alignment > MAX_BYTE_ALIGNMENT || Long.bitCount(alignment) != 1) {
      throw new IllegalArgumentException(
          "Alignment is not a power of two from 1 to " + MAX_BYTE_ALIGNMENT + ": " + alignment);
    }
    return new SpanRequest(byteSize, alignment, name, arena, vicinity);
  }

  /// Names the span for profiles and listings.
  ///
  /// @param newName any text
  /// @return the request
  public SpanRequest withName(String newName) {
    return new SpanRequest(
        byteSize, byteAlignment, Objects.requireNonNull(newName), arena, vicinity);
  }

  /// Ties the span to an arena: it ends when the arena is closed.
  ///
  /// @param newArena any arena; with the global one the span never ends
  /// @return the request
  public SpanRequest withArena(Arena newArena) {
    return new SpanRequest(
        byteSize, byteAlignment, name, Objects.requireNonNull(newArena), vicinity);
  }

  /// Places the span within branch range of an address, so that its code can reach that address
  /// with a short displacement. The whole executable view of the span lies in the vicinity.
  ///
  /// Such a span is refused with
  /// [com.example.jitmem.api.virtmem.VirtMemException.Reason#OUT_OF_MEMORY] where the vicinity is
  /// full, and with [com.example.jitmem.api.virtmem.VirtMemException.Reason#NOT_SUPPORTED] where
  /// the system cannot place memory.
  ///
  /// @param newVicinity the addresses allowed
  /// @return the request
  public SpanRequest withVicinity(Vicinity newVicinity) {
    return new SpanRequest(
        byteSize, byteAlignment, name, arena, Objects.requireNonNull(newVicinity));
  }

  /// The requested size.
  ///
  /// @return the size in bytes
  public long byteSize() {
    return byteSize;
  }

  /// The requested alignment.
  ///
  /// @return the alignment in bytes
  public long byteAlignment() {
    return byteAlignment;
  }

  /// The name of the span.
  ///
  /// @return the name, empty if there is none
  public Optional<String> name() {
    return Optional.ofNullable(name);
  }

  /// The arena that ends the span.
  ///
  /// @return the arena, empty if the caller closes the span
  public Optional<Arena> arena() {
    return Optional.ofNullable(arena);
  }

  /// The addresses the span may have.
  ///
  /// @return the vicinity, empty if the span may lie anywhere
  public Optional<Vicinity> vicinity() {
    return Optional.ofNullable(vicinity);
  }
}
