// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test.holder;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Wraps objects so that it knows which of their public methods were called.
final class Coverage {
  /// Methods without parameters that give a result and change something.
  private static final Set<String> ENDING = Set.of("retire");

  private final Set<Class<?>> types = new LinkedHashSet<>();
  private final Set<String> called = new TreeSet<>();

  /// The object, as one of a type whose calls are noted.
  <T> T of(Class<T> type, T target) {
    types.add(type);
    return type.cast(
        Proxy.newProxyInstance(
            Coverage.class.getClassLoader(), new Class<?>[] {type}, new Noting(type, target)));
  }

  /// Calls every method without arguments that answers something.
  <T> T read(Class<T> type, T target) {
    T noting = of(type, target);
    for (Method method : type.getMethods()) {
      if (method.getParameterCount() == 0
          && method.getReturnType() != void.class
          && !ENDING.contains(method.getName())
          && !Modifier.isStatic(method.getModifiers())) {
        try {
          Object answer = method.invoke(noting);
          Checks.that(answer != null && !answer.toString().isEmpty(), method.toString());
        } catch (ReflectiveOperationException e) {
          throw new LinkageError(method.toString(), e);
        }
      }
    }
    return noting;
  }

  /// The public methods of the types that were not called.
  Set<String> missed() {
    Set<String> missed = new TreeSet<>();
    for (Class<?> type : types) {
      for (Method method : type.getMethods()) {
        if (!Modifier.isStatic(method.getModifiers())) {
          missed.add(describe(type, method));
        }
      }
    }
    missed.removeAll(called);
    return missed;
  }

  private static String describe(Class<?> type, Method method) {
    return type.getSimpleName()
        + "."
        + method.getName()
        + Arrays.stream(method.getParameterTypes()).map(Class::getSimpleName).toList();
  }

  private static @Nullable Object unwrap(@Nullable Object value) {
    return value != null
            && Proxy.isProxyClass(value.getClass())
            && Proxy.getInvocationHandler(value) instanceof Noting noting
        ? noting.target
        : value;
  }

  private final class Noting implements InvocationHandler {
    private final Class<?> type;
    private final Object target;

    Noting(Class<?> type, Object target) {
      this.type = type;
      this.target = target;
    }

    @Override
    public @Nullable Object invoke(
        Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
      called.add(describe(type, method));
      Object[] given =
          arguments == null ? null : Arrays.stream(arguments).map(Coverage::unwrap).toArray();
      try {
        return method.invoke(target, given);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }
  }
}
