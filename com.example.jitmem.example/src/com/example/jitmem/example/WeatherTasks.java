// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import com.example.jitmem.example.Task.HandWritten;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// What the example evaluates by default. Temperatures are in °C, wind is in m/s.
final class WeatherTasks {
  /// The table that is in the bundle; `SOURCE.txt` beside it says where it comes from.
  static final String TABLE = "seattle-weather.csv";

  private static final double CHILL_BASE = 10.45;
  private static final double SKIN_TEMPERATURE = 33;

  private WeatherTasks() {}

  static List<Task> tasks() throws InputException {
    return List.of(
        task(
            "growing degree days",
            "max(0, (temp_max + temp_min) / 2 - 10)",
            WeatherTasks::growingDegreeDays),
        task("daily range", "temp_max - temp_min", WeatherTasks::dailyRange),
        task(
            "wind chill (Siple and Passel, kcal/m²/h)",
            "(10.45 + 10 * sqrt(wind) - wind) * (33 - (temp_max + temp_min) / 2)",
            WeatherTasks::windChill));
  }

  private static Task task(String title, String text, HandWritten handWritten)
      throws InputException {
    return new Task(title, FormulaParser.parse(text), Optional.of(handWritten));
  }

  private static void growingDegreeDays(Columns columns, MemorySegment results) {
    MemorySegment max = columns.values().get(0);
    MemorySegment min = columns.values().get(1);
    for (long row = 0; row < columns.rowCount(); row++) {
      double sum = max.getAtIndex(JAVA_DOUBLE, row) + min.getAtIndex(JAVA_DOUBLE, row);
      results.setAtIndex(JAVA_DOUBLE, row, Math.max(0, sum / 2 - 10));
    }
  }

  private static void dailyRange(Columns columns, MemorySegment results) {
    MemorySegment max = columns.values().get(0);
    MemorySegment min = columns.values().get(1);
    for (long row = 0; row < columns.rowCount(); row++) {
      double range = max.getAtIndex(JAVA_DOUBLE, row) - min.getAtIndex(JAVA_DOUBLE, row);
      results.setAtIndex(JAVA_DOUBLE, row, range);
    }
  }

  private static void windChill(Columns columns, MemorySegment results) {
    MemorySegment winds = columns.values().get(0);
    MemorySegment max = columns.values().get(1);
    MemorySegment min = columns.values().get(2);
    for (long row = 0; row < columns.rowCount(); row++) {
      double wind = winds.getAtIndex(JAVA_DOUBLE, row);
      double sum = max.getAtIndex(JAVA_DOUBLE, row) + min.getAtIndex(JAVA_DOUBLE, row);
      double chill = (CHILL_BASE + 10 * Math.sqrt(wind) - wind) * (SKIN_TEMPERATURE - sum / 2);
      results.setAtIndex(JAVA_DOUBLE, row, chill);
    }
  }
}
