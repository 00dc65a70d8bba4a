// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import com.example.jitmem.api.virtmem.VirtMem;
import com.example.jitmem.impl.ffm.Downcalls;
import com.example.jitmem.impl.ffm.NativeCalls;
import com.example.jitmem.impl.memory.CodeMemorySource;
import com.example.jitmem.impl.virtmem.InjectedSystem;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// The running system, of which every call can be refused and all that it has given can be listed.
final class FaultySystem {
  private final Mode mode;
  private final SeparateAddresses addresses = new SeparateAddresses(new Downcalls(Downcalls.ERRNO));
  private final FaultyCalls calls;
  private final InjectedSystem system;

  FaultySystem(Mode mode) {
    this(mode, honest -> honest);
  }

  /// A system with something between it and the calls that it gets.
  FaultySystem(Mode mode, UnaryOperator<NativeCalls> between) {
    this.mode = mode;
    calls = new FaultyCalls(between.apply(addresses));
    calls.setPolicy(mode.policy());
    system = new InjectedSystem(calls);
  }

  Mode mode() {
    return mode;
  }

  FaultyCalls calls() {
    return calls;
  }

  VirtMem virtMem() {
    return system.virtMem();
  }

  CodeMemorySource memory() {
    return system.memory();
  }

  /// Makes the ways of writing code be tried again.
  void forgetWays() {
    system.forgetWays();
  }

  MemorySegment code(int value) {
    return system.code(value);
  }

  int run(MemorySegment code) {
    return system.run(code);
  }

  /// The lines of `/proc/self/maps` that are ours.
  List<String> lines() {
    return addresses.lines();
  }

  /// Checks that everything was given back, after the system had another opportunity to take what
  /// it has refused before.
  void requireNothingHeld() {
    system.settle();
    List<String> lines = lines();
    if (!lines.isEmpty()) {
      throw new AssertionError("Still mapped: " + String.join("\n", lines));
    }
    Map<Long, String> descriptors = calls.openDescriptors();
    if (!descriptors.isEmpty()) {
      throw new AssertionError("Still open: " + descriptors);
    }
    addresses.rewind();
  }

  /// Unmaps everything, so that one failure is not reported again by the tests that follow.
  void clear() {
    calls.end();
    calls.forgetDescriptors();
    addresses.clear();
  }
}
