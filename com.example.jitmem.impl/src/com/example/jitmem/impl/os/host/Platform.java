// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os.host;

import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.os.Os;
import com.example.jitmem.impl.os.Processor;
import com.example.jitmem.impl.os.linux.LinuxOs;
import com.example.jitmem.impl.os.macos.MacOs;
import com.example.jitmem.impl.os.windows.WindowsOs;
import java.util.Optional;

/// Chooses the implementation of the port for the system this JVM runs on.
public final class Platform {
  /// What is supported, for people.
  public static final String SUPPORTED = "Linux, macOS and Windows on x86-64 and AArch64";

  private Platform() {}

  /// Opens the running system.
  ///
  /// @return its port
  /// @throws VirtMemException if it is not supported, or if the JVM denies native access
  public static Os open() {
    return open(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  /// Opens a system by the names the JVM has for it.
  static Os open(String systemName, String architecture) {
    Optional<Processor> processor = Processor.ofArchitecture(architecture);
    if (processor.isPresent()) {
      if (systemName.equals("Linux")) {
        return LinuxOs.ofProcess(processor.get());
      }
      if (systemName.equals("Mac OS X")) {
        return MacOs.ofProcess(processor.get());
      }
      if (systemName.startsWith("Windows")) {
        return WindowsOs.ofProcess(processor.get());
      }
    }
    throw new VirtMemException(
        VirtMemException.Reason.NOT_SUPPORTED,
        "Supported: " + SUPPORTED + "; this JVM runs on " + systemName + " on " + architecture);
  }
}
