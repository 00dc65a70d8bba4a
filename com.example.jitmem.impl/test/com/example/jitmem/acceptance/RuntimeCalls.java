// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static com.example.jitmem.acceptance.RefusedCall.none;
import static com.example.jitmem.api.allocator.JitAllocator.MAX_SPAN_BYTE_SIZE;

import com.example.jitmem.api.runtime.CallSafety;
import com.example.jitmem.api.runtime.CodeEmitter;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.testing.MachineCode;
import com.example.jitmem.testing.Services;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.LongUnaryOperator;

/// Wrong calls of [JitRuntime] and what belongs to it.
final class RuntimeCalls {
  private static final String ADD =
      "JitRuntime.add(MemorySegment,FunctionDescriptor,FunctionOptions)";
  private static final String ADD_BYTES = "JitRuntime.add(byte[],FunctionDescriptor)";
  private static final String EMIT =
      "JitRuntime.add(long,CodeEmitter,FunctionDescriptor,FunctionOptions)";
  private static final String BIND = "JitRuntime.bind(MemorySegment,FunctionDescriptor)";

  private static final String AS = "JitFunction.as(Class)";
  private static final String AS_BY_LOOKUP = "JitFunction.as(Lookup,Class)";

  private static final FunctionDescriptor TYPE = MachineCode.CONSTANT_TYPE;
  private static final FunctionOptions PLAIN = FunctionOptions.defaults();
  private static final CodeEmitter<RuntimeException> EMITTER =
      (_, out) -> out.fill((byte) 0xC3).byteSize();

  /// The linker wants the members of a structure aligned.
  private static final FunctionDescriptor UNSUPPORTED =
      FunctionDescriptor.of(
          MemoryLayout.structLayout(ValueLayout.JAVA_BYTE, ValueLayout.JAVA_INT_UNALIGNED));

  private RuntimeCalls() {}

  static void addTo(RefusedCall.Table table, Scene scene) {
    JitRuntime runtime = Services.runtime(scene.allocator);
    addCode(table, scene, runtime);
    addEmitters(table, scene, runtime);
    addBind(table, scene, runtime);
    addFunction(table, scene, runtime);
    addOptions(table, scene);
    table
        .refusesNull(
            "JitRuntimeFactory.create(JitAllocator)",
            () -> Services.runtimeFactory().create(none()))
        .refusesArgument(
            "JitRuntimeFactory.create(JitAllocator)",
            "impostor",
            () -> Services.runtimeFactory().create(scene.impostorAllocator));
  }

  private static void addCode(RefusedCall.Table table, Scene scene, JitRuntime runtime) {
    MemorySegment code = MemorySegment.ofArray(MachineCode.sum());
    MemorySegment tooLong = MemorySegment.NULL.reinterpret(MAX_SPAN_BYTE_SIZE + 1);
    table
        .refusesArgument(ADD_BYTES, "no code", () -> runtime.add(new byte[0], TYPE))
        .refusesArgument(
            ADD_BYTES, "unsupported type", () -> runtime.add(MachineCode.sum(), UNSUPPORTED))
        .refusesNull(ADD_BYTES, () -> runtime.add(none(), TYPE))
        .refusesNull(ADD_BYTES, () -> runtime.add(MachineCode.sum(), none()))
        .refusesArgument(ADD, "no code", () -> runtime.add(code.asSlice(0, 0), TYPE, PLAIN))
        .refusesArgument(ADD, "too much code", () -> runtime.add(tooLong, TYPE, PLAIN))
        .refusesArgument(ADD, "unsupported type", () -> runtime.add(code, UNSUPPORTED, PLAIN))
        .refusesNull(ADD, () -> runtime.add(none(), TYPE, PLAIN))
        .refusesNull(ADD, () -> runtime.add(code, none(), PLAIN))
        .refusesNull(ADD, () -> runtime.add(code, TYPE, none()))
        .refusesState(ADD, "closed code", () -> runtime.add(scene.closedSegment, TYPE, PLAIN))
        .refusesThread(ADD, () -> runtime.add(scene.segmentElsewhere, TYPE, PLAIN))
        .refusesState(
            ADD, "closed arena", () -> runtime.add(code, TYPE, PLAIN.withArena(scene.closedArena)))
        .refusesThread(ADD, () -> runtime.add(code, TYPE, PLAIN.withArena(scene.confinedElsewhere)))
        .refusesState(
            ADD, "closed allocator", () -> Services.runtime(scene.closed).add(code, TYPE, PLAIN));
  }

  private static void addEmitters(RefusedCall.Table table, Scene scene, JitRuntime runtime) {
    for (long byteSize : new long[] {0, -1, MAX_SPAN_BYTE_SIZE + 1, Long.MAX_VALUE}) {
      table.refusesArgument(
          EMIT, "at most " + byteSize, () -> runtime.add(byteSize, EMITTER, TYPE, PLAIN));
    }
    for (long returned : new long[] {0, -1, 101, 129, Long.MAX_VALUE, Long.MIN_VALUE}) {
      table.refusesArgument(
          EMIT, "emits " + returned, () -> runtime.add(100, (_, _) -> returned, TYPE, PLAIN));
    }
    CodeEmitter<RuntimeException> failing =
        (_, _) -> {
          throw new ArithmeticException("by the test");
        };
    for (FunctionOptions options :
        List.of(PLAIN, PLAIN.withSafety(CallSafety.CHECKED), PLAIN.withArena(scene.arena))) {
      table.refuses(
          EMIT,
          "emitter throws, " + options.safety() + " " + options.arena(),
          ArithmeticException.class,
          () -> runtime.add(100, failing, TYPE, options));
    }
    table
        .refusesArgument(
            EMIT, "unsupported type", () -> runtime.add(100, EMITTER, UNSUPPORTED, PLAIN))
        .refusesNull(EMIT, () -> runtime.add(100, none(), TYPE, PLAIN))
        .refusesNull(EMIT, () -> runtime.add(100, EMITTER, none(), PLAIN))
        .refusesNull(EMIT, () -> runtime.add(100, EMITTER, TYPE, none()))
        .refusesState(
            EMIT,
            "closed arena",
            () -> runtime.add(100, EMITTER, TYPE, PLAIN.withArena(scene.closedArena)))
        .refusesThread(
            EMIT, () -> runtime.add(100, EMITTER, TYPE, PLAIN.withArena(scene.confinedElsewhere)))
        .refusesState(
            EMIT,
            "closed allocator",
            () -> Services.runtime(scene.closed).add(100, EMITTER, TYPE, PLAIN));
  }

  private static void addBind(RefusedCall.Table table, Scene scene, JitRuntime runtime) {
    MemorySegment rx = scene.live.rx();
    table
        .refusesNull(BIND, () -> runtime.bind(none(), TYPE))
        .refusesNull(BIND, () -> runtime.bind(rx, none()))
        .refusesArgument(BIND, "heap segment", () -> runtime.bind(scene.bytes, TYPE))
        .refusesArgument(BIND, "null address", () -> runtime.bind(MemorySegment.NULL, TYPE))
        .refusesArgument(BIND, "unsupported type", () -> runtime.bind(rx, UNSUPPORTED));
  }

  private static void addFunction(RefusedCall.Table table, Scene scene, JitRuntime runtime) {
    JitFunction tied =
        runtime.add(
            MemorySegment.ofArray(MachineCode.constant(1)), TYPE, PLAIN.withArena(scene.arena));
    table.refuses(
        "JitFunction.close()",
        "function with an arena",
        UnsupportedOperationException.class,
        tied::close);
    for (CallSafety safety : CallSafety.values()) {
      JitFunction live =
          runtime.add(
              MemorySegment.ofArray(MachineCode.constant(1)), TYPE, PLAIN.withSafety(safety));
      scene.functions.add(live);
      table.refuses(
          "JitFunction.span()",
          "closed by itself, " + safety,
          UnsupportedOperationException.class,
          () -> live.span().close());
    }
    table.refuses(
        "JitFunction.retire()",
        "function with an arena",
        UnsupportedOperationException.class,
        tied::retire);
    addInterfaces(table, tied);
    for (CallSafety safety : new CallSafety[] {CallSafety.PROTECTED, CallSafety.CHECKED}) {
      JitFunction ended =
          runtime.add(
              MemorySegment.ofArray(MachineCode.constant(1)), TYPE, PLAIN.withSafety(safety));
      ended.close();
      table
          .refusesState(
              "JitFunction.handle()",
              "call after the end, " + safety,
              () -> MachineCode.call(ended.handle()))
          .refusesState("JitFunction.span()", "ended, " + safety, () -> ended.span().rx());
    }
  }

  private static void addInterfaces(RefusedCall.Table table, JitFunction function) {
    MethodHandles.Lookup own = MethodHandles.lookup();
    table
        .refusesNull(AS, () -> function.as(none()))
        .refusesArgument(AS, "class", () -> function.as(String.class))
        .refusesArgument(AS, "more than one method", () -> function.as(List.class))
        .refusesArgument(AS, "other type", () -> function.as(LongUnaryOperator.class))
        .refusesNull(AS_BY_LOOKUP, () -> function.as(none(), IntSupplier.class))
        .refusesNull(AS_BY_LOOKUP, () -> function.as(own, none()))
        .refusesArgument(
            AS_BY_LOOKUP,
            "public lookup",
            () -> function.as(MethodHandles.publicLookup(), IntSupplier.class))
        .refusesArgument(AS_BY_LOOKUP, "no method", () -> function.as(own, Cloneable.class));
  }

  private static void addOptions(RefusedCall.Table table, Scene scene) {
    for (long alignment : new long[] {0, -1, 3, 1L << 22, Long.MIN_VALUE, Long.MAX_VALUE}) {
      table.refusesArgument(
          "FunctionOptions.withByteAlignment(long)",
          "alignment " + alignment,
          () -> PLAIN.withByteAlignment(alignment));
    }
    for (CallSafety safety : new CallSafety[] {CallSafety.CHECKED, CallSafety.UNCHECKED}) {
      table
          .refusesArgument(
              "FunctionOptions.withSafety(CallSafety)",
              safety + " beside an arena",
              () -> PLAIN.withArena(scene.arena).withSafety(safety))
          .refusesArgument(
              "FunctionOptions.withArena(Arena)",
              "beside " + safety,
              () -> PLAIN.withSafety(safety).withArena(scene.arena));
    }
    table
        .refusesNull("FunctionOptions.withSafety(CallSafety)", () -> PLAIN.withSafety(none()))
        .refusesNull("FunctionOptions.withArena(Arena)", () -> PLAIN.withArena(none()))
        .refusesNull("FunctionOptions.withName(String)", () -> PLAIN.withName(none()));
  }
}
