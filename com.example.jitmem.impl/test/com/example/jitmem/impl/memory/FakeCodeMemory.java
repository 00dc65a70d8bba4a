// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.memory;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.CodeWriting;
import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.api.virtmem.VirtMemException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Code memory that is none: addresses that must not be touched, and the bytes they would hold in
/// sparse tables. It checks what the port demands of its caller, remembers every violation, and
/// refuses what a test tells it to.
///
/// Written ranges become visible when their session is flushed, as in a memory that is written by
/// copies.
public final class FakeCodeMemory implements CodeMemory, CodeMemorySource {
  /// The pattern that traps.
  public static final int TRAP = 0xCCCCCCCC;

  /// What can be refused.
  public enum Call {
    OPEN,
    RESERVE,
    COMMIT,
    DECOMMIT,
    WRITE,
    FILL,
    WRITABLE,
    FLUSH
  }

  /// Decides whether a call is refused.
  @FunctionalInterface
  public interface Fault {
    VirtMemException.@Nullable Reason refuse(Call call, long number);
  }

  private static final long FIRST_ADDRESS = 0x1000_0000_0000L;

  /// What is reserved, by its first address.
  public final Map<Long, FakeRegion> regions = new ConcurrentHashMap<>();

  /// All requests to open memory.
  public final List<Request> requests = new ArrayList<>();

  /// What callers did against the rules of the port. A test is to end with none.
  public final List<String> violations = Collections.synchronizedList(new ArrayList<>());

  private final Map<Call, Long> calls = new ConcurrentHashMap<>();
  private final AtomicLong nextAddress = new AtomicLong(FIRST_ADDRESS);
  private final AtomicLong callCount = new AtomicLong();
  private volatile Fault fault = (call, number) -> null;

  /// How memory is written.
  public volatile CodeWriting codeWriting =
      new CodeWriting.DualMapped(CodeWriting.Backing.SHARED_ANONYMOUS);

  /// The size of large pages; 0 for none.
  public volatile long largePageSize;

  /// A larger region finds no room.
  public volatile long maxRegion = 1L << 31;

  /// Opens as soon as no region is left.
  public volatile CountDownLatch released = new CountDownLatch(1);

  /// Refuses the n-th call from now on, counted from 1.
  public void failCall(long number) {
    callCount.set(0);
    fault = (call, n) -> n == number ? VirtMemException.Reason.OTHER : null;
  }

  /// Refuses all calls of one kind.
  public void failEvery(Call refused) {
    fault = (call, n) -> call == refused ? VirtMemException.Reason.OTHER : null;
  }

  /// Refuses what a test decides to, instead of what was refused before.
  public void fail(Fault newFault) {
    fault = newFault;
  }

  /// Refuses nothing any more.
  public void failNothing() {
    fault = (call, n) -> null;
  }

  /// The number of calls that could have been refused since [#failCall].
  public long callCount() {
    return callCount.get();
  }

  /// The number of calls of one kind.
  public long count(Call call) {
    return calls.getOrDefault(call, 0L);
  }

  void called(Call call) {
    calls.merge(call, 1L, Long::sum);
    VirtMemException.Reason reason = fault.refuse(call, callCount.incrementAndGet());
    if (reason != null) {
      throw new VirtMemException(reason, "fake", 12, "The fake refuses " + call);
    }
  }

  AssertionError violation(String text) {
    violations.add(text);
    return new AssertionError(text);
  }

  @Override
  public CodeMemory open(Request request) {
    called(Call.OPEN);
    requests.add(request);
    return this;
  }

  @Override
  public CodeWriting codeWriting() {
    return codeWriting;
  }

  @Override
  public long pageSize() {
    return 4096;
  }

  @Override
  public long largePageSize() {
    return largePageSize;
  }

  @Override
  public int trapPattern() {
    return TRAP;
  }

  @Override
  public CodeRegion reserve(long byteSize) {
    checkReserve(byteSize);
    long step = (byteSize + 2 * REGION_ALIGNMENT) / REGION_ALIGNMENT * REGION_ALIGNMENT;
    FakeRegion region = new FakeRegion(this, nextAddress.getAndAdd(step), byteSize);
    regions.put(region.address, region);
    return region;
  }

  private void checkReserve(long byteSize) {
    if (byteSize <= 0 || byteSize % pageSize() != 0 || byteSize > 1L << 31) {
      throw violation("reserve(" + byteSize + ")");
    }
    called(Call.RESERVE);
    if (byteSize > maxRegion) {
      throw new VirtMemException(
          VirtMemException.Reason.OUT_OF_MEMORY, "fake", 12, "The fake has no room");
    }
  }

  /// Places a region at the first free address of the vicinity. [#maxRegion] holds here too.
  @Override
  public CodeRegion reserveNear(long byteSize, Vicinity vicinity) {
    checkReserve(byteSize);
    long anchor = vicinity.anchor().address();
    long lowest = Math.max(REGION_ALIGNMENT, anchor - vicinity.byteReach());
    long address = (lowest + REGION_ALIGNMENT - 1) / REGION_ALIGNMENT * REGION_ALIGNMENT;
    synchronized (regions) {
      for (FakeRegion taken : new TreeMap<>(regions).values()) {
        if (taken.address < address + byteSize && address < taken.address + taken.byteSize) {
          address = (taken.address + taken.byteSize) / REGION_ALIGNMENT * REGION_ALIGNMENT;
          address += REGION_ALIGNMENT;
        }
      }
      FakeRegion region = new FakeRegion(this, address, byteSize);
      if (!vicinity.contains(region.rx())) {
        throw new VirtMemException(
            VirtMemException.Reason.OUT_OF_MEMORY, "fake", 12, "No room within " + vicinity);
      }
      regions.put(address, region);
      long behind = address + byteSize / REGION_ALIGNMENT * REGION_ALIGNMENT + REGION_ALIGNMENT;
      nextAddress.accumulateAndGet(behind, Math::max);
      return region;
    }
  }

  @Override
  public WriteSession openSession(CachePolicy policy) {
    return new FakeSession(this);
  }

  void released(FakeRegion region) {
    if (regions.remove(region.address) == null) {
      throw violation("region released twice");
    }
    if (regions.isEmpty()) {
      released.countDown();
    }
  }

  /// The region of an address.
  public FakeRegion regionOf(long address) {
    var entry = new TreeMap<>(regions).floorEntry(address);
    if (entry == null || address >= entry.getKey() + entry.getValue().byteSize) {
      throw new AssertionError("Not mapped: 0x" + Long.toHexString(address));
    }
    return entry.getValue();
  }

  /// Whether an address lies in a region.
  public boolean isMapped(long address) {
    var entry = new TreeMap<>(regions).floorEntry(address);
    return entry != null && address < entry.getKey() + entry.getValue().byteSize;
  }

  /// Reads what the processor would execute.
  public byte[] read(long address, int byteSize) {
    FakeRegion region = regionOf(address);
    return region.read(address - region.address, byteSize);
  }

  /// Whether a range is committed, without gaps.
  public boolean isCommitted(long address, long byteSize) {
    FakeRegion region = regionOf(address);
    return address >= region.address && region.isCommitted(address - region.address, byteSize);
  }

  /// The size of all that is committed.
  public long committedBytes() {
    return regions.values().stream().mapToLong(FakeRegion::committedBytes).sum();
  }
}
