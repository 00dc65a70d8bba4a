// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.example.jitmem.api.service.JitMemConstants;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What an allocator is named, given its PID and its configuration.
class ConfigurationNameTest {
  private static final String FACTORY_PID = JitMemConstants.ALLOCATOR_FACTORY_PID;

  @Test
  void nameIsThePartOfThePidBehindTheSeparator() throws Exception {
    assertThat(factory(Map.of()).name()).isEqualTo("query");
    assertThat(factory(Map.of()).serviceProperties()).containsEntry(JitMemConstants.NAME, "query");
  }

  @Test
  void blankNameIsThatOfThePid() throws Exception {
    assertThat(factory(Map.of(JitMemConstants.NAME, " ")).name()).isEqualTo("query");
  }

  @Test
  void nameOfAConfigurationThatWasNotGivenOneIsTheIdentifierInItsPid() throws Exception {
    String identifier = "0f3c7f0e-4e33-4b1c-9d2a-5f6b7c8d9e0f";

    assertThat(
            ConfigurationParser.parseFactory(
                    Map.of(
                        "service.factoryPid",
                        FACTORY_PID,
                        "service.pid",
                        FACTORY_PID + "." + identifier))
                .name())
        .isEqualTo(identifier);
  }

  @ParameterizedTest
  @ValueSource(strings = {"|my.bundle", "|my.bundle|1.0.0", "|my.bundle|1.0.0|file:a~b.jar"})
  void targetedFactoryConfigurationIsOneOfTheFactory(String target) throws Exception {
    assertThat(
            ConfigurationParser.parseFactory(
                    Map.of(
                        "service.factoryPid",
                        FACTORY_PID + target,
                        "service.pid",
                        FACTORY_PID + target + "~kernels"))
                .name())
        .isEqualTo("kernels");
  }

  @ParameterizedTest
  @ValueSource(strings = {FACTORY_PID + "s~kernels", FACTORY_PID + "s|my.bundle~kernels"})
  void configurationOfAnotherFactoryIsNone(String pid) {
    String factoryPid = pid.substring(0, pid.indexOf('~'));
    assertThatExceptionOfType(RejectedConfigurationException.class)
        .isThrownBy(
            () ->
                ConfigurationParser.parseFactory(
                    Map.of("service.factoryPid", factoryPid, "service.pid", pid)));
  }

  @Test
  void nameOfThePidIsCheckedAsAGivenOne() {
    assertThatExceptionOfType(RejectedConfigurationException.class)
        .isThrownBy(
            () ->
                ConfigurationParser.parseFactory(
                    Map.of(
                        "service.factoryPid",
                        FACTORY_PID,
                        "service.pid",
                        FACTORY_PID + "~two\nlines")))
        .withMessageContainingAll("jitmem.name = \"two?lines\"", "without control characters");
  }

  @Test
  void nameHasAtMost200Characters() throws Exception {
    String longest = "n".repeat(200);

    assertThat(factory(Map.of(JitMemConstants.NAME, longest)).name()).isEqualTo(longest);
    assertThatExceptionOfType(RejectedConfigurationException.class)
        .isThrownBy(() -> factory(Map.of(JitMemConstants.NAME, longest + "n")))
        .withMessageContaining("at most 200 characters")
        .withMessageMatching(".{1,400}");
  }

  @Test
  void nameMayHaveAnyCharacterThatReadsAsItIsStored() throws Exception {
    String name = "K\u00E4ltezentrale \u2082 \uD83D\uDE80";

    assertThat(factory(Map.of(JitMemConstants.NAME, name)).name()).isEqualTo(name);
  }

  @Test
  void singletonConfigurationUnderTheFactoryPidIsRejectedByName() {
    assertThatExceptionOfType(RejectedConfigurationException.class)
        .isThrownBy(() -> ConfigurationParser.parseFactory(Map.of("service.pid", FACTORY_PID)))
        .withMessageContainingAll(FACTORY_PID, "singleton");
  }

  @Test
  void defaultAllocatorKeepsItsName() throws Exception {
    assertThat(ConfigurationParser.parseDefault(Map.of(JitMemConstants.NAME, "default")).name())
        .isEqualTo("default");
    assertThatExceptionOfType(RejectedConfigurationException.class)
        .isThrownBy(() -> ConfigurationParser.parseDefault(Map.of(JitMemConstants.NAME, "kernels")))
        .withMessageContaining("jitmem.name = \"kernels\"");
  }

  private static AllocatorSettings factory(Map<String, ?> given)
      throws RejectedConfigurationException {
    Map<String, Object> properties = new HashMap<>(given);
    properties.put("service.factoryPid", FACTORY_PID);
    properties.put("service.pid", FACTORY_PID + "~query");
    return ConfigurationParser.parseFactory(properties);
  }
}
