// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.allocator.JitAllocatorOption;
import com.example.jitmem.api.service.JitMemConstants;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.reflect.Field;
import java.util.EnumSet;
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
    Map<String, String> defaults = new TreeMap<>();
    ConfigurationParser.parseDefault(Map.of())
        .serviceProperties()
        .forEach((key, value) -> defaults.put(key, value.toString()));
    defaults.keySet().retainAll(AllocatorKeys.ALL);
    defaults.put(JitMemConstants.NAME, "");

    Map<String, String> ofForm = defaultsByKey(AllocatorForm.class);
    ofForm.put(JitMemConstants.NAME, "");
    assertThat(ofForm).isEqualTo(defaults);
  }

  @Test
  void formsOfThePidsHaveNameAndRankingToo() throws Exception {
    assertThat(defaultsByKey(DefaultAllocatorForm.class))
        .containsOnlyKeys(JitMemConstants.NAME, "service.ranking");
    assertThat(defaultsByKey(FactoryAllocatorForm.class))
        .containsOnlyKeys(
            JitMemConstants.NAME, "service.ranking", "webconsole.configurationFactory.nameHint")
        .containsEntry("webconsole.configurationFactory.nameHint", "{jitmem.name}");
  }

  /// The default that each attribute of a form declares, by its key. Annotations of Metatype are in
  /// class files only.
  private static Map<String, String> defaultsByKey(Class<?> form) throws IOException {
    String file = form.getSimpleName() + ".class";
    try (InputStream bytes = form.getResourceAsStream(file)) {
      Map<String, String> defaults = new TreeMap<>();
      for (MethodModel method : ClassFile.of().parse(bytes.readAllBytes()).methods()) {
        defaults.put(method.methodName().stringValue().replace('_', '.'), defaultOf(method));
      }
      return defaults;
    }
  }

  private static String defaultOf(MethodModel method) {
    return method
        .findAttribute(Attributes.runtimeInvisibleAnnotations())
        .orElseThrow()
        .annotations()
        .stream()
        .flatMap(annotation -> annotation.elements().stream())
        .filter(element -> element.name().equalsString("defaultValue"))
        .map(element -> ((AnnotationValue.OfArray) element.value()).values().getFirst())
        .map(value -> ((AnnotationValue.OfString) value).stringValue())
        .findFirst()
        .orElse("");
  }

  private static String keyOf(JitAllocatorOption option) {
    return JitMemConstants.KEY_PREFIX + option.name().toLowerCase(Locale.ROOT).replace('_', '.');
  }
}
