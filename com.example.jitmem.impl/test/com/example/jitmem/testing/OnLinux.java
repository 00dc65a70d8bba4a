// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// A test that runs machine code as [MachineCode] has it, or reads Linux's `/proc`.
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@EnabledOnOs(
    value = OS.LINUX,
    architectures = {"amd64", "aarch64"})
public @interface OnLinux {
  /// The property that is `true` where the processor is emulated, see `cnf/aarch64/test`.
  String EMULATED = "jitmem.test.emulated";
}
