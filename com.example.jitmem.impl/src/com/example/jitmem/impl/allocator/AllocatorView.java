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

/// One user's view of an allocator: its own spans, and read access to those of others.
///
/// Segments of spans without an arena are scoped to one automatic arena of the view.
public sealed class AllocatorView implements JitAllocator permits OwnedAllocator {
  private final SharedAllocator shared;
  private final SpanCore core;
  private final SpanFinder finder;
  private final ViewContext view;

  AllocatorView(SharedAllocator shared, String owner) {
    this.shared = shared;
    core = shared.core();
    finder = new SpanFinder(core);
    view = new ViewContext(core, owner);
  }

  /// The user the view was opened for.
  ///
  /// @return the name given to [SharedAllocator#openView]
  public String owner() {
    return view.account().owner;
  }

  /* The lock is taken here and not in the core, and the core returns a number and no object, so
   * that HotSpot need not make a handle that does not escape the caller. */
  @Override
  public Span alloc(long byteSize) {
    if (byteSize < 1 || byteSize > MAX_SPAN_BYTE_SIZE) {
      return alloc(SpanRequest.of(byteSize));
    }
    Arena own = view.arena();
    try {
      Region region = null;
      int start = 0;
      int end = 0;
      int version = 0;
      core.lock();
      try {
        Pool pool = core.poolFor(view.account(), byteSize, 1);
        int count = pool.granules(byteSize);
        long place = pool.allocate(count);
        if (place != Place.NONE) {
          region = core.regionAt(place);
          start = Place.start(place);
          end = start + count;
          core.enter(view.account(), region, start, count);
          // No version of a plain region was ever raised
          version = region.isPlain() ? 0 : region.versions().version(start);
        }
      } finally {
        core.unlock();
      }
      return region == null
          ? alloc(SpanRequest.of(byteSize))
          : new PlainSpan(view, region, start, end, version);
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  @Override
  public Span alloc(SpanRequest request) {
    Arena own = view.arena();
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
    Arena own = view.arena();
    try {
      DeferredWork work;
      core.lock();
      try {
        work = endAt(rx);
      } finally {
        core.unlock();
      }
      Reclaimer.perform(core, work);
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  private @Nullable DeferredWork endAt(MemorySegment rx) {
    Region region = rx.isNative() ? core.regions.find(rx.address()) : null;
    if (region == null) {
      throw notStart(rx);
    }
    long offset = rx.address() - region.address();
    int start = region.heap().findLive(region.granule(offset));
    if (start == RegionHeap.NONE
        || region.bytes(start) != offset
        || core.owner(region, start) != view.account()) {
      throw notStart(rx);
    }
    SpanRecord record = region.records().find(start);
    if (record == null) {
      return core.endUnobserved(region, start, null);
    }
    if (record.isBound()) {
      throw new RecordedSpan(view, region, record, view.arena().scope()).notClosable();
    }
    return core.end(region, start, null);
  }

  @Override
  public void shrink(Span span, long newByteSize) {
    Arena own = view.arena();
    try {
      SpanHandle handle = SpanHandle.own(span, view);
      DeferredWork work;
      core.lockBuffered();
      try {
        work = handle.shrink(newByteSize);
      } finally {
        core.unlock();
      }
      Reclaimer.perform(core, work);
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  @Override
  public Optional<Span> query(MemorySegment address) {
    view.arena();
    return address.isNative() ? finder.find(view, address.address()) : Optional.empty();
  }

  @Override
  public void write(Span span, long offset, MemorySegment source, CachePolicy policy) {
    Objects.requireNonNull(policy);
    Arena own = view.arena();
    SpanHandle handle = SpanHandle.writable(span, view);
    Segments.requireAccessible(source, "source");
    long place = handle.place();
    boolean brief = core.writers.tryAnnounce(place);
    if (!brief) {
      handle.registerWriter();
    }
    try {
      Objects.checkFromIndexSize(offset, source.byteSize(), handle.byteSize());
      if (source.byteSize() > 0) {
        Region region = handle.region;
        region
            .code()
            .write(handle.offset() + offset, Segments.unaliased(source, region.rx()), policy);
      }
    } finally {
      if (!brief) {
        Reclaimer.run(core, work -> core.leaveWriter(place, work));
      } else if (core.writers.leave(place)) {
        Reclaimer.collectWritten(core);
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
    return new DefaultWriteScope(this, view, Objects.requireNonNull(policy), view.arena());
  }

  @Override
  public Statistics statistics() {
    Arena own = view.arenaOrNull();
    try {
      return StatisticsSnapshot.of(core, shared.purger(), view.account());
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
    Arena own = view.arena();
    try {
      new BulkEnd(core, shared.purger()).reset(view.account(), policy);
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  @Override
  public String toString() {
    return "JitAllocator of " + view.account().owner;
  }

  /// Ends a span at once, also one that has an arena. Only for spans that have not been handed out:
  /// segments of it stay accessible as long as the arena lives. Does nothing when it has ended.
  ///
  /// @param span a span of this view
  /// @throws IllegalArgumentException if the span is not one of this view
  public void discard(Span span) {
    SpanHandle.own(span, view).discard();
  }

  /// The same span in a form that cannot be closed.
  ///
  /// @param span a span of this view
  /// @return a span that is equal to it and whose `close` throws [UnsupportedOperationException]
  /// @throws IllegalArgumentException if the span is not one of this view
  public Span withoutClose(Span span) {
    return SpanHandle.own(span, view).withoutClose();
  }

  /// Allocates a span that only its guard ends, by [#discard]: until then closing, releasing and
  /// shrinking it, resetting this view and closing the allocator are refused.
  ///
  /// @param request the request, without an arena
  /// @param guard what ends the span
  /// @return the span with all rights, its segments in the scope of this view; not to be handed out
  /// @throws IllegalArgumentException if the size and the alignment exceed a region
  /// @throws IllegalStateException if the allocator has ended
  /// @throws com.example.jitmem.api.virtmem.VirtMemException if the system refuses memory
  public Span allocGuarded(SpanRequest request, SpanGuard guard) {
    Arena own = view.arena();
    try {
      SpanNeeds needs = SpanNeeds.guarded(request, view.account(), guard);
      SpanPlacer.Placed placed = new SpanPlacer(core).alloc(needs);
      core.guards.watch();
      SpanRecord record = Objects.requireNonNull(placed.record());
      return new RecordedSpan(view, placed.region(), record, own.scope());
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  /// A shared arena that keeps the memory of this allocator mapped until it is closed.
  ///
  /// @return an arena that the caller closes
  @SuppressWarnings("MustBeClosedChecker") // the caller closes it
  public Arena openArena() {
    Arena arena = Arena.ofShared();
    Mappings.Share share = core.mappings.share();
    Segments.atEnd(arena, share::leave);
    return arena;
  }

  /// Has a guard settled by the ticks that follow, which is posted or will be.
  public void settleLater() {
    core.guards.await();
    Reclaimer.run(core, core.decommitter::requestTick);
  }

  /// The guards of the allocator.
  ///
  /// @return the same object in every call
  public GuardQueue guards() {
    return core.guards;
  }

  SpanCore core() {
    return core;
  }

  ViewAccount account() {
    return view.account();
  }

  /// Ends the allocator of which this is the only view.
  void closeAll() {
    Arena own = view.arenaOrNull();
    try {
      if (own != null) {
        shared.close(view.account());
        view.close();
      }
    } finally {
      Reference.reachabilityFence(own);
    }
  }

  private Span allocClosable(SpanRequest request, Arena own) {
    SpanNeeds needs = SpanNeeds.of(request, view.account(), null);
    SpanPlacer.Placed placed = new SpanPlacer(core).alloc(needs);
    return placed.record() != null
        ? new RecordedSpan(view, placed.region(), placed.record(), own.scope())
        : new PlainSpan(view, placed.region(), placed.start(), placed.end(), placed.version());
  }

  private Span allocScoped(SpanRequest request, Arena given) {
    SpanNeeds needs = SpanNeeds.of(request, view.account(), view.join(given));
    SpanPlacer.Placed placed = new SpanPlacer(core).alloc(needs);
    SpanRecord record = Objects.requireNonNull(placed.record());
    RecordedSpan handle = new RecordedSpan(view, placed.region(), record, given.scope());
    try {
      handle.segment(handle.byteSize());
      return handle;
    } catch (RuntimeException e) {
      handle.discard();
      throw e;
    }
  }

  private void checkAllocates() {
    view.arena();
    core.lock();
    try {
      core.generations.checkOpen();
    } finally {
      core.unlock();
    }
  }

  private static IllegalArgumentException notStart(MemorySegment rx) {
    return new IllegalArgumentException(
        "No live span of this view starts at 0x" + Long.toHexString(rx.address()));
  }
}
