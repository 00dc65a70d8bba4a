// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.faults;

import static com.example.jitmem.impl.faults.Operation.failing;
import static com.example.jitmem.impl.faults.Operation.givingUp;
import static com.example.jitmem.impl.faults.Operation.succeeding;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.allocator.SpanWriter;
import com.example.jitmem.api.allocator.WriteScope;
import com.example.jitmem.api.runtime.CallSafety;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.virtmem.CachePolicy;
import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.impl.allocator.AllocatorView;
import com.example.jitmem.impl.allocator.OwnedAllocator;
import com.example.jitmem.impl.allocator.SharedAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;

/// The operations of allocators and runtimes.
final class AllocatorOperations {
  static final FunctionOptions UNCHECKED =
      FunctionOptions.defaults().withSafety(CallSafety.UNCHECKED);

  /// Larger than the memory that is committed for a stage.
  private static final long GROWING = 300_000;

  /// More than a large page.
  private static final long LARGE = 5L << 20;

  /// How far away from a region another one is to be placed, beyond the reach of a displacement.
  private static final long FAR = 16L << 30;

  private static final SpanWriter<MemorySegment, RuntimeException> COPYING =
      (rw, code) -> {
        rw.copyFrom(code);
        return code.byteSize();
      };

  private AllocatorOperations() {}

  /// All of them.
  static List<Operation<AllocatorStage>> all() {
    return Stream.of(allocating(), releasing(), writing(), ending(), running())
        .flatMap(List::stream)
        .toList();
  }

  private static List<Operation<AllocatorStage>> allocating() {
    return List.of(
        failing(
            "alloc in the first region",
            stage -> {
              OwnedAllocator fresh = stage.anotherAllocator();
              return () -> stage.closedAtEnd(fresh.alloc(64));
            }),
        failing(
            "alloc in committed memory", stage -> () -> stage.closedAtEnd(stage.view().alloc(64))),
        failing("alloc with growth", stage -> () -> stage.closedAtEnd(stage.view().alloc(GROWING))),
        failing("alloc, large", stage -> () -> stage.closedAtEnd(stage.view().alloc(LARGE))),
        failing(
            "alloc, aligned",
            stage ->
                () ->
                    stage.closedAtEnd(
                        stage.view().alloc(SpanRequest.of(5_000).withByteAlignment(1 << 20)))),
        failing(
            "alloc with an arena",
            stage -> {
              Arena arena = stage.newArena();
              return () -> stage.view().alloc(GROWING, arena);
            }),
        failing(
            "alloc in a group",
            stage -> {
              CodeGroup group = stage.view().openGroup();
              stage.atEnd(group::close);
              return () -> group.alloc(GROWING);
            }),
        failing(
            "alloc near an anchor",
            stage -> {
              Vicinity vicinity = Vicinity.of(stage.second().rx());
              SpanRequest request = SpanRequest.of(GROWING).withVicinity(vicinity);
              return () -> stage.closedAtEnd(stage.view().alloc(request));
            }),
        failing(
            "alloc in a second region",
            stage -> {
              long first = stage.second().rx().address();
              Vicinity far = Vicinity.of(MemorySegment.ofAddress(first + FAR));
              SpanRequest request = SpanRequest.of(GROWING).withVicinity(far);
              return () -> stage.closedAtEnd(stage.view().alloc(request));
            }),
        failing(
            "alloc after new parameters",
            stage ->
                () -> {
                  stage.shared().reconfigure(stage.parameters().withGranuleByteSize(256));
                  stage.closedAtEnd(stage.view().alloc(64));
                }));
  }

  private static List<Operation<AllocatorStage>> releasing() {
    return List.of(
        succeeding(
            "close a span",
            stage -> {
              Span span = stage.view().alloc(GROWING);
              return span::close;
            }),
        succeeding(
            "close a large span",
            stage -> {
              Span span = stage.view().alloc(LARGE);
              return span::close;
            }),
        succeeding(
            "release an address",
            stage -> {
              MemorySegment rx = stage.view().alloc(GROWING).rx();
              return () -> stage.view().release(rx);
            }),
        succeeding(
            "shrink",
            stage -> {
              Span span = stage.closedAtEnd(stage.view().alloc(GROWING));
              return () -> stage.view().shrink(span, 1);
            }),
        succeeding(
            "close an arena",
            stage -> {
              Arena arena = stage.newArena();
              stage.view().alloc(GROWING, arena);
              stage.view().alloc(64, arena);
              return arena::close;
            }),
        succeeding(
            "close a group",
            stage -> {
              CodeGroup group = stage.view().openGroup();
              group.alloc(GROWING);
              group.alloc(GROWING);
              return group::close;
            }));
  }

  private static List<Operation<AllocatorStage>> writing() {
    return List.of(
        failing(
            "write bytes",
            stage ->
                () ->
                    stage
                        .view()
                        .write(stage.second(), 64, stage.system().code(1), CachePolicy.DEFAULT)),
        failing(
            "write with a function",
            stage -> {
              Span span = stage.closedAtEnd(stage.view().alloc(GROWING));
              return () -> stage.view().write(span, rw -> 64L, CachePolicy.DEFAULT);
            }),
        failing(
            "write with a function and an object",
            stage -> {
              Span span = stage.closedAtEnd(stage.view().alloc(GROWING));
              MemorySegment code = stage.system().code(1);
              return () -> stage.view().write(span, code, COPYING, CachePolicy.DEFAULT);
            }),
        failing(
            "write in a scope",
            stage -> {
              Span span = stage.closedAtEnd(stage.view().alloc(GROWING));
              return () -> {
                try (WriteScope scope = stage.view().openWriteScope(CachePolicy.DEFAULT)) {
                  scope.write(span, 0, stage.system().code(1));
                  scope.flush();
                  scope.write(stage.second(), 64, stage.system().code(2));
                }
              };
            }),
        succeeding(
            "query and statistics",
            stage ->
                () -> {
                  assertThat(stage.view().query(stage.second().rx())).isPresent();
                  stage.view().statistics().largePageBytes();
                }));
  }

  private static List<Operation<AllocatorStage>> ending() {
    return List.of(
        succeeding("reset, soft", stage -> reset(stage, ResetPolicy.SOFT)),
        succeeding("reset, hard", stage -> reset(stage, ResetPolicy.HARD)),
        succeeding(
            "close an allocator",
            stage -> {
              OwnedAllocator other = stage.anotherAllocator();
              other.alloc(GROWING).close();
              return other::close;
            }),
        succeeding(
            "retire",
            stage -> {
              SharedAllocator other = stage.anotherShared();
              AllocatorView user = other.openView("another user");
              user.alloc(GROWING).close();
              stage.closedAtEnd(user.alloc(64));
              return other::retire;
            }));
  }

  private static Runnable reset(AllocatorStage stage, ResetPolicy policy) {
    AllocatorView view = stage.shared().openView("another user");
    view.alloc(GROWING);
    view.alloc(64);
    return () -> view.reset(policy);
  }

  private static List<Operation<AllocatorStage>> running() {
    return List.of(
        failing(
            "add bytes",
            stage ->
                () -> {
                  MemorySegment code = stage.system().code(1);
                  JitFunction function =
                      stage.runtime().add(code, AllocatorStage.TYPE, FunctionOptions.defaults());
                  stage.atEnd(function::close);
                }),
        givingUp(
            "add by an emitter",
            stage ->
                () -> {
                  MemorySegment code = stage.system().code(1);
                  JitFunction function =
                      stage
                          .runtime()
                          .add(
                              GROWING,
                              (rx, rw) -> {
                                rw.copyFrom(code);
                                return code.byteSize();
                              },
                              AllocatorStage.TYPE,
                              UNCHECKED);
                  stage.atEnd(function::close);
                }),
        succeeding(
            "close a function",
            stage -> {
              byte[] large = new byte[(int) GROWING];
              JitFunction function = stage.runtime().add(large, AllocatorStage.TYPE);
              return function::close;
            }),
        succeeding(
            "bind", stage -> () -> stage.runtime().bind(stage.second().rx(), AllocatorStage.TYPE)));
  }
}
