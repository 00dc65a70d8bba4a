// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

/// The gate of one function. The last thread that leaves a retired function only posts the guard,
/// which ends the span later.
final class FunctionGate extends Gate {
  private final FunctionGuard guard;

  FunctionGate(FunctionGuard guard) {
    this.guard = guard;
  }

  @Override
  void drained() {
    guard.post();
  }
}
