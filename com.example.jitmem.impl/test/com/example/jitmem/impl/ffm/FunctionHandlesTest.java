// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.ffm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class FunctionHandlesTest {
  private static final FunctionDescriptor INT_TO_INT =
      FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);

  @Test
  void oneHandleCallsAllFunctionsOfAType() throws Throwable {
    MethodHandle handle = FunctionHandles.unbound(INT_TO_INT, false, false);
    MemorySegment abs = Linker.nativeLinker().defaultLookup().findOrThrow("abs");
    MemorySegment toupper = Linker.nativeLinker().defaultLookup().findOrThrow("toupper");
    assertThat((int) handle.invokeExact(abs, -7)).isEqualTo(7);
    assertThat((int) handle.invokeExact(toupper, (int) 'a')).isEqualTo('A');
  }

  @Test
  void equalTypesShareAHandleAndOptionsDoNot() {
    FunctionDescriptor equal = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    MethodHandle plain = FunctionHandles.unbound(INT_TO_INT, false, false);
    assertThat(FunctionHandles.unbound(equal, false, false)).isSameAs(plain);
    assertThat(FunctionHandles.unbound(equal, false, true)).isSameAs(plain);
    assertThat(FunctionHandles.unbound(equal, true, false)).isNotSameAs(plain);
    assertThat(FunctionHandles.unbound(equal, true, true))
        .isNotSameAs(FunctionHandles.unbound(equal, true, false));
  }

  @Test
  void threadsThatAskAtOnceGetTheSameHandle() throws Exception {
    FunctionDescriptor rare =
        FunctionDescriptor.of(ValueLayout.JAVA_SHORT, ValueLayout.JAVA_CHAR, ValueLayout.JAVA_LONG);
    Set<MethodHandle> handles = Collections.newSetFromMap(new IdentityHashMap<>());
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      Callable<MethodHandle> asking = () -> FunctionHandles.unbound(rare, false, false);
      for (Future<MethodHandle> answer : threads.invokeAll(Collections.nCopies(16, asking))) {
        handles.add(answer.get());
      }
    }
    assertThat(handles).hasSize(1);
  }
}
