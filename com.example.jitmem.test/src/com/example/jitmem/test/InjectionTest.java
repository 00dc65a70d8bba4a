// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.OwnedJitAllocator;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.runtime.JitRuntimeFactory;
import com.example.jitmem.api.service.JitMemConstants;
import com.example.jitmem.api.virtmem.VirtMem;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

class InjectionTest {
  @InjectBundleContext BundleContext context;
  @InjectService InjectedComponent component;

  @Test
  void testGetsEveryService(
      @InjectService VirtMem virtMem,
      @InjectService JitAllocator allocator,
      @InjectService JitRuntime runtime,
      @InjectService JitAllocatorFactory allocators,
      @InjectService JitRuntimeFactory runtimes)
      throws Throwable {
    assertThat(virtMem.info().pageSize()).isPositive();
    assertThat(allocator.statistics().ownSpanCount()).isZero();
    assertThat(runtime.allocator()).isSameAs(allocator);
    try (OwnedJitAllocator owned = allocators.create()) {
      JitRuntime onOwned = runtimes.create(owned);
      try (JitFunction function =
          onOwned.add(MachineCode.returning(onOwned, 42), MachineCode.TYPE)) {
        assertThat(MachineCode.call(function.handle())).isEqualTo(42);
      }
    }
  }

  @Test
  void componentGetsWhatItsTargetFiltersName() {
    assertThat(component.virtMem.info().pageSize()).isPositive();
    assertThat(component.allocator.requestedParameters())
        .isEqualTo(JitAllocatorParameters.defaults());
    assertThat(component.named.requestedParameters().blockByteSize()).isEqualTo(131072);
    assertThat(component.runtime.allocator()).isSameAs(component.allocator);
    assertThat(component.namedRuntime.allocator()).isSameAs(component.named);
  }

  @Test
  void testGetsWhatItsFilterNames(
      @InjectService(filter = "(jitmem.name=default)") JitAllocator byDefault,
      @InjectService(filter = "(jitmem.name=in-test-bundle)") JitAllocator named) {
    assertThat(byDefault).isSameAs(component.allocator);
    assertThat(named).isSameAs(component.named);
  }

  @Test
  void anyConfiguredAllocatorOutranksTheDefaultOne(@InjectService JitAllocator first) {
    assertThat(first).isSameAs(component.named);
    assertThat(context.getServiceReference(JitAllocator.class).getProperty(JitMemConstants.NAME))
        .isEqualTo(Configurations.IN_TEST_BUNDLE);
  }

  @Test
  void defaultAllocatorPublishesEveryKey() throws Exception {
    ServiceReference<?> service =
        context
            .getServiceReferences(JitRuntime.class, AllocatorServices.filter("default"))
            .iterator()
            .next();

    assertThat(service.getProperty(JitMemConstants.USE_DUAL_MAPPING)).isEqualTo(true);
    for (String key :
        Set.of(
            JitMemConstants.USE_MULTIPLE_POOLS,
            JitMemConstants.FILL_UNUSED_MEMORY,
            JitMemConstants.IMMEDIATE_RELEASE,
            JitMemConstants.DISABLE_INITIAL_PADDING,
            JitMemConstants.USE_LARGE_PAGES,
            JitMemConstants.ALIGN_BLOCK_SIZE_TO_LARGE_PAGE)) {
      assertThat(service.getProperty(key)).as(key).isEqualTo(false);
    }
    assertThat(service.getProperty(JitMemConstants.FILL_PATTERN)).isEqualTo("");
    assertThat(service.getProperty(JitMemConstants.BLOCK_SIZE)).isEqualTo(65536L);
    assertThat(service.getProperty(JitMemConstants.GRANULARITY)).isEqualTo(64);
    assertThat(service.getProperty(Constants.SERVICE_RANKING))
        .isEqualTo(JitMemConstants.DEFAULT_RANKING);
    assertThat(service.getProperty(Constants.SERVICE_DESCRIPTION)).isNotNull();
    assertThat(service.getProperty(Constants.SERVICE_VENDOR)).isNotNull();
    assertThat((String[]) service.getProperty(Constants.OBJECTCLASS))
        .containsExactlyInAnyOrder(JitAllocator.class.getName(), JitRuntime.class.getName());
    assertThat(service.getProperty(Constants.SERVICE_SCOPE)).isEqualTo(Constants.SCOPE_BUNDLE);
  }

  @Test
  void injectedAllocatorAndRuntimeShareOneAccount() throws Exception {
    try (JitFunction function =
        component.runtime.add(MachineCode.returning(component.runtime, 7), MachineCode.TYPE)) {
      assertThat(component.allocator.statistics().ownSpanCount()).isEqualTo(1);
      assertThat(component.allocator.query(function.span().rx()))
          .map(Span::byteSize)
          .contains(function.span().byteSize());
    }
    assertThat(component.allocator.statistics().ownSpanCount()).isZero();
  }

  @Test
  void runtimeCanBeCreatedOnAnInjectedAllocator(@InjectService JitRuntimeFactory runtimes)
      throws Throwable {
    JitRuntime created = runtimes.create(component.allocator);

    try (JitFunction function = created.add(MachineCode.returning(created, 9), MachineCode.TYPE)) {
      assertThat(MachineCode.call(function.handle())).isEqualTo(9);
      assertThat(component.allocator.statistics().ownSpanCount()).isEqualTo(1);
    }
  }
}
