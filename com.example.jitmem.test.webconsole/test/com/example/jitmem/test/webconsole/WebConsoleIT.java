// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test.webconsole;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.InvalidSyntaxException;

class WebConsoleIT {
  private static final String FACTORY_FORM = "JIT allocator";
  private static final String DEFAULT_FORM = "JIT allocator: default";

  @TempDir Path folder;

  private ConsoleFramework framework;
  private ConsolePage page;

  @BeforeEach
  void begin() throws Exception {
    assumeTrue(
        Files.isExecutable(ConsolePage.BROWSER) && Files.isExecutable(ConsolePage.DRIVER),
        "Debian's chromium and chromium-driver are not installed");
    framework = ConsoleFramework.start(folder.resolve("storage"));
    page = new ConsolePage(framework.endpoints().iterator().next(), folder.resolve("profile"));
    page.open();
  }

  @AfterEach
  void end() throws Exception {
    if (page != null) {
      page.close();
    }
    if (framework != null) {
      framework.stop();
    }
  }

  @Test
  void instanceIsCreatedChangedAndDeleted() throws Exception {
    assertThat(page.titles("JIT allocator")).containsExactlyInAnyOrder(FACTORY_FORM, DEFAULT_FORM);
    page.picture("list");
    page.create(FACTORY_FORM);
    assertThat(page.formTitle()).isEqualTo(FACTORY_FORM);
    assertThat(page.formText())
        .contains("Needs Use large pages", "from 65536 to 268435456", "64 bytes", "256 bytes")
        .doesNotContain("Name hint");
    page.picture("form-of-a-new-allocator");
    page.write("jitmem.name", "kernels");
    page.save();
    awaitAllocator("kernels", "jitmem.granularity", 64);

    page.open();
    assertThat(page.titles("kernels")).hasSize(1);
    page.picture("list-with-the-allocator");
    page.edit("kernels");
    page.write("jitmem.granularity", "128");
    page.toggle("jitmem.immediate.release");
    page.write("service.ranking", "10");
    page.picture("form-of-the-allocator");
    page.save();
    awaitAllocator("kernels", "jitmem.granularity", 128);
    awaitAllocator("kernels", "jitmem.immediate.release", true);
    awaitAllocator("kernels", "service.ranking", 10);

    page.open();
    page.edit("kernels");
    page.delete();
    page.waitFor("one allocator", () -> framework.allocators().size() == 1);
    page.open();
    assertThat(page.titles("kernels")).isEmpty();
    page.picture("list-after-deletion");
  }

  @Test
  void untouchedFormOfANewAllocatorMakesOneWithTheDefaults() throws Exception {
    page.create(FACTORY_FORM);
    page.save();
    page.waitFor("a second allocator", () -> framework.allocators().size() == 2);

    Map<String, Object> made =
        framework.allocators().stream()
            .filter(properties -> !"default".equals(properties.get("jitmem.name")))
            .findFirst()
            .orElseThrow();
    assertThat(String.valueOf(made.get("service.pid"))).endsWith((String) made.get("jitmem.name"));
    assertThat(made).containsEntry("service.ranking", 0).containsEntry("jitmem.block.size", 65536L);
    page.open();
    page.picture("list-with-an-allocator-without-a-name");
  }

  @Test
  void oneFieldOfTheDefaultAllocatorIsChanged() throws Exception {
    page.edit(DEFAULT_FORM);
    page.picture("form-of-the-default-allocator");
    page.write("jitmem.granularity", "256");
    page.save();

    awaitAllocator("default", "jitmem.granularity", 256);
    assertThat(framework.allocators())
        .singleElement()
        .satisfies(
            properties ->
                assertThat(properties)
                    .containsEntry("service.ranking", -1000)
                    .containsEntry("jitmem.use.dual.mapping", true));
  }

  @Test
  void wrongValueLeavesTheLastGoodOneInEffect() throws Exception {
    page.edit(DEFAULT_FORM);
    page.write("jitmem.block.size", "131072");
    page.save();
    awaitAllocator("default", "jitmem.block.size", 131072L);

    page.open();
    page.edit(DEFAULT_FORM);
    page.write("jitmem.block.size", "100000");
    page.write("jitmem.fill.pattern", "CC");
    page.picture("form-with-wrong-values");
    page.save();
    page.open();
    page.edit(DEFAULT_FORM);
    page.picture("form-after-wrong-values");
    page.write("jitmem.block.size", "262144");
    page.write("jitmem.fill.pattern", "");
    assertThat(framework.allocators().getFirst())
        .containsEntry("jitmem.block.size", 131072L)
        .containsEntry("jitmem.fill.pattern", "");
    page.save();

    awaitAllocator("default", "jitmem.block.size", 262144L);
  }

  private void awaitAllocator(String name, String key, Object value) {
    page.waitFor(
        name + " with " + key + " = " + value, () -> value.equals(propertyOf(name).get(key)));
  }

  private Map<String, Object> propertyOf(String name) throws InvalidSyntaxException {
    return framework.allocators().stream()
        .filter(properties -> name.equals(properties.get("jitmem.name")))
        .findFirst()
        .orElse(Map.of());
  }
}
