// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.jitmem.api.service.JitMemConstants;
import com.example.jitmem.api.virtmem.VirtMem;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.metatype.AttributeDefinition;
import org.osgi.service.metatype.MetaTypeInformation;
import org.osgi.service.metatype.MetaTypeService;
import org.osgi.service.metatype.ObjectClassDefinition;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

/// What a console shows of the configurations.
class MetatypeTest {
  @InjectBundleContext BundleContext context;
  @InjectService MetaTypeService metatypes;

  @Test
  void bothPidsAreDescribed() {
    assertThat(information().getPids()).containsExactly(JitMemConstants.DEFAULT_ALLOCATOR_PID);
    assertThat(information().getFactoryPids())
        .containsExactly(JitMemConstants.ALLOCATOR_FACTORY_PID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {JitMemConstants.DEFAULT_ALLOCATOR_PID, JitMemConstants.ALLOCATOR_FACTORY_PID})
  void attributesAreTheServicePropertiesWithTheirDefaults(String pid) throws Exception {
    ServiceReference<?> byDefault;
    try (AllocatorServices services = AllocatorServices.watch(context, "default")) {
      byDefault = services.await();
    }
    Map<String, String> published = new TreeMap<>();
    for (String key : byDefault.getPropertyKeys()) {
      if (key.startsWith(JitMemConstants.KEY_PREFIX)) {
        published.put(key, byDefault.getProperty(key).toString());
      }
    }
    published.put(JitMemConstants.NAME, "");
    Map<String, String> described = new TreeMap<>();
    for (AttributeDefinition attribute : attributes(pid)) {
      String[] value = attribute.getDefaultValue();
      if (attribute.getID().startsWith(JitMemConstants.KEY_PREFIX)) {
        described.put(attribute.getID(), value == null || value.length == 0 ? "" : value[0]);
      }
      assertThat(attribute.getName()).isNotBlank();
      assertThat(attribute.getDescription()).isNotBlank();
    }

    assertThat(described).isEqualTo(published);
  }

  @Test
  void formsOfBothPidsCanBeToldApart() {
    assertThat(title(JitMemConstants.DEFAULT_ALLOCATOR_PID))
        .isNotEqualTo(title(JitMemConstants.ALLOCATOR_FACTORY_PID));
    assertThat(attribute("webconsole.configurationFactory.nameHint").getDefaultValue())
        .containsExactly("{jitmem.name}");
  }

  @Test
  void granularityIsChosenFromAList() {
    assertThat(attribute(JitMemConstants.GRANULARITY).getOptionValues())
        .containsExactly("64", "128", "256");
  }

  @Test
  void valuesOutsideTheRangeAreRefused() {
    Map<String, String> wrong =
        Map.of(
            JitMemConstants.BLOCK_SIZE, "32768",
            JitMemConstants.GRANULARITY, "512",
            JitMemConstants.FILL_PATTERN, "123456789",
            JitMemConstants.NAME, "n".repeat(201));

    for (AttributeDefinition attribute : attributes(JitMemConstants.ALLOCATOR_FACTORY_PID)) {
      String value = wrong.get(attribute.getID());
      if (value != null) {
        assertThat(attribute.validate(value)).as(attribute.getID()).isNotEmpty();
      }
    }
  }

  private String title(String pid) {
    return information().getObjectClassDefinition(pid, null).getName();
  }

  private AttributeDefinition attribute(String key) {
    return Arrays.stream(attributes(JitMemConstants.ALLOCATOR_FACTORY_PID))
        .filter(attribute -> attribute.getID().equals(key))
        .findFirst()
        .orElseThrow();
  }

  private AttributeDefinition[] attributes(String pid) {
    return information()
        .getObjectClassDefinition(pid, null)
        .getAttributeDefinitions(ObjectClassDefinition.ALL);
  }

  private MetaTypeInformation information() {
    ServiceReference<VirtMem> provider = context.getServiceReference(VirtMem.class);
    return metatypes.getMetaTypeInformation(provider.getBundle());
  }
}
