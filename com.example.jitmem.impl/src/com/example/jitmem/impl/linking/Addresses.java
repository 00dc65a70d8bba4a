// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.linking;

/// Addresses of everything in a link, once it is known where its two areas will be loaded.
record Addresses(Layout layout, long code, long data) {
  long of(PlacedSection section) {
    return (section.area == Area.DATA ? data : code) + section.offset;
  }

  /// The value of a symbol; of an indirect function it is its stub, because what the function
  /// resolves to is known only when its code can run.
  long of(Target target) {
    return switch (target.state) {
      case PLACED ->
          target.indirect
              ? ofStub(target)
              : (target.area() == Area.DATA ? data : code) + target.offset();
      case COMMON -> data + target.value;
      case FIXED -> target.value;
      case TABLE -> ofTable();
      default -> 0;
    };
  }

  long ofTable() {
    return code + layout.tableOffset;
  }

  long ofEntry(Target target) {
    return ofTable() + (long) target.entry * Layout.ENTRY_BYTES;
  }

  long ofStub(Target target) {
    return code + layout.stubsOffset + (long) target.stub * Stubs.BYTES;
  }
}
