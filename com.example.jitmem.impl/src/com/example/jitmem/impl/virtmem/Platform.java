// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.Processor;
import com.example.jitmem.impl.os.linux.LinuxOs;

/// Chooses the implementation of the port for the system this JVM runs on.
final class Platform {
  /// What is supported, for people.
  static final String SUPPORTED = "Linux on x86-64";

  private Platform() {}

  /// Opens the running system.
  ///
  /// @throws VirtMemException if it is not supported, or if the JVM denies native access
  static Os open() {
    return open(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  /// Opens a system by the names the JVM has for it.
  static Os open(String systemName, String architecture) {
    if (systemName.equals("Linux") && architecture.equals("amd64")) {
      return LinuxOs.ofProcess(Processor.X86_64);
    }
    throw new VirtMemException(
        VirtMemException.Reason.NOT_SUPPORTED,
        "Supported is " + SUPPORTED + "; this JVM runs on " + systemName + " on " + architecture);
  }
}
