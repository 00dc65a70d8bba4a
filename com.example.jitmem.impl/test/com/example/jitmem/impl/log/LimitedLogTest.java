// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.ResourceBundle;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LimitedLogTest {
  private final List<String> written = new ArrayList<>();
  private final Queue<Runnable> later = new ArrayDeque<>();
  private long now = Long.MAX_VALUE - 5;
  private final LimitedLog log =
      new LimitedLog(new Recorder(), () -> now, (_, task) -> later.add(task));

  @Test
  void firstMessageIsWrittenAtOnce() {
    say("kind", "holder", "one");

    assertThat(written).containsExactly("one");
    assertThat(later).isEmpty();
  }

  @Test
  void ofManyWithinASecondTheFirstAndTheLastAreWrittenWithTheirCount() {
    for (int i = 0; i < 1000; i++) {
      say("kind", "holder", "message " + i);
      now += 1000;
    }
    assertThat(written).containsExactly("message 0");

    passSecond();

    assertThat(written)
        .containsExactly("message 0", "message 999 (the last of 999 within a second)");
  }

  @Test
  void stormIsOneMessageASecond() {
    for (int second = 0; second < 10; second++) {
      for (int i = 0; i < 100; i++) {
        say("kind", "holder", "message");
      }
      passSecond();
    }

    assertThat(written).hasSize(11);
  }

  @Test
  void secondMessageIsWrittenWithoutACount() {
    say("kind", "holder", "one");
    say("kind", "holder", "two");
    passSecond();

    assertThat(written).containsExactly("one", "two");
  }

  @Test
  void messageAfterASilentSecondIsWrittenAtOnce() {
    say("kind", "holder", "one");
    passSecond();
    say("kind", "holder", "two");

    assertThat(written).containsExactly("one", "two");
  }

  @Test
  void otherKindsAndHoldersAreNotHeldBack() {
    say("kind", "holder", "one");
    say("kind", "other", "two");
    say("other", "holder", "three");

    assertThat(written).containsExactly("one", "two", "three");
  }

  @Test
  void whatIsHeldBackIsWrittenAtTheEndAndNotAfterIt() {
    say("kind", "holder", "one");
    say("kind", "holder", "two");
    log.close();
    assertThat(written).containsExactly("one", "two");

    passSecond();

    assertThat(written).containsExactly("one", "two");
  }

  private void say(String kind, String holder, String text) {
    log.log(Level.ERROR, kind, holder, text, null);
  }

  private void passSecond() {
    now += TimeUnit.SECONDS.toNanos(1);
    for (Runnable task = later.poll(); task != null; task = later.poll()) {
      task.run();
    }
  }

  private final class Recorder implements Logger {
    @Override
    public String getName() {
      return "recorder";
    }

    @Override
    public boolean isLoggable(Level level) {
      return true;
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String text,
        @Nullable Throwable thrown) {
      written.add(String.valueOf(text));
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String format,
        @Nullable Object @Nullable ... parameters) {
      written.add(String.valueOf(format));
    }
  }
}
