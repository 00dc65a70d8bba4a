// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.service.JitMemConstants;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

class ConfiguratorTest {
  private static final Map<String, String> HEADERS =
      Map.of(
          Constants.REQUIRE_CAPABILITY,
          "osgi.extender;filter:=\"(osgi.extender=osgi.configurator)\"");

  @InjectBundleContext BundleContext context;

  @Test
  void fileInABundleConfiguresAnAllocator(
      @InjectService(filter = "(jitmem.name=in-test-bundle)", timeout = 20_000)
          JitAllocator allocator) {
    assertThat(allocator.requestedParameters())
        .isEqualTo(
            JitAllocatorParameters.defaults()
                .with(JitAllocatorOption.FILL_UNUSED_MEMORY)
                .withFillPattern(0xF4F4F4F4)
                .withBlockByteSize(131072)
                .withGranuleByteSize(128));
  }

  @Test
  void configurationComesChangesAndGoesWithItsBundle() throws Exception {
    try (AllocatorServices services = AllocatorServices.watch(context, "of-bundle")) {
      try (ConsumerBundle bundle =
          ConsumerBundle.start(context, "test.configured", HEADERS, files(131072))) {
        services.await(JitMemConstants.BLOCK_SIZE, 131072L);

        bundle.update(HEADERS, files(262144));

        services.await(JitMemConstants.BLOCK_SIZE, 262144L);
      }
      services.awaitNone();
    }
  }

  private static Map<String, String> files(long blockSize) {
    String json =
        """
        {
          ":configurator:resource-version": 1,
          "com.example.jitmem.allocator~of-bundle": { "jitmem.block.size": %d }
        }
        """
            .formatted(blockSize);
    return Map.of("OSGI-INF/configurator/allocators.json", json);
  }
}
