// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.allocator.SpanWriter;
import com.example.jitmem.api.allocator.Statistics;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.HardenedRuntimeInfo.RefusedWay;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The view that one user has of an allocator: its own spans, and a look at those of others.
///
/// Segments of spans without an arena are scoped to one automatic arena of the view.
public sealed class AllocatorView implements JitAllocator permits OwnedAllocator {
  private final SharedAllocator shared;
  private final SpanCore core;
  private final ViewAccount account;

  /// Null after the end of a view that can end.
  private volatile @Nullable Arena arena = Arena.ofAuto();

  AllocatorView(SharedAllocator shared, String owner) {
    this.shared = shared;
    core = shared.core();
    account = new ViewAccount(owner);
    Mappings.Share share = core.mappings.share();
    Scopes.atEnd(arena(), share::leave);
  }

  /// The user the view was opened for.
  ///
  /// @return the name given to [SharedAllocator#openView]
  public String owner() {
    return account.owner;
  }

  @Override
  public Span alloc(long byteSize) {
    return alloc(SpanRequest.of(byteSize));
  }

  @Override
  public Span alloc(SpanRequest request) {
    Arena own = arena();
    try {
      Arena given = request.arena().orElse(null);
      return given == null ? allocClosable(request, own) : allocScoped(request, given);
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  @Override
  public CodeGroup openGroup() {
    checkAllocates();
    return new DefaultCodeGroup(this);
  }

  @Override
  public void release(MemorySegment rx) {
    Arena own = arena();
    try {
      SpanRecord span = rx.isNative() ? core.find(rx.address()) : null;
      if (span == null || address(span) != rx.address() || span.account() != account) {
        throw notStart(rx);
      }
      checkClosable(span);
      if (!core.end(span)) {
        throw notStart(rx);
      }
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  @Override
  public void shrink(Span span, long newByteSize) {
    Arena own = arena();
    try {
      core.shrink(ownRecord(span), newByteSize);
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  @Override
  public Optional<Span> query(MemorySegment address) {
    Arena own = arena();
    SpanRecord span = address.isNative() ? core.find(address.address()) : null;
    if (span == null) {
      return Optional.empty();
    }
    if (!(span.owner instanceof ArenaSpans scoped)) {
      return Optional.of(new SpanHandle(this, span, own.scope()));
    }
    MemorySegment.Scope scope = scoped.scope();
    return scope == null ? Optional.empty() : Optional.of(new SpanHandle(this, span, scope));
  }

  @Override
  public void write(Span span, long offset, MemorySegment source, CachePolicy policy) {
    Objects.requireNonNull(policy);
    Arena own = arena();
    SpanRecord record = ownWritable(span);
    checkSource(source);
    core.enter(record);
    try {
      Objects.checkFromIndexSize(offset, source.byteSize(), record.byteSize());
      if (source.byteSize() > 0) {
        CodeRegion region = record.region.code;
        region.write(record.offset() + offset, unaliased(source, region), policy);
      }
    } finally {
      core.leave(record);
      Reference.reachabilityFence(own);
    }
  }

  @Override
  public <C, X extends Exception> void write(
      Span span, C context, SpanWriter<? super C, X> writer, CachePolicy policy) throws X {
    Objects.requireNonNull(context);
    Objects.requireNonNull(writer);
    try (DefaultWriteScope scope = openWriteScope(policy)) {
      scope.write(span, context, writer);
    }
  }

  @Override
  public DefaultWriteScope openWriteScope(CachePolicy policy) {
    return new DefaultWriteScope(this, Objects.requireNonNull(policy), arena());
  }

  @Override
  public Statistics statistics() {
    return StatisticsSnapshot.of(core, account);
  }

  @Override
  public JitAllocatorParameters parameters() {
    return shared.parameters();
  }

  @Override
  public JitAllocatorParameters requestedParameters() {
    return shared.requestedParameters();
  }

  @Override
  public CodeWriting codeWriting() {
    return shared.codeWriting();
  }

  @Override
  public List<RefusedWay> refusedWays() {
    return shared.refusedWays();
  }

  @Override
  public void reset(ResetPolicy policy) {
    Objects.requireNonNull(policy);
    Arena own = arena();
    try {
      core.reset(account, policy);
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  @Override
  public String toString() {
    return "JitAllocator of " + account.owner;
  }

  /// Ends a span at once, also one that has an arena. Only for spans that nobody else has seen:
  /// segments of it stay accessible as long as the arena lives. Does nothing when it has ended.
  ///
  /// @param span a span of this view
  /// @throws IllegalArgumentException if the span is not one of this view
  public void discard(Span span) {
    Arena own = arena;
    try {
      core.end(ownHandle(span).record());
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  /// The same span in a form that cannot be closed.
  ///
  /// @param span a span of this view
  /// @return a span that is equal to it and whose `close` throws [UnsupportedOperationException]
  /// @throws IllegalArgumentException if the span is not one of this view
  public Span withoutClose(Span span) {
    return ownHandle(span).withoutClose();
  }

  SpanCore core() {
    return core;
  }

  /// Ends a span that a handle got from this view stands for.
  void close(SpanRecord span) {
    if (!span.isLive()) {
      return;
    }
    if (span.account() != account) {
      throw new IllegalStateException(
          "The " + span + " belongs to " + span.account().owner + ", who alone can close it");
    }
    checkClosable(span);
    Arena own = arena;
    try {
      core.end(span);
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  /// The record behind a live span of this view that the calling thread may write to.
  ///
  /// @throws IllegalArgumentException if it is no span of this view
  /// @throws IllegalStateException if it has ended
  /// @throws WrongThreadException if its arena is confined to another thread
  SpanRecord ownWritable(Span span) {
    SpanRecord record = ownRecord(span);
    if (record.owner instanceof ArenaSpans scoped) {
      MemorySegment.Scope scope = scoped.scope();
      if (scope == null) {
        throw SpanCore.ended(record);
      }
      Scopes.check(Scopes.arenaOf(scope));
    }
    return record;
  }

  /// Refuses memory that the calling thread cannot read.
  static void checkSource(MemorySegment source) {
    if (!source.scope().isAlive()) {
      throw new IllegalStateException("The arena of the source is closed");
    }
    if (!source.isAccessibleBy(Thread.currentThread())) {
      throw new WrongThreadException("The source is confined to another thread");
    }
  }

  /// A source that can be copied into a region. Code of the region itself is copied first: it is
  /// written at other addresses than it is read at, so that an overlap would not be noticed.
  static MemorySegment unaliased(MemorySegment source, CodeRegion region) {
    return source.asOverlappingSlice(region.rx()).isEmpty()
        ? source
        : MemorySegment.ofArray(source.toArray(ValueLayout.JAVA_BYTE));
  }

  /// Ends the allocator of which this is the only view.
  void closeAll() {
    Arena own = arena;
    try {
      if (own != null) {
        shared.close(account);
        arena = null;
      }
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  private Span allocClosable(SpanRequest request, Arena own) {
    SpanRecord span = new SpanPlacer(core).alloc(account.closable, request);
    return new SpanHandle(this, span, own.scope());
  }

  private Span allocScoped(SpanRequest request, Arena given) {
    ArenaSpans spans = join(given);
    SpanRecord span = new SpanPlacer(core).alloc(spans, request);
    try {
      SpanHandle handle = new SpanHandle(this, span, given.scope());
      handle.bind();
      return handle;
    } catch (RuntimeException e) {
      core.end(span);
      throw e;
    }
  }

  /// The spans of an arena, with a cleanup registered.
  private ArenaSpans join(Arena given) {
    while (true) {
      ArenaSpans spans;
      core.lock.lock();
      try {
        core.checkOpen();
        spans =
            account.scoped.computeIfAbsent(
                given.scope(), scope -> new ArenaSpans(account, scope, core.mappings));
      } finally {
        core.lock.unlock();
      }
      if (spans.register(given, new ArenaCleanup(core, spans))) {
        return spans;
      }
    }
  }

  private SpanRecord ownRecord(Span span) {
    return ownHandle(span).liveRecord();
  }

  private SpanHandle ownHandle(Span span) {
    if (!(Objects.requireNonNull(span) instanceof SpanHandle handle)
        || handle.record().account() != account) {
      throw new IllegalArgumentException("Not a span of this view: " + span);
    }
    return handle;
  }

  private Arena arena() {
    Arena own = arena;
    if (own == null) {
      throw new IllegalStateException("The allocator is closed");
    }
    return own;
  }

  private void checkAllocates() {
    arena();
    core.lock.lock();
    try {
      core.checkOpen();
    } finally {
      core.lock.unlock();
    }
  }

  private static void checkClosable(SpanRecord span) {
    if (span.owner instanceof ArenaSpans) {
      throw new UnsupportedOperationException(
          "The " + span + " has an arena: closing that one ends it");
    }
  }

  private static IllegalArgumentException notStart(MemorySegment rx) {
    return new IllegalArgumentException(
        "No live span of this view starts at 0x" + Long.toHexString(rx.address()));
  }

  private static long address(SpanRecord span) {
    return span.region.address() + span.offset();
  }
}
