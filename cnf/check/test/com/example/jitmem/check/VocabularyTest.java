// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.allocator.JitAllocatorParameters;
import com.example.jitmem.api.service.JitMemConstants;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The same words in four places: option constants, configuration keys, metatype attributes and
/// README's table.
class VocabularyTest {
  /// The keys that are no option flag of their own.
  private static final SortedSet<String> OTHER_KEYS =
      new TreeSet<>(
          List.of(JitMemConstants.NAME, JitMemConstants.BLOCK_SIZE, JitMemConstants.GRANULARITY));

  private static final Pattern README_ROW =
      Pattern.compile("^\\| `(jitmem\\.[a-z.]+)` \\| ([^|]+) \\| ([^|]+) \\|", Pattern.MULTILINE);

  @Test
  void everyOptionHasItsKeyAndEveryKeyIsOneOfThem() {
    assertThat(constantKeys()).isEqualTo(expectedKeys());
  }

  @Test
  void readmeHasOneRowForEveryKey() {
    assertThat(readmeRows().keySet()).isEqualTo(expectedKeys());
  }

  @Test
  void metatypeHasOneAttributeForEveryKey() throws Exception {
    SortedSet<String> keys = new TreeSet<>(metatype().attributes().keySet());
    keys.removeIf(key -> !key.startsWith(JitMemConstants.KEY_PREFIX));
    assertThat(keys).isEqualTo(expectedKeys());
  }

  @Test
  void metatypeIsForTheFactoryAndForTheInstanceThatIsAlwaysThere() throws Exception {
    assertThat(metatype().pids())
        .isEqualTo(
            Map.of(
                JitMemConstants.ALLOCATOR_FACTORY_PID, "factoryPid",
                JitMemConstants.DEFAULT_ALLOCATOR_PID, "pid"));
  }

  @Test
  void readmeNamesTypeAndDefaultOfEveryMetatypeAttribute() throws Exception {
    SortedMap<String, Metatype.Attribute> attributes = metatype().attributes();
    readmeRows()
        .forEach(
            (key, row) -> {
              Metatype.Attribute attribute = Objects.requireNonNull(attributes.get(key), key);
              assertThat(row.type()).as("type of " + key).startsWith(attribute.type());
              if (!attribute.defaultValue().isEmpty()) {
                assertThat(row.defaultValue())
                    .as("default of " + key)
                    .isEqualTo("`" + attribute.defaultValue() + "`");
              }
            });
  }

  @Test
  void defaultsOfReadmeAreThoseOfTheParameters() {
    JitAllocatorParameters defaults = JitAllocatorParameters.defaults();
    for (JitAllocatorOption option : JitAllocatorOption.values()) {
      if (option != JitAllocatorOption.CUSTOM_FILL_PATTERN) {
        assertThat(row(keyOf(option)).defaultValue())
            .as("default of " + option)
            .isEqualTo("`" + defaults.hasOption(option) + "`");
      }
    }
    assertThat(row(JitMemConstants.BLOCK_SIZE).defaultValue())
        .isEqualTo("`" + defaults.blockByteSize() + "`");
    assertThat(row(JitMemConstants.GRANULARITY).defaultValue())
        .isEqualTo("`" + defaults.granuleByteSize() + "`");
    assertThat(row(JitMemConstants.BLOCK_SIZE).type())
        .contains(
            JitAllocatorParameters.MIN_BLOCK_BYTE_SIZE
                + " to "
                + JitAllocatorParameters.MAX_BLOCK_BYTE_SIZE);
  }

  private record ReadmeRow(String type, String defaultValue) {}

  private static SortedMap<String, ReadmeRow> readmeRows() {
    Matcher rows = README_ROW.matcher(Tree.read(Tree.ROOT.resolve("README.md")));
    SortedMap<String, ReadmeRow> found = new TreeMap<>();
    while (rows.find()) {
      found.put(rows.group(1), new ReadmeRow(rows.group(2).strip(), rows.group(3).strip()));
    }
    return found;
  }

  private static ReadmeRow row(String key) {
    return Objects.requireNonNull(readmeRows().get(key), key);
  }

  private static Metatype metatype() throws Exception {
    return Metatype.of("com.example.jitmem.impl");
  }

  /// The key an option must have: its name in lower case with dots. The pattern's flag is set by
  /// the pattern itself.
  private static String keyOf(JitAllocatorOption option) {
    return option == JitAllocatorOption.CUSTOM_FILL_PATTERN
        ? JitMemConstants.FILL_PATTERN
        : JitMemConstants.KEY_PREFIX + option.name().toLowerCase(Locale.ROOT).replace('_', '.');
  }

  private static SortedSet<String> expectedKeys() {
    SortedSet<String> keys = new TreeSet<>(OTHER_KEYS);
    for (JitAllocatorOption option : JitAllocatorOption.values()) {
      keys.add(keyOf(option));
    }
    return keys;
  }

  private static SortedSet<String> constantKeys() {
    return Arrays.stream(JitMemConstants.class.getFields())
        .filter(field -> Modifier.isStatic(field.getModifiers()) && field.getType() == String.class)
        .map(VocabularyTest::valueOf)
        .filter(value -> value.startsWith(JitMemConstants.KEY_PREFIX))
        .filter(value -> !value.equals(JitMemConstants.KEY_PREFIX))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String valueOf(Field field) {
    try {
      return (String) field.get(null);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}
