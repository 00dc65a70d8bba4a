// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.ResetPolicy;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The spans of an allocator in all its generations, under one lock. It knows neither views nor
/// arenas, so that it keeps none alive.
final class SpanCore {
  final ReentrantLock lock = new ReentrantLock();
  final Mappings mappings = new Mappings();
  final Counters counters = new Counters();
  final Map<JitAllocatorParameters, Generation> generations = new HashMap<>();
  final Set<ViewAccount> holders = new LinkedHashSet<>();
  private final TreeMap<Long, Region> regionsByAddress = new TreeMap<>();
  private Generation current;
  private boolean retired;

  SpanCore(JitAllocatorParameters parameters, CodeMemory memory) {
    current = new Generation(this, parameters, memory);
    generations.put(parameters, current);
  }

  Generation current() {
    return current;
  }

  /// Refuses new spans after the end of the allocator.
  void checkOpen() {
    if (retired) {
      throw new IllegalStateException("The allocator has ended");
    }
  }

  /// Makes a generation the one of spans to come.
  void makeCurrent(Generation generation, Reclaimer reclaimer) {
    Generation former = current;
    if (former != generation) {
      generation.draining = false;
      generations.put(generation.requested, generation);
      current = generation;
      former.drain(reclaimer);
      dropIfOver(former);
    }
  }

  void dropIfOver(Generation generation) {
    if (generation != current && generation.isOver()) {
      generations.remove(generation.requested, generation);
    }
  }

  void add(Region region) {
    regionsByAddress.put(region.address(), region);
  }

  boolean isKnown(Region region) {
    return regionsByAddress.get(region.address()) == region;
  }

  int regionCount() {
    return regionsByAddress.size();
  }

  /// Takes a region out of the tables.
  void forget(Region region) {
    regionsByAddress.remove(region.address());
    counters.addReserved(-region.committedBytes());
    dropIfOver(region.pool.generation);
  }

  /// Enters a span into all tables.
  void add(SpanRecord span) {
    span.region.spans.add(span);
    span.owner.add(span);
    counters.add(span);
    holders.add(span.account());
  }

  /// The span an address lies in.
  @Nullable SpanRecord find(long address) {
    lock.lock();
    try {
      Map.Entry<Long, Region> entry = regionsByAddress.floorEntry(address);
      if (entry == null) {
        return null;
      }
      Region region = entry.getValue();
      long offset = address - region.address();
      return offset < region.byteSize()
          ? region.spans.find((int) (offset / region.pool.granuleBytes()))
          : null;
    } finally {
      lock.unlock();
    }
  }

  /// Ends a span. Its memory stays its own until nobody writes to it.
  ///
  /// @return false if it had ended before
  boolean end(SpanRecord span) {
    Reclaimer reclaimer = new Reclaimer(this);
    lock.lock();
    try {
      if (!span.isLive()) {
        return false;
      }
      end(span, reclaimer);
    } finally {
      lock.unlock();
    }
    reclaimer.run();
    return true;
  }

  /// Ends the spans of an arena that has ended.
  void endAll(ArenaSpans spans) {
    Reclaimer reclaimer = new Reclaimer(this);
    lock.lock();
    try {
      spans.end();
      MemorySegment.Scope scope = spans.scope();
      if (scope != null) {
        spans.account().scoped.remove(scope, spans);
      }
      endEach(spans, reclaimer);
    } finally {
      lock.unlock();
    }
    reclaimer.run();
    spans.leave();
  }

  /// Gives the end of a span back.
  ///
  /// @throws IllegalStateException if the span has ended
  /// @throws IllegalArgumentException if the size is not from 1 to that of the span
  void shrink(SpanRecord span, long newByteSize) {
    Reclaimer reclaimer = new Reclaimer(this);
    lock.lock();
    try {
      checkLive(span);
      if (newByteSize < 1 || newByteSize > span.byteSize()) {
        throw new IllegalArgumentException(
            "New size is not from 1 to " + span.byteSize() + " bytes: " + newByteSize);
      }
      long before = span.byteSize();
      span.shrink(span.region.pool.granules(newByteSize));
      counters.addUsed(span.account(), span.byteSize() - before);
      if (span.writers == 0) {
        giveTailBack(span, reclaimer);
      }
    } finally {
      lock.unlock();
    }
    reclaimer.run();
  }

  /// The regions of all generations.
  List<CodeRegion> committedMemory() {
    lock.lock();
    try {
      return regionsByAddress.values().stream().map(region -> region.code).toList();
    } finally {
      lock.unlock();
    }
  }

  /// Keeps the memory of a span its own until [#leave].
  ///
  /// @throws IllegalStateException if the span has ended
  void enter(SpanRecord span) {
    lock.lock();
    try {
      checkLive(span);
      span.writers++;
    } finally {
      lock.unlock();
    }
  }

  /// Ends a write that [#enter] began.
  void leave(SpanRecord span) {
    Reclaimer reclaimer = new Reclaimer(this);
    lock.lock();
    try {
      span.writers--;
      if (span.writers == 0) {
        if (span.isLive()) {
          giveTailBack(span, reclaimer);
        } else {
          giveBack(span, reclaimer);
        }
      }
    } finally {
      lock.unlock();
    }
    reclaimer.run();
  }

  /// Ends the spans of a view that their caller would close.
  ///
  /// @throws IllegalStateException if a span of the view has an arena
  void reset(ViewAccount account, ResetPolicy policy) {
    Reclaimer reclaimer = new Reclaimer(this);
    lock.lock();
    try {
      checkNoneScoped(account);
      endEach(account.closable, reclaimer);
    } finally {
      lock.unlock();
    }
    reclaimer.run();
    if (policy == ResetPolicy.HARD) {
      lock.lock();
      try {
        List.copyOf(generations.values()).forEach(generation -> generation.trim(reclaimer));
      } finally {
        lock.unlock();
      }
      reclaimer.run();
    }
  }

  /// Ends the allocator for new spans. Regions go with their last span.
  ///
  /// @return false if it had ended before
  boolean retire() {
    Reclaimer reclaimer = new Reclaimer(this);
    lock.lock();
    try {
      if (retired) {
        return false;
      }
      retired = true;
      List.copyOf(generations.values()).forEach(generation -> generation.drain(reclaimer));
    } finally {
      lock.unlock();
    }
    reclaimer.run();
    return true;
  }

  /// Ends the allocator of a single view with all its spans. Regions in which spans were live stay
  /// mapped as long as there are shares in the mappings.
  ///
  /// @throws IllegalStateException if a span has an arena
  void close(ViewAccount account) {
    Reclaimer reclaimer = new Reclaimer(this);
    lock.lock();
    try {
      checkNoneScoped(account);
      retired = true;
      for (Region region : List.copyOf(regionsByAddress.values())) {
        if (region.spans.count() > 0) {
          region.pool.forget(region);
        }
      }
      endEach(account.closable, reclaimer);
      List.copyOf(generations.values()).forEach(generation -> generation.drain(reclaimer));
    } finally {
      lock.unlock();
    }
    reclaimer.run();
  }

  /// The views with live spans.
  List<Holding> holdings() {
    lock.lock();
    try {
      List<Holding> holdings = new ArrayList<>();
      for (ViewAccount account : holders) {
        holdings.add(new Holding(account.owner, account.spanCount, account.usedBytes));
      }
      return List.copyOf(holdings);
    } finally {
      lock.unlock();
    }
  }

  private void checkLive(SpanRecord span) {
    if (!span.isLive()) {
      throw ended(span);
    }
  }

  static IllegalStateException ended(SpanRecord span) {
    return new IllegalStateException("The " + span + " has ended");
  }

  private static void checkNoneScoped(ViewAccount account) {
    if (account.scopedCount > 0) {
      throw new IllegalStateException(
          account.scopedCount
              + " spans of "
              + account.owner
              + " have an arena that ends them: close the arenas, groups and protected functions"
              + " first");
    }
  }

  private void endEach(SpanOwner spans, Reclaimer reclaimer) {
    for (SpanRecord span = spans.first(); span != null; span = spans.first()) {
      end(span, reclaimer);
    }
  }

  private void end(SpanRecord span, Reclaimer reclaimer) {
    span.end();
    span.region.spans.remove(span);
    span.owner.remove(span);
    counters.remove(span);
    if (span.account().spanCount == 0) {
      holders.remove(span.account());
    }
    if (span.writers == 0) {
      giveBack(span, reclaimer);
    }
  }

  private static void giveBack(SpanRecord span, Reclaimer reclaimer) {
    span.region.held--;
    reclaimer.reclaim(span.region, new UnitRange(span.start, span.start + span.held));
  }

  private static void giveTailBack(SpanRecord span, Reclaimer reclaimer) {
    UnitRange tail = new UnitRange(span.start + span.granules(), span.start + span.held);
    span.held = span.granules();
    reclaimer.reclaim(span.region, tail);
  }
}
