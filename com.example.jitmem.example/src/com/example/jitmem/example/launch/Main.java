// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example.launch;

import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/// The main class of the exported jar. It hands over to the launcher of bnd, which by itself waits
/// for ever when a bundle does not resolve, as all of them do on an older Java.
public final class Main {
  private static final int REQUIRED_JAVA = 25;
  private static final int EXIT_UNUSABLE = 2;
  private static final String LAUNCHER = "aQute.launcher.pre.EmbeddedLauncher";

  /// The system property that the application sets when it begins.
  private static final String STARTED = "com.example.jitmem.example.started";

  /// The system property with the seconds in which the application has to begin.
  private static final String START_SECONDS = "com.example.jitmem.example.start.seconds";

  private static final int DEFAULT_START_SECONDS = 30;

  /// What the services log when they are fine would stand between the lines of the application. A
  /// level lasts as long as its logger is held.
  private static final Logger SERVICES = Logger.getLogger("com.example.jitmem");

  private Main() {}

  /// Starts the framework and ends the JVM with the status of the application, or with 2 when the
  /// application cannot run.
  ///
  /// @param args the arguments of the application
  /// @throws Throwable if the launcher does
  public static void main(String[] args) throws Throwable {
    String version = System.getProperty("java.specification.version");
    if (feature(version) < REQUIRED_JAVA) {
      exit("Java " + REQUIRED_JAVA + " or newer is needed, but this is Java " + version);
    }
    if (System.getProperty("java.util.logging.config.file") == null) {
      SERVICES.setLevel(Level.WARNING);
    }
    Thread watch = new Thread(Main::watchStart, "start of the application");
    watch.setDaemon(true);
    watch.start();
    try {
      Class.forName(LAUNCHER).getMethod("main", String[].class).invoke(null, (Object) args);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  private static int feature(String specificationVersion) {
    String[] parts = specificationVersion.split("\\.", -1);
    return Integer.parseInt("1".equals(parts[0]) ? parts[1] : parts[0]);
  }

  private static void watchStart() {
    int seconds = Integer.getInteger(START_SECONDS, DEFAULT_START_SECONDS);
    try {
      TimeUnit.SECONDS.sleep(seconds);
    } catch (InterruptedException e) {
      return;
    }
    if (System.getProperty(STARTED) == null) {
      exit("the application has not begun after " + seconds + " s; did all bundles resolve?");
    }
  }

  private static void exit(String message) {
    System.err.println("error: " + message);
    System.exit(EXIT_UNUSABLE);
  }
}
