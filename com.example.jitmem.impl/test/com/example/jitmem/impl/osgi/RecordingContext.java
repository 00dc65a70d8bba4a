// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Dictionary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;

/// A bundle context that only keeps what is registered.
final class RecordingContext {
  private final Map<Integer, Map<String, Object>> registered = new LinkedHashMap<>();
  private int registrations;

  /// Makes all calls fail, as they do when the bundle has stopped.
  boolean isInvalid;

  /// The properties of each service that is registered, in the order of registration.
  List<Map<String, Object>> services() {
    return List.copyOf(registered.values());
  }

  /// The context for a component.
  BundleContext context() {
    return proxy(BundleContext.class, this::callContext);
  }

  private @Nullable Object callContext(Method method, @Nullable Object[] arguments) {
    checkValid();
    return switch (method.getName()) {
      case "registerService" -> register(arguments[2]);
      case "addBundleListener", "removeBundleListener" -> null;
      default -> throw new AssertionError(method);
    };
  }

  private ServiceRegistration<?> register(@Nullable Object properties) {
    int id = registrations++;
    registered.put(id, map(properties));
    return proxy(
        ServiceRegistration.class,
        (method, arguments) -> {
          checkValid();
          switch (method.getName()) {
            case "setProperties" -> registered.put(id, map(arguments[0]));
            case "unregister" -> registered.remove(id);
            default -> throw new AssertionError(method);
          }
          return null;
        });
  }

  private void checkValid() {
    if (isInvalid) {
      throw new IllegalStateException("The bundle has stopped");
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(@Nullable Object properties) {
    return Map.copyOf(FrameworkUtil.asMap((Dictionary<String, Object>) properties));
  }

  private interface Call {
    @Nullable Object answer(Method method, @Nullable Object[] arguments);
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> call.answer(method, arguments)));
  }
}
