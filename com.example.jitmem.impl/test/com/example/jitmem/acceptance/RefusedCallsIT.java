// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.jitmem.api.allocator.CodeGroup;
import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.allocator.SpanRequest;
import com.example.jitmem.api.allocator.WriteScope;
import com.example.jitmem.api.runtime.FunctionOptions;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.runtime.JitRuntimeFactory;
import com.example.jitmem.api.virtmem.ProtectJitReadWriteScope;
import com.example.jitmem.api.virtmem.Vicinity;
import com.example.jitmem.api.virtmem.VirtMem;
import com.example.jitmem.testing.OnLinux;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Wrong arguments, wrong states and wrong threads get the exception the documentation promises,
/// and nothing has changed then.
@OnLinux
class RefusedCallsIT {
  private static final List<Class<?>> TYPES =
      List.of(
          VirtMem.class,
          ProtectJitReadWriteScope.class,
          JitAllocator.class,
          OwnedJitAllocator.class,
          JitAllocatorFactory.class,
          JitAllocatorParameters.class,
          SpanRequest.class,
          Vicinity.class,
          Span.class,
          CodeGroup.class,
          WriteScope.class,
          JitRuntime.class,
          JitRuntimeFactory.class,
          JitFunction.class,
          FunctionOptions.class);

  /// Methods that can be called with anything.
  private static final Set<String> ACCEPT_EVERYTHING =
      Set.of(
          "JitAllocatorParameters.equals(Object)",
          "JitAllocatorParameters.hasOption(JitAllocatorOption)",
          "JitAllocatorParameters.withDirect(boolean)",
          "JitAllocatorParameters.withFillPattern(int)",
          "Vicinity.equals(Object)",
          "FunctionOptions.withCritical(boolean)");

  @TestFactory
  Stream<DynamicNode> wrongCallsAreRefusedAndChangeNothing() {
    Scene scene = new Scene();
    return scene.calls.stream()
        .<DynamicNode>map(
            call -> DynamicTest.dynamicTest(call.toString(), () -> check(call, scene)))
        .onClose(scene::close);
  }

  @Test
  void everyMethodWithParametersIsCalledWrongly() {
    try (Scene scene = new Scene()) {
      Set<String> called =
          scene.calls.stream().map(RefusedCall::method).collect(Collectors.toSet());
      Set<String> uncalled = methodsWithParameters();
      uncalled.removeAll(ACCEPT_EVERYTHING);
      uncalled.removeAll(called);
      assertThat(uncalled).isEmpty();
    }
  }

  private static void check(RefusedCall call, Scene scene) {
    assertThatThrownBy(call.call())
        .isInstanceOf(call.expected())
        .satisfies(RefusedCallsIT::checkMessage);
    scene.checkUnchanged();
  }

  private static void checkMessage(Throwable refusal) {
    if (!(refusal instanceof NullPointerException)) {
      assertThat(refusal).message().isNotBlank();
    }
  }

  private static Set<String> methodsWithParameters() {
    return TYPES.stream()
        .flatMap(type -> Stream.of(type.getDeclaredMethods()))
        .filter(method -> Modifier.isPublic(method.getModifiers()))
        .filter(method -> !method.isSynthetic() && method.getParameterCount() > 0)
        .map(RefusedCallsIT::nameOf)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String nameOf(Method method) {
    return Stream.of(method.getParameterTypes())
        .map(Class::getSimpleName)
        .collect(
            Collectors.joining(
                ",",
                method.getDeclaringClass().getSimpleName() + "." + method.getName() + "(",
                ")"));
  }
}
