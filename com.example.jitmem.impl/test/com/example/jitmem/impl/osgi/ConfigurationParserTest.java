// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.service.JitMemConstants;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationParserTest {
  private static final String FACTORY_PID = JitMemConstants.ALLOCATOR_FACTORY_PID;

  /// A key, a value of it that is wrong, and what the message must say about the accepted ones.
  static final List<Arguments> WRONG_VALUES =
      List.of(
          Arguments.of(JitMemConstants.NAME, 7, "a String"),
          Arguments.of(JitMemConstants.NAME, new String[] {"a"}, "a String"),
          Arguments.of(JitMemConstants.NAME, "two\nlines", "without control characters"),
          Arguments.of(JitMemConstants.NAME, "two\u2028lines", "line separators"),
          Arguments.of(JitMemConstants.NAME, "abc\u202Edef", "marks of direction"),
          Arguments.of(JitMemConstants.NAME, "abc\u200Fdef", "marks of direction"),
          Arguments.of(JitMemConstants.NAME, "half\uD83D", "halves of surrogate pairs"),
          Arguments.of(JitMemConstants.NAME, "default", "always there"),
          Arguments.of("service.ranking", "high", "an Integer"),
          Arguments.of("service.ranking", "1_000", "an Integer"),
          Arguments.of("service.ranking", 1L << 31, "an Integer"),
          Arguments.of("service.ranking", 10.0, "an Integer"),
          Arguments.of("Service.Ranking", "first", "an Integer"),
          Arguments.of(JitMemConstants.USE_DUAL_MAPPING, "yes", "true or false"),
          Arguments.of(JitMemConstants.USE_MULTIPLE_POOLS, 1, "true or false"),
          Arguments.of(JitMemConstants.IMMEDIATE_RELEASE, "1", "true or false"),
          Arguments.of(JitMemConstants.DISABLE_INITIAL_PADDING, 'y', "true or false"),
          Arguments.of(JitMemConstants.USE_LARGE_PAGES, 0L, "true or false"),
          Arguments.of(
              JitMemConstants.ALIGN_BLOCK_SIZE_TO_LARGE_PAGE, List.of(true), "true or false"),
          Arguments.of(JitMemConstants.FILL_PATTERN, "0xCC", "1 to 8 hexadecimal digits"),
          Arguments.of(JitMemConstants.FILL_PATTERN, "123456789", "1 to 8 hexadecimal digits"),
          Arguments.of(JitMemConstants.FILL_PATTERN, "-1", "1 to 8 hexadecimal digits"),
          Arguments.of(JitMemConstants.FILL_PATTERN, 90, "1 to 8 hexadecimal digits"),
          Arguments.of(JitMemConstants.BLOCK_SIZE, 0, "from 65536 to 268435456"),
          Arguments.of(JitMemConstants.BLOCK_SIZE, 32768, "from 65536 to 268435456"),
          Arguments.of(JitMemConstants.BLOCK_SIZE, 65537L, "from 65536 to 268435456"),
          Arguments.of(JitMemConstants.BLOCK_SIZE, 536870912L, "from 65536 to 268435456"),
          Arguments.of(JitMemConstants.BLOCK_SIZE, -65536L, "from 65536 to 268435456"),
          Arguments.of(JitMemConstants.BLOCK_SIZE, 65536.0, "from 65536 to 268435456"),
          Arguments.of(JitMemConstants.BLOCK_SIZE, "64K", "from 65536 to 268435456"),
          Arguments.of(JitMemConstants.BLOCK_SIZE, "65_536", "from 65536 to 268435456"),
          Arguments.of(JitMemConstants.BLOCK_SIZE, "0x10000", "from 65536 to 268435456"),
          Arguments.of(
              JitMemConstants.BLOCK_SIZE, "9999999999999999999", "from 65536 to 268435456"),
          Arguments.of(JitMemConstants.BLOCK_SIZE, true, "from 65536 to 268435456"),
          Arguments.of(JitMemConstants.GRANULARITY, 32, "from 64 to 256"),
          Arguments.of(JitMemConstants.GRANULARITY, 96, "from 64 to 256"),
          Arguments.of(JitMemConstants.GRANULARITY, 512, "from 64 to 256"),
          Arguments.of(JitMemConstants.GRANULARITY, (1L << 32) + 64, "from 64 to 256"),
          Arguments.of(JitMemConstants.GRANULARITY, "1 28", "from 64 to 256"));

  @Test
  void emptyDefaultConfigurationHasTheDefaultParameters() throws Exception {
    AllocatorSettings configuration = ConfigurationParser.parseDefault(Map.of());

    assertThat(configuration.name()).isEqualTo("default");
    assertThat(configuration.parameters()).isEqualTo(JitAllocatorParameters.defaults());
  }

  @Test
  void keysThatDifferByCaseAloneAreRejectedByName() {
    assertThatExceptionOfType(RejectedConfigurationException.class)
        .isThrownBy(
            () ->
                ConfigurationParser.parseDefault(
                    Map.of("service.description", "one", "SERVICE.Description", "other")))
        .withMessageContaining("service.description")
        .withMessageContaining("SERVICE.Description");
  }

  @Test
  void wrongValuesAreShownAsPeopleWriteThem() {
    assertThatExceptionOfType(RejectedConfigurationException.class)
        .isThrownBy(
            () ->
                ConfigurationParser.parseDefault(
                    Map.of(JitMemConstants.BLOCK_SIZE, new long[] {65536, 131072})))
        .withMessageContaining("65536, 131072");
  }

  @Test
  void everyKeyReachesTheParametersAndTheServiceProperties() throws Exception {
    Map<String, Object> given = new HashMap<>();
    given.put(JitMemConstants.NAME, "kernels");
    given.put(JitMemConstants.USE_DUAL_MAPPING, false);
    given.put(JitMemConstants.USE_MULTIPLE_POOLS, true);
    given.put(JitMemConstants.FILL_UNUSED_MEMORY, true);
    given.put(JitMemConstants.IMMEDIATE_RELEASE, true);
    given.put(JitMemConstants.DISABLE_INITIAL_PADDING, true);
    given.put(JitMemConstants.USE_LARGE_PAGES, true);
    given.put(JitMemConstants.ALIGN_BLOCK_SIZE_TO_LARGE_PAGE, true);
    given.put(JitMemConstants.FILL_PATTERN, "FEEDFACE");
    given.put(JitMemConstants.BLOCK_SIZE, 1L << 20);
    given.put(JitMemConstants.GRANULARITY, 128);

    AllocatorSettings configuration = factory(given);

    assertThat(configuration.name()).isEqualTo("kernels");
    assertThat(configuration.parameters())
        .isEqualTo(
            JitAllocatorParameters.defaults()
                .withFillPattern(0xFEEDFACE)
                .with(JitAllocatorOption.values())
                .without(JitAllocatorOption.USE_DUAL_MAPPING)
                .withBlockByteSize(1L << 20)
                .withGranuleByteSize(128));
    assertThat(configuration.serviceProperties()).containsAllEntriesOf(given);
  }

  @Test
  void stringsAndOtherIntegralTypesReadAsWhatTheySay() throws Exception {
    AllocatorSettings configuration =
        factory(
            Map.of(
                JitMemConstants.USE_DUAL_MAPPING, "false",
                JitMemConstants.USE_MULTIPLE_POOLS, "true",
                JitMemConstants.BLOCK_SIZE, "131072",
                JitMemConstants.GRANULARITY, (short) 256));

    assertThat(configuration.parameters())
        .isEqualTo(
            JitAllocatorParameters.defaults()
                .without(JitAllocatorOption.USE_DUAL_MAPPING)
                .with(JitAllocatorOption.USE_MULTIPLE_POOLS)
                .withBlockByteSize(131072)
                .withGranuleByteSize(256));
    assertThat(configuration.serviceProperties())
        .containsEntry(JitMemConstants.USE_DUAL_MAPPING, false)
        .containsEntry(JitMemConstants.BLOCK_SIZE, 131072L)
        .containsEntry(JitMemConstants.GRANULARITY, 256);
  }

  @ParameterizedTest
  @FieldSource("WRONG_VALUES")
  void wrongValueIsRejectedWithKeyValueAndRange(String key, Object value, String accepted) {
    assertThatExceptionOfType(RejectedConfigurationException.class)
        .isThrownBy(() -> factory(Map.of(key, value)))
        .withMessageContaining(key)
        .withMessageContaining(shown(value))
        .withMessageContaining(accepted);
  }

  private static String shown(Object value) {
    return value instanceof Object[] array
        ? Arrays.toString(array)
        : String.valueOf(value).replaceAll("[\n\u2028\u202E\u200F\uD83D]", "?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"jitmem.blocksize", "jitmem.", "jitmem.direct", "JITMEM.BLOCK.SIZE"})
  void unknownKeyIsRejectedByName(String key) {
    assertThatExceptionOfType(RejectedConfigurationException.class)
        .isThrownBy(() -> factory(Map.of(key, 65536L)))
        .withMessageContaining("Unknown key " + key)
        .withMessageContaining(JitMemConstants.BLOCK_SIZE);
  }

  @Test
  void allProblemsAreReportedAtOnce() {
    assertThatExceptionOfType(RejectedConfigurationException.class)
        .isThrownBy(
            () ->
                factory(
                    Map.of(
                        JitMemConstants.BLOCK_SIZE,
                        1,
                        JitMemConstants.GRANULARITY,
                        2,
                        JitMemConstants.USE_LARGE_PAGES,
                        3,
                        "jitmem.colour",
                        "red")))
        .withMessageContainingAll(
            "jitmem.block.size = 1",
            "jitmem.granularity = 2",
            "jitmem.use.large.pages = 3",
            "jitmem.colour");
  }

  @Test
  void fillPatternWithoutFillingIsRejected() {
    assertThatExceptionOfType(RejectedConfigurationException.class)
        .isThrownBy(() -> factory(Map.of(JitMemConstants.FILL_PATTERN, "CC")))
        .withMessageContainingAll(
            "jitmem.fill.pattern = \"CC\"", "jitmem.fill.unused.memory = true");
  }

  @Test
  void blankOfEveryKeyIsNoValue() throws Exception {
    Map<String, Object> blanks = new HashMap<>();
    AllocatorKeys.ALL.forEach(key -> blanks.put(key, ""));
    blanks.put("service.ranking", "");
    Map<String, Object> spaces = new HashMap<>();
    blanks.keySet().forEach(key -> spaces.put(key, " \t"));

    AllocatorSettings none = factory(Map.of());

    assertThat(factory(blanks)).isEqualTo(none);
    assertThat(factory(spaces)).isEqualTo(none);
    assertThat(ConfigurationParser.parseDefault(blanks))
        .isEqualTo(ConfigurationParser.parseDefault(Map.of()));
  }

  @Test
  void whiteSpaceAroundAValueDoesNotCount() throws Exception {
    AllocatorSettings settings =
        factory(
            Map.of(
                JitMemConstants.NAME,
                " kernels ",
                JitMemConstants.FILL_UNUSED_MEMORY,
                "true ",
                JitMemConstants.FILL_PATTERN,
                " 90",
                JitMemConstants.BLOCK_SIZE,
                "\t131072",
                "service.ranking",
                " 10\n"));

    assertThat(settings.serviceProperties())
        .containsEntry(JitMemConstants.NAME, "kernels")
        .containsEntry(JitMemConstants.FILL_UNUSED_MEMORY, true)
        .containsEntry(JitMemConstants.FILL_PATTERN, "90")
        .containsEntry(JitMemConstants.BLOCK_SIZE, 131072L)
        .containsEntry("service.ranking", 10);
  }

  @ParameterizedTest
  @ValueSource(strings = {"True", "TRUE", "true"})
  void switchIsOnInAnyCase(String on) throws Exception {
    assertThat(factory(Map.of(JitMemConstants.IMMEDIATE_RELEASE, on)).parameters())
        .isEqualTo(JitAllocatorParameters.defaults().with(JitAllocatorOption.IMMEDIATE_RELEASE));
  }

  @Test
  void blocksOfLargePagesWithoutLargePagesAreRejected() {
    assertThatExceptionOfType(RejectedConfigurationException.class)
        .isThrownBy(() -> factory(Map.of(JitMemConstants.ALIGN_BLOCK_SIZE_TO_LARGE_PAGE, true)))
        .withMessageContainingAll(
            "jitmem.align.block.size.to.large.page = true", "jitmem.use.large.pages = true");
  }

  static final List<Object> RANKINGS_OF_TEN = List.of(10, "10", 10L, (short) 10, " 10 ");

  @ParameterizedTest
  @FieldSource("RANKINGS_OF_TEN")
  void rankingIsPublishedAsTheIntegerThatFrameworksCompare(Object ten) throws Exception {
    assertThat(factory(Map.of("service.ranking", ten)).serviceProperties())
        .containsEntry("service.ranking", 10);
    assertThat(factory(Map.of("Service.Ranking", ten)).serviceProperties())
        .containsEntry("service.ranking", 10)
        .doesNotContainKey("Service.Ranking");
  }

  @Test
  void rankingIsThatOfThePidUnlessItIsGiven() throws Exception {
    assertThat(factory(Map.of()).serviceProperties()).containsEntry("service.ranking", 0);
    assertThat(ConfigurationParser.parseDefault(Map.of()).serviceProperties())
        .containsEntry("service.ranking", -1000);
    assertThat(ConfigurationParser.parseDefault(Map.of("service.ranking", "5")).serviceProperties())
        .containsEntry("service.ranking", 5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"service.description", "Service.Description", "SERVICE.VENDOR"})
  void whatAConfigurationSaysOfTheServiceOverridesWhatWeSay(String key) throws Exception {
    Map<String, Object> published = factory(Map.of(key, "mine")).serviceProperties();

    assertThat(published).containsEntry(key, "mine");
    assertThat(published.keySet().stream().filter(key::equalsIgnoreCase)).hasSize(1);
    assertThat(factory(Map.of()).serviceProperties())
        .containsKeys("service.description", "service.vendor");
  }

  @Test
  void longKeysAndValuesAndVeryManyOfThemMakeNoLongLine() {
    Map<String, Object> given = new HashMap<>();
    for (int i = 0; i < 1000; i++) {
      given.put("jitmem." + "k".repeat(1000) + i, "v".repeat(1000));
    }

    assertThatExceptionOfType(RejectedConfigurationException.class)
        .isThrownBy(() -> factory(given))
        .withMessageContaining("and 971 more")
        .withMessageMatching("(?s).{1,10000}");
  }

  @Test
  void propertiesOfOthersArePublishedUnlessTheyArePrivate() throws Exception {
    assertThat(
            factory(Map.of("service.ranking", 42, "colour", "red", ".secret", "x"))
                .serviceProperties())
        .containsEntry("service.ranking", 42)
        .containsEntry("colour", "red")
        .doesNotContainKey(".secret");
  }

  private static AllocatorSettings factory(Map<String, ?> given)
      throws RejectedConfigurationException {
    Map<String, Object> properties = new HashMap<>(given);
    properties.put("service.factoryPid", FACTORY_PID);
    properties.put("service.pid", FACTORY_PID + "~query");
    return ConfigurationParser.parseFactory(properties);
  }
}
