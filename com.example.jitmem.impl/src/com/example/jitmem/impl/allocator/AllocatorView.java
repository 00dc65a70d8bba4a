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
import com.example.jitmem.impl.allocator.space.RegionHeap;
import com.example.jitmem.impl.memory.Segments;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
  private final SpanFinder finder;
  private final ViewAccount account;

  /// Null after the end of a view that can end.
  private volatile @Nullable Arena arena = Arena.ofAuto();

  /// Whatever is mapped, in the scope of the arena. Null when that is.
  private volatile @Nullable MemorySegment memory = Segments.everything(arena());

  AllocatorView(SharedAllocator shared, String owner) {
    this.shared = shared;
    core = shared.core();
    finder = new SpanFinder(core);
    account = new ViewAccount(owner);
    Mappings.Share share = core.mappings.share();
    Segments.atEnd(arena(), share::leave);
  }

  /// The user the view was opened for.
  ///
  /// @return the name given to [SharedAllocator#openView]
  public String owner() {
    return account.owner;
  }

  /* The lock is taken here and not in the core, and the core gives a number and no object, so that
   * the handle of a span that its caller does not keep need not be made. */
  @Override
  public Span alloc(long byteSize) {
    if (byteSize < 1 || byteSize > MAX_SPAN_BYTE_SIZE) {
      return alloc(SpanRequest.of(byteSize));
    }
    Arena own = arena();
    try {
      Region region;
      int start;
      int endings = 0;
      core.lock();
      try {
        start = core.tryAllocate(account, byteSize);
        region = core.placedIn;
        if (region != null && start != RegionHeap.NONE) {
          endings = region.versions.version(start);
        }
      } finally {
        core.unlock();
      }
      return start == RegionHeap.NONE || region == null
          ? alloc(SpanRequest.of(byteSize))
          : PlainSpan.of(this, region, start, byteSize, endings);
    } finally {
      Reference.reachabilityFence(own);
    }
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
      Reclaimer work;
      core.lock();
      try {
        work = endAt(rx);
      } finally {
        core.unlock();
      }
      if (work != null) {
        work.run();
      }
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  private @Nullable Reclaimer endAt(MemorySegment rx) {
    Region region = rx.isNative() ? core.regions.find(rx.address()) : null;
    if (region == null) {
      throw notStart(rx);
    }
    long offset = rx.address() - region.address();
    int start = region.findLive(region.granule(offset));
    if (start == RegionHeap.NONE
        || region.bytes(start) != offset
        || core.owner(region, start) != account) {
      throw notStart(rx);
    }
    SpanRecord record = region.records.find(start);
    if (record == null) {
      return core.endUnknown(region, start, null);
    }
    if (record.group != null) {
      throw new RecordedSpan(this, record, arena().scope()).notClosable();
    }
    return core.end(region, start, null);
  }

  @Override
  public void shrink(Span span, long newByteSize) {
    Arena own = arena();
    try {
      SpanHandle handle = ownHandle(span);
      Reclaimer work;
      CoreLock lock = core.lock;
      lock.lock();
      try {
        work = handle.shrink(newByteSize);
      } finally {
        lock.unlock();
      }
      if (work != null) {
        work.run();
      }
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  @Override
  public Optional<Span> query(MemorySegment address) {
    arena();
    return address.isNative() ? finder.find(this, address.address()) : Optional.empty();
  }

  @Override
  public void write(Span span, long offset, MemorySegment source, CachePolicy policy) {
    Objects.requireNonNull(policy);
    Arena own = arena();
    SpanHandle handle = ownWritable(span);
    Segments.requireAccessible(source, "source");
    long place = SpanCore.place(handle.region, handle.start);
    boolean brief = core.writers.tryEnter(place);
    if (!brief) {
      core.enter(handle);
    }
    try {
      Objects.checkFromIndexSize(offset, source.byteSize(), handle.byteSize());
      if (source.byteSize() > 0) {
        Region region = handle.region;
        region.code.write(handle.offset() + offset, Segments.unaliased(source, region.rx), policy);
      }
    } finally {
      if (!brief) {
        core.leave(place);
      } else if (core.writers.leave(place)) {
        core.collect();
      }
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
    Arena own = arena;
    try {
      return StatisticsSnapshot.of(core, account);
    } finally {
      Reference.reachabilityFence(own);
    }
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
      new MassRelease(core).reset(account, policy);
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
    ownHandle(span).discard();
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

  ViewAccount account() {
    return account;
  }

  /// The handle of a live span of this view that the calling thread may write to.
  ///
  /// @throws IllegalArgumentException if it is no span of this view
  /// @throws IllegalStateException if it has ended
  /// @throws WrongThreadException if its arena is confined to another thread
  SpanHandle ownWritable(Span span) {
    SpanHandle handle = ownHandle(span);
    handle.checkAccess();
    return handle;
  }

  /// Ends the allocator of which this is the only view.
  void closeAll() {
    Arena own = arena;
    try {
      if (own != null) {
        shared.close(account);
        arena = null;
        memory = null;
      }
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  private Span allocClosable(SpanRequest request, Arena own) {
    SpanPlacer.Placed placed = new SpanPlacer(core).alloc(SpanNeeds.of(request, account, null));
    return placed.record() != null
        ? new RecordedSpan(this, placed.record(), own.scope())
        : PlainSpan.of(this, placed.region(), placed.start(), request.byteSize(), placed.endings());
  }

  private Span allocScoped(SpanRequest request, Arena given) {
    SpanNeeds needs = SpanNeeds.of(request, account, join(given));
    SpanRecord record = Objects.requireNonNull(new SpanPlacer(core).alloc(needs).record());
    RecordedSpan handle = new RecordedSpan(this, record, given.scope());
    try {
      handle.segment(handle.byteSize());
      return handle;
    } catch (RuntimeException e) {
      handle.discard();
      throw e;
    }
  }

  /// The spans of an arena, with a cleanup registered.
  private ArenaSpans join(Arena given) {
    while (true) {
      ArenaSpans spans;
      core.lock();
      try {
        core.checkOpen();
        spans =
            account.scoped.computeIfAbsent(
                given.scope(), scope -> new ArenaSpans(account, scope, core.mappings));
      } finally {
        core.unlock();
      }
      if (spans.register(given, new ArenaCleanup(core, spans))) {
        return spans;
      }
    }
  }

  private SpanHandle ownHandle(Span span) {
    if (!(Objects.requireNonNull(span) instanceof SpanHandle handle) || handle.owner() != account) {
      throw new IllegalArgumentException("Not a span of this view: " + span);
    }
    return handle;
  }

  @Nullable Arena arenaOrNull() {
    return arena;
  }

  /// The arena of spans without one.
  ///
  /// @throws IllegalStateException if the view has ended
  Arena arena() {
    Arena own = arena;
    if (own == null) {
      throw closed();
    }
    return own;
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("The allocator is closed");
  }

  /// What segments of spans without an arena are slices of.
  ///
  /// @throws IllegalStateException if the view has ended
  MemorySegment memory() {
    MemorySegment all = memory;
    if (all == null) {
      throw closed();
    }
    return all;
  }

  private void checkAllocates() {
    arena();
    core.lock();
    try {
      core.checkOpen();
    } finally {
      core.unlock();
    }
  }

  private static IllegalArgumentException notStart(MemorySegment rx) {
    return new IllegalArgumentException(
        "No live span of this view starts at 0x" + Long.toHexString(rx.address()));
  }
}
