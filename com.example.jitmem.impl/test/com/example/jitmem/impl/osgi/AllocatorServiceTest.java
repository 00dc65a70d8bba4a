// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.service.JitMemConstants;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.DefaultJitRuntimeFactory;
import com.example.jitmem.impl.log.LoggerNames;
import com.example.jitmem.impl.memory.CodeMemory;
import com.example.jitmem.impl.memory.CodeMemorySource;
import com.example.jitmem.impl.virtmem.SystemCodeMemorySource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What happens when the system or the framework refuses something. That it does not can be tested
/// in a framework.
class AllocatorServiceTest {
  private static final Map<String, Object> GOOD = Map.of(JitMemConstants.GRANULARITY, 128);
  private static final Map<String, Object> OTHER = Map.of(JitMemConstants.USE_LARGE_PAGES, true);

  private final Logger logger = Logger.getLogger(LoggerNames.OSGI);
  private final List<String> messages = new ArrayList<>();
  private final Handler handler = new MessageHandler();
  private final RecordingContext framework = new RecordingContext();
  private final CodeMemorySource system = new SystemCodeMemorySource();
  private boolean isRefused;
  private final AllocatorHost host =
      new AllocatorHost(this::open, new DefaultJitRuntimeFactory(), new AllocatorNames());
  private final AllocatorService allocator = allocatorNamed("kernels");

  @BeforeEach
  void begin() {
    logger.setUseParentHandlers(false);
    logger.addHandler(handler);
  }

  @AfterEach
  void end() {
    allocator.close();
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
  }

  @Test
  void firstConfigurationThatTheSystemRefusesHasNoServiceAndLeavesItsName() {
    isRefused = true;
    allocator.configure(GOOD);
    assertThat(framework.services()).isEmpty();
    assertThat(messages).last().asString().contains("no service for it", "mmap is forbidden");

    isRefused = false;
    AllocatorService another = allocatorNamed("kernels");
    another.configure(GOOD);
    assertThat(framework.services()).hasSize(1);
    another.close();
    assertThat(framework.services()).as("The refused one is not tried again").isEmpty();
  }

  @Test
  void configurationThatWasRefusedIsAcceptedWhenItComesAgain() {
    isRefused = true;
    allocator.configure(GOOD);
    isRefused = false;
    allocator.configure(GOOD);

    assertThat(framework.services()).singleElement().satisfies(this::hasGoodProperties);
  }

  @Test
  void updateThatTheSystemRefusesLeavesTheServiceProperties() {
    allocator.configure(GOOD);
    isRefused = true;
    allocator.configure(OTHER);

    assertThat(framework.services()).singleElement().satisfies(this::hasGoodProperties);
    assertThat(messages).last().asString().contains("stays in effect", "mmap is forbidden");
  }

  @Test
  void stormOfRejectionsIsTwoLinesWithACount() {
    allocator.configure(GOOD);
    for (int i = 0; i < 1000; i++) {
      allocator.configure(Map.of(JitMemConstants.GRANULARITY, 1000 + i));
    }

    allocator.close();

    assertThat(messages.stream().filter(message -> message.contains("is rejected")).toList())
        .hasSizeBetween(2, 20)
        .first()
        .asString()
        .contains("1000");
    assertThat(messages)
        .anyMatch(message -> message.matches(".*1999.* \\(the last of \\d+ within a second\\)"));
  }

  @Test
  void frameworkThatRegistersNothingMoreIsNoReasonToThrow() {
    framework.isInvalid = true;
    allocator.configure(GOOD);
    assertThat(messages).last().asString().contains("no service for it");

    framework.isInvalid = false;
    allocator.configure(GOOD);
    assertThat(framework.services()).hasSize(1);
  }

  @Test
  void serviceThatTheFrameworkHasUnregisteredIsNoReasonToKeepTheName() {
    allocator.configure(GOOD);
    framework.isInvalid = true;
    allocator.close();

    framework.isInvalid = false;
    AllocatorService another = allocatorNamed("kernels");
    another.configure(GOOD);
    assertThat(framework.services()).hasSize(2);
    another.close();
  }

  @Test
  void nameGoesToWhoWaitsForIt() {
    allocator.configure(GOOD);
    AllocatorService waiting = allocatorNamed("kernels");
    waiting.configure(OTHER);
    assertThat(framework.services()).singleElement().satisfies(this::hasGoodProperties);

    allocator.close();

    assertThat(framework.services())
        .singleElement()
        .satisfies(
            properties ->
                assertThat(properties).containsEntry(JitMemConstants.USE_LARGE_PAGES, true));
    waiting.close();
    assertThat(framework.services()).isEmpty();
  }

  @Test
  void aClosedServiceWaitsForNoName() {
    allocator.configure(GOOD);
    AllocatorService waiting = allocatorNamed("kernels");
    waiting.configure(OTHER);

    waiting.close();
    allocator.close();

    assertThat(framework.services()).isEmpty();
  }

  private AllocatorService allocatorNamed(String name) {
    return new AllocatorService(
        framework.context(),
        host,
        properties -> {
          AllocatorSettings configuration = ConfigurationParser.parseDefault(properties);
          return new AllocatorSettings(
              name, configuration.parameters(), configuration.serviceProperties());
        });
  }

  private CodeMemory open(CodeMemorySource.Request request) {
    if (isRefused) {
      throw new VirtMemException(
          VirtMemException.Reason.DENIED_BY_POLICY, "mmap is forbidden by a test");
    }
    return system.open(request);
  }

  private void hasGoodProperties(Map<String, Object> properties) {
    assertThat(properties)
        .containsEntry(JitMemConstants.GRANULARITY, 128)
        .containsEntry(JitMemConstants.USE_LARGE_PAGES, false);
  }

  private final class MessageHandler extends Handler {
    @Override
    public void publish(LogRecord record) {
      messages.add(record.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
