// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.Statistics;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.HardenedRuntimeInfo.RefusedWay;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.memory.CodeMemory;
import com.example.jitmem.impl.memory.CodeMemorySource;
import com.example.jitmem.impl.memory.Segments;
import java.lang.foreign.Arena;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/// One allocator with a view for each of its users.
///
/// Its parameters can be replaced while it is used: spans to come are placed in a new generation,
/// the former ones drain and are unmapped with their last span. Parameters that a draining
/// generation has make that one current again.
///
/// All memory is unmapped when neither this object, nor a view, nor a segment of a span can be
/// reached any more. All methods are thread-safe.
public final class SharedAllocator {
  private final CodeMemorySource source;
  private final SpanCore core;
  private final Purger purger;
  private final ReentrantLock reconfiguring = new ReentrantLock();

  /// As long as it can be reached, memory stays mapped.
  private final Arena lifetime = Arena.ofAuto();

  private final Mappings.Share share;

  /// Opens memory and commits nothing.
  ///
  /// @param source opens memory, also for later generations
  /// @param parameters those of the first generation
  /// @throws VirtMemException if no way of writing code fits the parameters
  public SharedAllocator(CodeMemorySource source, JitAllocatorParameters parameters) {
    this(source, parameters, PurgeThread.INSTANCE, System::nanoTime);
  }

  SharedAllocator(
      CodeMemorySource source,
      JitAllocatorParameters parameters,
      PurgeTimer.Scheduler scheduler,
      LongSupplier clock) {
    this.source = Objects.requireNonNull(source);
    core = new SpanCore(parameters, Generation.open(source, parameters), scheduler, clock);
    purger = new Purger(core);
    share = core.mappings.share();
    Segments.atEnd(lifetime, share::leave);
  }

  /// Opens a view. That of an allocator that has ended refuses spans, as one does that was opened
  /// before.
  ///
  /// @param owner the user, for people who look at listings
  /// @return a view without spans
  public AllocatorView openView(String owner) {
    return new AllocatorView(this, Objects.requireNonNull(owner));
  }

  /// Replaces the parameters for spans to come. Live spans stay as they are. Does nothing when the
  /// parameters are those requested last.
  ///
  /// @param parameters the new parameters
  /// @throws IllegalStateException if the allocator has ended
  /// @throws VirtMemException if no way of writing code fits the parameters; nothing has changed
  ///     then
  public void reconfigure(JitAllocatorParameters parameters) {
    Objects.requireNonNull(parameters);
    reconfiguring.lock();
    try {
      if (!switchTo(parameters)) {
        CodeMemory memory = Generation.open(source, parameters);
        makeCurrent(new Generation(parameters, memory));
      }
    } finally {
      reconfiguring.unlock();
      Reference.reachabilityFence(lifetime);
    }
  }

  /// Ends the allocator for new spans. Spans that live stay usable. Regions without live spans are
  /// unmapped at once, the others with their last span, or when no view and no segment can be
  /// reached any more. Does nothing the second time.
  public void retire() {
    try {
      if (new BulkEnd(core, purger).retire()) {
        share.leave();
      }
    } finally {
      Reference.reachabilityFence(lifetime);
    }
  }

  /// The parameters in effect for spans to come.
  ///
  /// @return what the system granted of [#requestedParameters()]
  public JitAllocatorParameters parameters() {
    return current().effective;
  }

  /// The parameters that were requested.
  ///
  /// @return those of the last successful [#reconfigure], or of the constructor
  public JitAllocatorParameters requestedParameters() {
    return current().requested;
  }

  /// How code is written.
  ///
  /// @return the way in which spans to come are written
  public CodeWriting codeWriting() {
    return current().memory.codeWriting();
  }

  /// The ways of writing code that were refused.
  ///
  /// @return what was tried before [#codeWriting()]
  public List<RefusedWay> refusedWays() {
    return current().memory.refusedWays();
  }

  /// The figures of all views.
  ///
  /// @return a snapshot in which the own figures are 0
  public Statistics statistics() {
    try {
      return StatisticsSnapshot.of(core, purger, null);
    } finally {
      Reference.reachabilityFence(lifetime);
    }
  }

  /// The views with live spans, whether or not they can still be reached.
  ///
  /// @return a snapshot
  public List<Holding> holdings() {
    return core.holdings();
  }

  SpanCore core() {
    return core;
  }

  Purger purger() {
    return purger;
  }

  /// Ends the allocator of a single view.
  void close(ViewAccount account) {
    new BulkEnd(core, purger).close(account);
    share.leave();
  }

  private boolean switchTo(JitAllocatorParameters parameters) {
    Generation known;
    core.lock();
    try {
      core.generations.checkOpen();
      known = core.generations.find(parameters);
    } finally {
      core.unlock();
    }
    if (known == null) {
      return false;
    }
    makeCurrent(known);
    return true;
  }

  private void makeCurrent(Generation generation) {
    if (generation != current()) {
      // In parts, so that little is left to do in one go
      purger.purgeNow();
    }
    Reclaimer.run(
        core,
        work -> {
          core.generations.checkOpen();
          Generation former = core.generations.current();
          if (former != generation) {
            core.generations.makeCurrent(generation);
            core.decommitter.decommitAll(former, work);
            core.generations.removeIfOver(former);
          }
        });
  }

  private Generation current() {
    core.lock();
    try {
      return core.generations.current();
    } finally {
      core.unlock();
    }
  }
}
