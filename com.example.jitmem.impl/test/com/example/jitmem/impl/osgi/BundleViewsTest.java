// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.impl.DefaultJitRuntimeFactory;
import com.example.jitmem.impl.allocator.SharedAllocator;
import com.example.jitmem.impl.virtmem.SystemCodeMemorySource;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.Version;

class BundleViewsTest {
  private final SharedAllocator allocator =
      new SharedAllocator(new SystemCodeMemorySource(), JitAllocatorParameters.defaults());
  private final BundleViews views =
      new BundleViews("kernels", allocator, new DefaultJitRuntimeFactory());

  @Test
  void bundleThatAsksWhileTheAllocatorEndsGetsAViewThatSaysSo() {
    allocator.retire();

    BundleView view = views.getService(bundle(), registration());

    assertThatIllegalStateException()
        .isThrownBy(() -> view.alloc(64))
        .withMessageContaining("ended");
    assertThat(view.statistics().ownSpanCount()).isZero();
    assertThat(view.parameters()).isEqualTo(JitAllocatorParameters.defaults());
  }

  private static Bundle bundle() {
    return (Bundle)
        Proxy.newProxyInstance(
            Bundle.class.getClassLoader(),
            new Class<?>[] {Bundle.class},
            (proxy, method, _) ->
                switch (method.getName()) {
                  case "getSymbolicName" -> "test.consumer";
                  case "getVersion" -> Version.emptyVersion;
                  case "getBundleId" -> 1L;
                  case "hashCode" -> System.identityHashCode(proxy);
                  default -> throw new AssertionError(method);
                });
  }

  @SuppressWarnings("unchecked")
  private static ServiceRegistration<BundleView> registration() {
    return (ServiceRegistration<BundleView>)
        Proxy.newProxyInstance(
            ServiceRegistration.class.getClassLoader(),
            new Class<?>[] {ServiceRegistration.class},
            (_, method, _) -> {
              throw new AssertionError(method);
            });
  }
}
