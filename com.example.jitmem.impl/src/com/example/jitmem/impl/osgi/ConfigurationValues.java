// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import com.example.jitmem.api.service.JitMemConstants;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Constants;

/// Reads values of a configuration and collects what is wrong with them. Nothing is converted that
/// could have been meant otherwise; a wrong value reads as the default.
///
/// For use by one thread.
final class ConfigurationValues {
  /// As many digits as the largest `long` has.
  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{1,19}");

  private static final Pattern FILL_PATTERN = Pattern.compile("[0-9A-Fa-f]{0,8}");

  /// How much of a wrong value is shown.
  private static final int MAX_SHOWN = 100;

  private final Map<String, ?> values;
  private final List<String> problems = new ArrayList<>();

  /// @param values the values by key; keys without the prefix are none of ours
  ConfigurationValues(Map<String, ?> values) {
    this.values = values;
    rejectKeysThatDifferByCaseAlone();
    rejectWrongRanking();
    values.forEach(
        (key, value) -> {
          if (isOurs(key) && !AllocatorKeys.ALL.contains(key)) {
            problems.add(
                "Unknown key "
                    + key
                    + " = "
                    + describe(value)
                    + ": known are "
                    + AllocatorKeys.ALL);
          }
        });
  }

  /// Reads text that is not blank.
  @Nullable String text(String key) {
    Object value = values.get(key);
    if (value == null || (value instanceof String text && isPrintable(text))) {
      return (String) value;
    }
    return reject(key, value, "a String that is not blank and has no control characters", null);
  }

  /// Reads a switch: a `Boolean`, or one of the strings `true` and `false`.
  boolean flag(String key, boolean byDefault) {
    Object value = values.get(key);
    if (value == null) {
      return byDefault;
    }
    return switch (value) {
      case Boolean flag -> flag;
      case String text when text.equals("true") -> true;
      case String text when text.equals("false") -> false;
      default -> reject(key, value, "a Boolean, true or false", byDefault);
    };
  }

  /// Reads a power of two: an integral number, or a string of decimal digits.
  long powerOfTwo(String key, long byDefault, long min, long max) {
    Object value = values.get(key);
    if (value == null) {
      return byDefault;
    }
    Long number = integral(value);
    if (number != null && number >= min && number <= max && Long.bitCount(number) == 1) {
      return number;
    }
    return reject(key, value, "a power of two from " + min + " to " + max, byDefault);
  }

  /// Reads a fill pattern: a string of hexadecimal digits, which may be empty.
  String fillPattern(String key) {
    Object value = values.get(key);
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

  private <T extends @Nullable Object> T reject(
      String key, Object value, String accepted, T byDefault) {
    String type = value.getClass().getSimpleName();
    problems.add(key + " = " + describe(value) + " (" + type + "): accepted is " + accepted);
    return byDefault;
  }

  /// The framework refuses such service properties, and would do so too late.
  private void rejectKeysThatDifferByCaseAlone() {
    Map<String, String> spellings = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String key : values.keySet()) {
      String other = spellings.putIfAbsent(key, key);
      if (other != null) {
        problems.add("The keys " + other + " and " + key + " differ by case alone: leave one out");
      }
    }
  }

  /// The framework takes a ranking of another type for 0.
  private void rejectWrongRanking() {
    Object ranking = values.get(Constants.SERVICE_RANKING);
    if (ranking != null && !(ranking instanceof Integer)) {
      reject(Constants.SERVICE_RANKING, ranking, "an Integer", null);
    }
  }

  private static boolean isPrintable(String text) {
    return !text.isBlank() && text.chars().noneMatch(Character::isISOControl);
  }

  private static String describe(Object value) {
    if (value instanceof String text) {
      return '"' + abbreviate(text) + '"';
    }
    return abbreviate(
        value.getClass().isArray()
            ? Arrays.deepToString(new Object[] {value})
            : String.valueOf(value));
  }

  private static String abbreviate(String text) {
    String printable = text.replaceAll("\\p{Cntrl}", "?");
    return printable.length() <= MAX_SHOWN ? printable : printable.substring(0, MAX_SHOWN) + "...";
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
