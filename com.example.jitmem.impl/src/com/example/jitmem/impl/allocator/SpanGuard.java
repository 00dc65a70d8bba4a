// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.allocator;

import java.lang.foreign.Arena;
import java.lang.ref.PhantomReference;
import org.jspecify.annotations.Nullable;

/// What alone ends a span: the allocator refuses to close, release, shrink or reset it.
///
/// The allocator holds the guard and the guard does not hold its owner, so an owner that is not
/// reachable any more can be noticed.
///
/// Implementations are thread-safe.
public abstract class SpanGuard extends PhantomReference<Object> {
  /// The guard below this one in a [GuardQueue].
  @Nullable SpanGuard below;

  /// Makes a guard.
  ///
  /// @param owner the guard is told when it is not reachable any more
  /// @param queue the guards of the allocator whose span is guarded
  protected SpanGuard(Object owner, GuardQueue queue) {
    super(owner, queue.unreachable);
  }

  /// Notes that a user may know the address of the span, so it must outlive its owner. Called under
  /// the lock of the core, or by a thread that reaches the owner.
  protected abstract void show();

  /// The arena to which segments of the span are scoped that users get.
  ///
  /// @return the same arena in every call
  /// @throws IllegalStateException if the span has ended or is about to
  protected abstract Arena arena();

  /// Ends the span, whose owner is unreachable, unless its address was shown. Called without locks.
  protected abstract void abandon();

  /// Ends the span, whose guard was posted in [GuardQueue#post]. Called without locks.
  ///
  /// @return false if it cannot end yet: it is tried again later
  protected abstract boolean settle();
}
