// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.service.JitMemConstants;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;

class RejectionTest extends KernelsFixture {
  private static final String PID = JitMemConstants.ALLOCATOR_FACTORY_PID + "~kernels";

  /// A key, a value of it that is wrong, and what the message says about the accepted ones.
  static final List<Arguments> WRONG_VALUES =
      List.of(
          Arguments.of(JitMemConstants.NAME, "other", "does not change"),
          Arguments.of(JitMemConstants.USE_DUAL_MAPPING, "yes", "true or false"),
          Arguments.of(JitMemConstants.USE_MULTIPLE_POOLS, 1, "true or false"),
          Arguments.of(JitMemConstants.FILL_UNUSED_MEMORY, "on", "true or false"),
          Arguments.of(JitMemConstants.IMMEDIATE_RELEASE, 0L, "true or false"),
          Arguments.of(JitMemConstants.DISABLE_INITIAL_PADDING, "off", "true or false"),
          Arguments.of(JitMemConstants.USE_LARGE_PAGES, 2.5, "true or false"),
          Arguments.of(JitMemConstants.ALIGN_BLOCK_SIZE_TO_LARGE_PAGE, 'x', "true or false"),
          Arguments.of(
              JitMemConstants.ALIGN_BLOCK_SIZE_TO_LARGE_PAGE,
              true,
              "jitmem.use.large.pages = true"),
          Arguments.of(JitMemConstants.FILL_PATTERN, "nop", "1 to 8 hexadecimal digits"),
          Arguments.of(JitMemConstants.FILL_PATTERN, "90", "jitmem.fill.unused.memory"),
          Arguments.of(JitMemConstants.BLOCK_SIZE, 100_000L, "from 65536 to 268435456"),
          Arguments.of(JitMemConstants.BLOCK_SIZE, "big", "from 65536 to 268435456"),
          Arguments.of(JitMemConstants.GRANULARITY, 32, "from 64 to 256"),
          Arguments.of("jitmem.colour", "red", "Unknown key"));

  @ParameterizedTest
  @FieldSource("WRONG_VALUES")
  void rejectedUpdateIsLoggedAndTheLastGoodAllocatorKeepsWorking(
      String key, Object wrong, String accepted) throws Throwable {
    Configuration configuration =
        configurations.factory("kernels", Map.of(JitMemConstants.BLOCK_SIZE, 131072));
    ServiceReference<?> service = services.await();
    JitRuntime runtime = (JitRuntime) context.getService(service);
    Map<String, Object> wrongAndRight = Map.of(key, wrong, "colour", "red");

    configurations.update(configuration, wrongAndRight);

    log.await(Level.SEVERE, PID, key, wrong.toString(), accepted, "last good one stays in effect");
    assertThat(service.getProperty(JitMemConstants.BLOCK_SIZE)).isEqualTo(131072L);
    assertThat(service.getProperty("colour")).isNull();
    assertThat(runtime.allocator().requestedParameters())
        .isEqualTo(JitAllocatorParameters.defaults().withBlockByteSize(131072));
    try (Span span = MachineCode.place(runtime.allocator(), runtime, 11)) {
      assertThat(MachineCode.call(runtime, span)).isEqualTo(11);
    }

    configurations.update(configuration, Map.of(JitMemConstants.BLOCK_SIZE, 262144));
    assertThat(services.await(JitMemConstants.BLOCK_SIZE, 262144L)).isEqualTo(service);
    configurations.awaitDelivery();
    assertThat(services.events()).containsExactly(ServiceEvent.REGISTERED, ServiceEvent.MODIFIED);
    context.ungetService(service);
  }

  @Test
  void rejectedFirstConfigurationHasNoServiceUntilAGoodOneComes() throws Exception {
    Configuration configuration =
        configurations.factory("kernels", Map.of(JitMemConstants.GRANULARITY, 65));
    log.await(Level.SEVERE, PID, JitMemConstants.GRANULARITY, "65", "there is no service for it");
    assertThat(services.now()).isEmpty();

    configurations.update(configuration, Map.of(JitMemConstants.GRANULARITY, 128));

    assertThat(services.await().getProperty(JitMemConstants.GRANULARITY)).isEqualTo(128);
  }

  @Test
  void rejectedConfigurationOfTheDefaultAllocatorLeavesItAsItIs() throws Exception {
    try (AllocatorServices byDefault = AllocatorServices.watch(context, "default")) {
      Configuration configuration =
          configurations.singleton(
              JitMemConstants.DEFAULT_ALLOCATOR_PID,
              Map.of(JitMemConstants.NAME, "mine", JitMemConstants.GRANULARITY, "fine"));

      log.await(
          Level.SEVERE,
          JitMemConstants.DEFAULT_ALLOCATOR_PID,
          "jitmem.name = \"mine\"",
          "jitmem.granularity = \"fine\"");
      assertThat(byDefault.await().getProperty(JitMemConstants.GRANULARITY)).isEqualTo(64);

      configurations.update(configuration, Map.of(JitMemConstants.GRANULARITY, 128));
      byDefault.await(JitMemConstants.GRANULARITY, 128);
      configurations.awaitDelivery();
      assertThat(byDefault.events()).containsExactly(ServiceEvent.MODIFIED);
    }
  }

  @Test
  void nameIsUsedOnceAndItsNextOwnerComesWhenTheFirstIsDeleted() throws Exception {
    Configuration first = configurations.factory("kernels", Map.of());
    ServiceReference<?> service = services.await();
    configurations.factory("second", Map.of(JitMemConstants.NAME, "kernels"));
    log.await(Level.SEVERE, "~second", "jitmem.name = \"kernels\"", "another allocator");
    assertThat(services.now()).isEqualTo(Set.of(service));

    configurations.delete(first);

    assertThat(services.await("service.pid", JitMemConstants.ALLOCATOR_FACTORY_PID + "~second"))
        .isNotEqualTo(service);
  }

  @Test
  void configurationWithATakenNameIsAcceptedWithAnother() throws Exception {
    configurations.factory("first", Map.of(JitMemConstants.NAME, "taken"));
    try (AllocatorServices first = AllocatorServices.watch(context, "taken")) {
      first.await();
    }
    Configuration second = configurations.factory("second", Map.of(JitMemConstants.NAME, "taken"));
    log.await(Level.SEVERE, "~second", "taken");

    configurations.update(second, Map.of(JitMemConstants.NAME, "kernels"));

    services.await();
  }

  @Test
  void nameOfTheDefaultAllocatorIsTaken() throws Exception {
    configurations.factory("mine", Map.of(JitMemConstants.NAME, "default"));

    log.await(Level.SEVERE, "~mine", "jitmem.name = \"default\"", "always there");
  }
}
