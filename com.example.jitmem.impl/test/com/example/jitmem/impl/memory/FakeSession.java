// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.memory;

import com.example.jitmem.impl.memory.FakeCodeMemory.Call;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// A session whose writable ranges are copies, brought in place where they were said to be written.
/// The ranges must stay committed as long as the session is open.
final class FakeSession implements WriteSession {
  private final FakeCodeMemory memory;
  private final Thread owner = Thread.currentThread();
  private final Arena arena = Arena.ofAuto();
  private final List<Copy> copies = new ArrayList<>();
  private final List<Written> writes = new ArrayList<>();
  private boolean closed;

  private record Copy(FakeRegion region, long offset, MemorySegment bytes) {}

  private record Written(FakeRegion region, long offset, long byteSize) {}

  FakeSession(FakeCodeMemory memory) {
    this.memory = memory;
  }

  @Override
  public MemorySegment writable(CodeRegion region, long offset, long byteSize) {
    check();
    FakeRegion fake = (FakeRegion) region;
    fake.checkCommitted("writable", offset, byteSize);
    memory.called(Call.WRITABLE);
    for (Copy copy : copies) {
      if (copy.region == fake
          && copy.offset <= offset
          && offset + byteSize <= copy.offset + copy.bytes.byteSize()) {
        return copy.bytes.asSlice(offset - copy.offset, byteSize);
      }
    }
    MemorySegment bytes = arena.allocate(byteSize, 64);
    bytes.copyFrom(MemorySegment.ofArray(fake.read(offset, (int) byteSize)));
    copies.add(new Copy(fake, offset, bytes));
    return bytes;
  }

  @Override
  public void written(CodeRegion region, long offset, long byteSize) {
    check();
    writes.add(new Written((FakeRegion) region, offset, byteSize));
  }

  @Override
  public void flush() {
    check();
    for (Written write : writes) {
      write.region.checkCommitted("flush", write.offset, write.byteSize);
    }
    memory.called(Call.FLUSH);
    writes.forEach(this::bring);
    writes.clear();
  }

  @Override
  public void close() {
    check();
    closed = true;
    for (Copy copy : copies) {
      copy.region.checkMapped("close of a session");
      copy.region.checkCommitted("close", copy.offset, copy.bytes.byteSize());
    }
    memory.called(Call.FLUSH);
    writes.forEach(this::bring);
  }

  private void bring(Written write) {
    for (Copy copy : copies) {
      long from = Math.max(copy.offset, write.offset);
      long to = Math.min(copy.offset + copy.bytes.byteSize(), write.offset + write.byteSize);
      if (copy.region == write.region && from < to) {
        byte[] bytes =
            copy.bytes.asSlice(from - copy.offset, to - from).toArray(ValueLayout.JAVA_BYTE);
        copy.region.put(from, bytes);
      }
    }
  }

  private void check() {
    if (Thread.currentThread() != owner || closed) {
      throw memory.violation("session of another thread or closed");
    }
  }
}
