// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.service.JitMemConstants;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Constants, options, form and parser name the same keys with the same defaults.
class AllocatorKeysTest {
  @Test
  void keysAreTheConstantsOfTheApi() throws Exception {
    Set<String> constants = new HashSet<>();
    for (Field field : JitMemConstants.class.getFields()) {
      if (field.get(null) instanceof String value
          && value.startsWith(JitMemConstants.KEY_PREFIX)
          && !value.equals(JitMemConstants.KEY_PREFIX)) {
        constants.add(value);
      }
    }

    assertThat(AllocatorKeys.ALL).containsExactlyInAnyOrderElementsOf(constants);
  }

  @Test
  void everyOptionHasItsKey() {
    Map<String, JitAllocatorOption> expected =
        EnumSet.complementOf(EnumSet.of(JitAllocatorOption.CUSTOM_FILL_PATTERN)).stream()
            .collect(Collectors.toMap(AllocatorKeysTest::keyOf, option -> option));

    assertThat(AllocatorKeys.OPTIONS).isEqualTo(expected);
    assertThat(keyOf(JitAllocatorOption.CUSTOM_FILL_PATTERN).replace("custom.", ""))
        .isEqualTo(JitMemConstants.FILL_PATTERN);
  }

  @Test
  void formHasTheKeysAndTheDefaultsOfTheParser() throws Exception {
    Map<String, Object> defaults =
        new HashMap<>(ConfigurationParser.parseDefault(Map.of()).serviceProperties());
    defaults.remove(JitMemConstants.NAME);
    Map<String, Object> ofForm = new TreeMap<>();
    for (Method attribute : AllocatorForm.class.getDeclaredMethods()) {
      Object value = attribute.getDefaultValue();
      if (value != null) {
        ofForm.put(keyOf(attribute), value);
      }
    }

    assertThat(ofForm).isEqualTo(defaults);
    assertThat(
            Arrays.stream(AllocatorForm.class.getDeclaredMethods()).map(AllocatorKeysTest::keyOf))
        .containsExactlyInAnyOrderElementsOf(AllocatorKeys.ALL);
  }

  private static String keyOf(JitAllocatorOption option) {
    return JitMemConstants.KEY_PREFIX + option.name().toLowerCase(Locale.ROOT).replace('_', '.');
  }

  private static String keyOf(Method attribute) {
    return AllocatorForm.PREFIX_ + attribute.getName().replace('_', '.');
  }
}
