// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.memory;

import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.impl.memory.FakeCodeMemory.Call;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A region of fake memory: which pages are committed, and the bytes in pieces of 64 KiB that are
/// either one pattern or stored.
public final class FakeRegion implements CodeRegion {
  private static final int PIECE = 1 << 16;

  /// The content of memory that was never written.
  static final int UNDEFINED = 0xA5A5A5A5;

  final FakeCodeMemory memory;
  /// Its first address.
  public final long address;

  /// Its reserved size.
  public final long byteSize;

  private final BitSet committed = new BitSet();
  private final Map<Integer, byte[]> bytes = new HashMap<>();
  private final Map<Integer, Integer> patterns = new HashMap<>();

  /// Guards itself, so that a release during a call is seen and does not wait for it.
  private final List<Use> inFlight = new ArrayList<>();

  private volatile boolean gone;

  /// A range that a call works on. Ranges of calls at the same time do not overlap, so equality
  /// tells them apart.
  private record Use(long start, long end) {}

  FakeRegion(FakeCodeMemory memory, long address, long byteSize) {
    this.memory = memory;
    this.address = address;
    this.byteSize = byteSize;
  }

  @Override
  public MemorySegment rx() {
    return MemorySegment.ofAddress(address).reinterpret(byteSize).asReadOnly();
  }

  @Override
  public void commit(long offset, long size) {
    during(
        "commit",
        offset,
        size,
        () -> {
          checkPages(offset, size);
          if (!committed.get(page(offset), page(offset + size)).isEmpty()) {
            throw memory.violation("commit of committed memory at " + offset);
          }
          memory.called(Call.COMMIT);
          committed.set(page(offset), page(offset + size));
          put(offset, size, UNDEFINED);
        });
  }

  @Override
  public void decommit(long offset, long size) {
    during(
        "decommit",
        offset,
        size,
        () -> {
          checkPages(offset, size);
          checkCommitted("decommit", offset, size);
          put(offset, size, UNDEFINED);
          memory.called(Call.DECOMMIT);
          committed.clear(page(offset), page(offset + size));
        });
  }

  @Override
  public long largePageBytes() {
    return memory.largePageSize == 0 ? 0 : committedBytes();
  }

  @Override
  public void write(long offset, MemorySegment source, CachePolicy policy) {
    byte[] copy = source.toArray(ValueLayout.JAVA_BYTE);
    during(
        "write",
        offset,
        copy.length,
        () -> {
          checkCommitted("write", offset, copy.length);
          memory.called(Call.WRITE);
          put(offset, copy);
        });
  }

  @Override
  public void fill(long offset, long size, int pattern) {
    during(
        "fill",
        offset,
        size,
        () -> {
          if (offset % 4 != 0 || size % 4 != 0 || size <= 0) {
            throw memory.violation("fill of " + size + " at " + offset);
          }
          checkCommitted("fill", offset, size);
          memory.called(Call.FILL);
          put(offset, size, pattern);
        });
  }

  @Override
  public void release() {
    synchronized (inFlight) {
      if (gone) {
        throw memory.violation("region released twice");
      }
      if (!inFlight.isEmpty()) {
        throw memory.violation("region released while it is used");
      }
      gone = true;
    }
    memory.released(this);
  }

  synchronized void checkCommitted(String what, long offset, long size) {
    if (!isCommitted(offset, size)) {
      throw memory.violation(what + " of memory that is not committed: " + offset + "+" + size);
    }
  }

  void checkMapped(String what) {
    if (gone) {
      throw memory.violation(what + " of a released region");
    }
  }

  synchronized boolean isCommitted(long offset, long size) {
    int first = page(offset);
    int end = page(offset + size + memory.pageSize() - 1);
    return !gone
        && offset >= 0
        && offset + size <= byteSize
        && committed.get(first, end).cardinality() == end - first;
  }

  synchronized long committedBytes() {
    return committed.cardinality() * memory.pageSize();
  }

  synchronized byte[] read(long offset, int size) {
    checkCommitted("read", offset, size);
    byte[] result = new byte[size];
    for (int done = 0; done < size; ) {
      int piece = (int) ((offset + done) / PIECE);
      int at = (int) ((offset + done) % PIECE);
      int count = Math.min(PIECE - at, size - done);
      byte[] stored = bytes.get(piece);
      if (stored != null) {
        System.arraycopy(stored, at, result, done, count);
      } else {
        int pattern = patterns.getOrDefault(piece, UNDEFINED);
        for (int i = 0; i < count; i++) {
          result[done + i] = byteOf(pattern, at + i);
        }
      }
      done += count;
    }
    return result;
  }

  synchronized void put(long offset, byte[] source) {
    for (int i = 0; i < source.length; i++) {
      stored((int) ((offset + i) / PIECE))[(int) ((offset + i) % PIECE)] = source[i];
    }
  }

  /// Registers a use of a range, which no other call may touch meanwhile.
  private Use enter(String what, long offset, long size) {
    Use use = new Use(offset, offset + size);
    synchronized (inFlight) {
      checkMapped(what);
      for (Use other : inFlight) {
        if (use.start < other.end && other.start < use.end) {
          throw memory.violation(what + " overlaps another call at " + offset);
        }
      }
      inFlight.add(use);
    }
    return use;
  }

  private void leave(Use use) {
    synchronized (inFlight) {
      inFlight.remove(use);
    }
  }

  private void during(String what, long offset, long size, Runnable action) {
    Use use = enter(what, offset, size);
    try {
      synchronized (this) {
        action.run();
      }
    } finally {
      leave(use);
    }
  }

  private synchronized void put(long offset, long size, int pattern) {
    long position = offset;
    while (position < offset + size) {
      int piece = (int) (position / PIECE);
      int at = (int) (position % PIECE);
      int count = (int) Math.min(PIECE - at, offset + size - position);
      if (count == PIECE) {
        bytes.remove(piece);
        patterns.put(piece, pattern);
      } else {
        byte[] target = stored(piece);
        for (int i = 0; i < count; i++) {
          target[at + i] = byteOf(pattern, at + i);
        }
      }
      position += count;
    }
  }

  private byte[] stored(int piece) {
    return bytes.computeIfAbsent(
        piece,
        ignored -> {
          byte[] fresh = new byte[PIECE];
          int pattern = patterns.getOrDefault(piece, UNDEFINED);
          for (int i = 0; i < PIECE; i++) {
            fresh[i] = byteOf(pattern, i);
          }
          return fresh;
        });
  }

  private static byte byteOf(int pattern, int at) {
    return (byte) (pattern >> (8 * (at & 3)));
  }

  private void checkPages(long offset, long size) {
    if (offset < 0
        || size <= 0
        || offset + size > byteSize
        || offset % memory.pageSize() != 0
        || size % memory.pageSize() != 0) {
      throw memory.violation("not a range of pages: " + offset + "+" + size);
    }
  }

  private int page(long offset) {
    return (int) (offset / memory.pageSize());
  }
}
