// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.runtime;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.WrongMethodTypeException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/// Instances of functional interfaces that call functions, as fast as a constant handle does: a
/// hidden class for each interface and shared handle, whose objects hold what the handle is bound
/// to.
///
/* Nothing is pinned. The hidden class lives as long as one of its objects; it refers to the
 * interface and, by its class data, to the shared handle. From here both are referred to weakly,
 * and not by a ClassValue, which would tie classes of this bundle to those of the JDK.
 *
 * Thread-safe. */
final class FunctionInterfaces {
  /// The classes made for each interface.
  private static final Map<Class<?>, List<Known>> KNOWN = new WeakHashMap<>();

  private FunctionInterfaces() {}

  /// A class that was made: its factory is part of its class data.
  private record Known(
      WeakReference<Class<?>> host,
      WeakReference<MethodHandle> shared,
      WeakReference<FunctionInterfaceFactory> factory) {
    boolean isGone() {
      return host.refersTo(null) || shared.refersTo(null) || factory.refersTo(null);
    }

    boolean isFor(Class<?> otherHost, MethodHandle otherShared) {
      return host.refersTo(otherHost) && shared.refersTo(otherShared);
    }
  }

  /// Makes an instance.
  ///
  /// @param lookup where the class is defined, with full access
  /// @param type the interface
  /// @param shared the handle of a function type; its first argument tells the function
  /// @param first the first argument
  /// @throws IllegalArgumentException if the type is no functional interface that the lookup can
  ///     implement, or its method does not match the handle
  static <T> T instance(
      MethodHandles.Lookup lookup, Class<T> type, MethodHandle shared, Object first) {
    return type.cast(factory(lookup, type, shared).make(first));
  }

  /// Makes an instance without a lookup. The JDK defines the class beside the interface, so it asks
  /// nothing of the loader of this bundle, which may be gone.
  ///
  /// @throws IllegalArgumentException if the type is no public functional interface, or its method
  ///     does not match the handle
  static <T> T proxy(Class<T> type, MethodHandle handle) {
    try {
      return MethodHandleProxies.asInterfaceInstance(type, handle);
    } catch (WrongMethodTypeException e) {
      throw new IllegalArgumentException(
          type.getName() + " does not match the function, whose Java form is " + handle.type(), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          type.getName() + " is not a public functional interface that any class may implement", e);
    }
  }

  private static FunctionInterfaceFactory factory(
      MethodHandles.Lookup lookup, Class<?> type, MethodHandle shared) {
    synchronized (KNOWN) {
      FunctionInterfaceFactory known = find(lookup.lookupClass(), type, shared);
      if (known != null) {
        return known;
      }
    }
    FunctionInterfaceFactory made = FunctionInterfaceFactory.define(lookup, type, shared);
    synchronized (KNOWN) {
      List<Known> all = KNOWN.computeIfAbsent(type, ignored -> new ArrayList<>(1));
      all.removeIf(Known::isGone);
      all.add(
          new Known(
              new WeakReference<>(lookup.lookupClass()),
              new WeakReference<>(shared),
              new WeakReference<>(made)));
    }
    return made;
  }

  private static @Nullable FunctionInterfaceFactory find(
      Class<?> host, Class<?> type, MethodHandle shared) {
    for (Known known : KNOWN.getOrDefault(type, List.of())) {
      FunctionInterfaceFactory factory = known.factory().get();
      if (factory != null && known.isFor(host, shared)) {
        return factory;
      }
    }
    return null;
  }
}
