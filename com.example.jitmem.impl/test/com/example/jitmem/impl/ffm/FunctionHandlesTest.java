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
    MethodHandle handle = FunctionHandles.linked(INT_TO_INT, false, false).unbound();
    MemorySegment abs = Linker.nativeLinker().defaultLookup().findOrThrow("abs");
    MemorySegment toupper = Linker.nativeLinker().defaultLookup().findOrThrow("toupper");
    assertThat((int) handle.invokeExact(abs, -7)).isEqualTo(7);
    assertThat((int) handle.invokeExact(toupper, (int) 'a')).isEqualTo('A');
  }

  @Test
  void equalTypesShareAHandleAndOptionsDoNot() {
    FunctionDescriptor equal = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    MethodHandle plain = FunctionHandles.linked(INT_TO_INT, false, false).unbound();
    assertThat(FunctionHandles.linked(equal, false, false).unbound()).isSameAs(plain);
    assertThat(FunctionHandles.linked(equal, false, true).unbound()).isSameAs(plain);
    assertThat(FunctionHandles.linked(equal, true, false).unbound()).isNotSameAs(plain);
    assertThat(FunctionHandles.linked(equal, true, true).unbound())
        .isNotSameAs(FunctionHandles.linked(equal, true, false).unbound());
  }

  @Test
  void threadsThatAskAtOnceGetTheSameHandle() throws Exception {
    FunctionDescriptor rare =
        FunctionDescriptor.of(ValueLayout.JAVA_SHORT, ValueLayout.JAVA_CHAR, ValueLayout.JAVA_LONG);
    Set<MethodHandle> handles = Collections.newSetFromMap(new IdentityHashMap<>());
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      Callable<MethodHandle> asking = () -> FunctionHandles.linked(rare, false, false).unbound();
      for (Future<MethodHandle> answer : threads.invokeAll(Collections.nCopies(16, asking))) {
        handles.add(answer.get());
      }
    }
    assertThat(handles).hasSize(1);
  }
}
