// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import com.example.jitmem.api.service.JitMemConstants;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Constants;

/// Reads values of a configuration and collects what is wrong with them. Forms and files give every
/// value as a string, forms an empty one for a field left blank: a string reads as what it says,
/// without the white space around it, and a blank one as no value. Nothing is converted that could
/// have been meant otherwise; a wrong value reads as the default.
///
/// For use by one thread.
final class ConfigurationValues {
  /// As many digits as the largest `long` has.
  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{1,19}");

  private static final Pattern FILL_PATTERN = Pattern.compile("[0-9A-Fa-f]{1,8}");

  /// How long a name may be, in UTF-16 code units.
  static final int MAX_NAME_LENGTH = 200;

  private final Map<String, ?> values;
  private final List<String> problems = new ArrayList<>();

  /// @param values the values by key; keys without the prefix are not ours
  ConfigurationValues(Map<String, ?> values) {
    this.values = values;
    rejectKeysThatDifferByCaseAlone();
    rejectUnknownKeys();
  }

  /// Reads the name of the allocator.
  @Nullable String name() {
    Object value = value(JitMemConstants.NAME);
    if (value == null || value instanceof String) {
      return (String) value;
    }
    return reject(JitMemConstants.NAME, value, "a String", null);
  }

  /// Checks a name, given or taken from the PID.
  void checkName(String name) {
    if (name.length() > MAX_NAME_LENGTH || !LogText.isPlain(name)) {
      reject(
          JitMemConstants.NAME,
          name,
          "a String of at most "
              + MAX_NAME_LENGTH
              + " characters, without control characters, line separators, marks of direction and"
              + " halves of surrogate pairs",
          null);
    }
  }

  /// Reads the ranking of the service. The framework would take one of another type for 0.
  int ranking(int byDefault) {
    for (Map.Entry<String, ?> entry : values.entrySet()) {
      if (entry.getKey().equalsIgnoreCase(Constants.SERVICE_RANKING)) {
        Object value = valueOrNull(entry.getValue());
        Long number = value == null ? Long.valueOf(byDefault) : integral(value);
        return number != null && number.intValue() == number
            ? number.intValue()
            : reject(entry.getKey(), entry.getValue(), "an Integer", byDefault);
      }
    }
    return byDefault;
  }

  /// Reads a switch: a `Boolean`, or one of the strings `true` and `false` in any case.
  boolean flag(String key, boolean byDefault) {
    Object value = value(key);
    if (value == null) {
      return byDefault;
    }
    return switch (value) {
      case Boolean flag -> flag;
      case String text when text.equalsIgnoreCase("true") -> true;
      case String text when text.equalsIgnoreCase("false") -> false;
      default -> reject(key, value, "a Boolean, true or false", byDefault);
    };
  }

  /// Reads a power of two: an integral number, or a string of decimal digits.
  long powerOfTwo(String key, long byDefault, long min, long max) {
    Object value = value(key);
    if (value == null) {
      return byDefault;
    }
    Long number = integral(value);
    if (number != null && number >= min && number <= max && Long.bitCount(number) == 1) {
      return number;
    }
    return reject(key, value, "a power of two from " + min + " to " + max, byDefault);
  }

  /// Reads a fill pattern: a string of hexadecimal digits.
  ///
  /// @return the digits, none for the default
  String fillPattern(String key) {
    Object value = value(key);
    if (value == null) {
      return "";
    }
    if (value instanceof String digits && FILL_PATTERN.matcher(digits).matches()) {
      return digits;
    }
    return reject(key, value, "a String of 1 to 8 hexadecimal digits, or an empty one", "");
  }

  /// Adds a problem that is found by looking at more than one value.
  void reject(String problem) {
    problems.add(problem);
  }

  /// Ends reading.
  ///
  /// @throws RejectedConfigurationException if anything was wrong
  void check() throws RejectedConfigurationException {
    if (!problems.isEmpty()) {
      throw new RejectedConfigurationException(problems);
    }
  }

  private @Nullable Object value(String key) {
    return valueOrNull(values.get(key));
  }

  private static @Nullable Object valueOrNull(@Nullable Object value) {
    if (value instanceof String text) {
      String stripped = text.strip();
      return stripped.isEmpty() ? null : stripped;
    }
    return value;
  }

  private <T extends @Nullable Object> T reject(
      String key, Object value, String accepted, T byDefault) {
    String type = value.getClass().getSimpleName();
    problems.add(key + " = " + LogText.shown(value) + " (" + type + "): accepted is " + accepted);
    return byDefault;
  }

  /// The framework refuses such service properties, and would do so too late.
  private void rejectKeysThatDifferByCaseAlone() {
    Map<String, String> spellings = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String key : values.keySet()) {
      String other = spellings.putIfAbsent(key, key);
      if (other != null) {
        problems.add(
            "The keys "
                + LogText.abbreviate(other)
                + " and "
                + LogText.abbreviate(key)
                + " differ by case alone: leave one out");
      }
    }
  }

  private void rejectUnknownKeys() {
    List<String> unknown =
        values.entrySet().stream()
            .filter(entry -> isOurs(entry.getKey()) && !AllocatorKeys.ALL.contains(entry.getKey()))
            .map(
                entry ->
                    "Unknown key "
                        + LogText.abbreviate(entry.getKey())
                        + " = "
                        + LogText.shown(entry.getValue()))
            .sorted()
            .toList();
    problems.addAll(unknown);
    if (!unknown.isEmpty()) {
      problems.add("Known are " + AllocatorKeys.ALL);
    }
  }

  private static @Nullable Long integral(Object value) {
    return switch (value) {
      case Byte number -> number.longValue();
      case Short number -> number.longValue();
      case Integer number -> number.longValue();
      case Long number -> number;
      case String digits when DECIMAL.matcher(digits).matches() -> parse(digits);
      default -> null;
    };
  }

  private static @Nullable Long parse(String digits) {
    try {
      return Long.valueOf(digits);
    } catch (NumberFormatException beyondLong) {
      return null;
    }
  }

  /// Keys of a configuration do not differ by case alone, so one in the wrong case was meant for
  /// us.
  private static boolean isOurs(String key) {
    String prefix = JitMemConstants.KEY_PREFIX;
    return key.regionMatches(true, 0, prefix, 0, prefix.length());
  }
}
