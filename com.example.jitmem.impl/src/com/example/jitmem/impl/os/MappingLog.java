// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.os;

import com.example.jitmem.impl.log.LoggerNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// A log of the address ranges that this library holds, by which tests recognise its mappings in
/// `/proc/self/maps`. For tests only.
///
/// It is written when the system property [#PROPERTY] names a file as the first memory is mapped.
/// Each line is written at once and appended to what the file holds:
/// - `+ START END KIND` when a range was mapped, for example
///   `+ 7f0000000000 7f0000010000 reserved`
/// - `- START END` when it was unmapped
///
/// START and END are hexadecimal, END is the first address after the range. Kinds are `memory`,
/// `reserved`, and `object` for the first view of shared memory. What happens inside a reserved
/// range is not logged; the range as a whole is ours until it is unmapped. Without the property
/// nothing is written and nothing is kept. A file that cannot be written is reported to the system
/// logger and changes nothing else.
///
/// Thread-safe.
public final class MappingLog {
  /// The system property that names the file.
  public static final String PROPERTY = "com.example.jitmem.mapping.log";

  /// Writes nothing.
  public static final MappingLog NONE = new MappingLog(null);

  private static final System.Logger LOGGER = System.getLogger(LoggerNames.SYSTEM);

  private final @Nullable Path file;

  private MappingLog(@Nullable Path file) {
    this.file = file;
  }

  /// The log that the system property asks for.
  ///
  /// @return a log, [#NONE] if the property is not set
  public static MappingLog ofSystemProperty() {
    String name = System.getProperty(PROPERTY);
    return name == null ? NONE : to(Path.of(name));
  }

  /// A log that is appended to a file.
  ///
  /// @param file the file, made if there is none
  /// @return the log
  public static MappingLog to(Path file) {
    return new MappingLog(file);
  }

  /// Notes that a range was mapped.
  ///
  /// @param address the first address
  /// @param byteSize the size in bytes
  /// @param kind what it is
  public void mapped(long address, long byteSize, String kind) {
    if (file != null) {
      append(file, "+ " + range(address, byteSize) + " " + kind + "\n");
    }
  }

  /// Notes that a range was unmapped.
  ///
  /// @param address the first address
  /// @param byteSize the size in bytes
  public void unmapped(long address, long byteSize) {
    if (file != null) {
      append(file, "- " + range(address, byteSize) + "\n");
    }
  }

  private static String range(long address, long byteSize) {
    return Long.toHexString(address) + " " + Long.toHexString(address + byteSize);
  }

  private static synchronized void append(Path file, String line) {
    try {
      Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      LOGGER.log(System.Logger.Level.ERROR, "The log of mappings cannot be written: " + file, e);
    }
  }
}
