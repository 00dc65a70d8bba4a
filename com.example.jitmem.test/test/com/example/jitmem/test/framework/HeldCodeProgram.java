// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test.framework;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.wiring.FrameworkWiring;

/// Takes the bundle of the implementation away while another bundle holds objects of it, and lets
/// that bundle use them.
final class HeldCodeProgram {
  /// A class of the program whose loading tells that the bundle is gone.
  static final class BundleIsGone {
    private BundleIsGone() {}
  }

  private static final String HOLDER = "com.example.jitmem.test.holder.Holder";
  private static final long TIMEOUT_SECONDS = 20;

  private HeldCodeProgram() {}

  /// Runs.
  ///
  /// @param arguments the folder for the framework's data, the bundle that holds, what happens to
  ///     the implementation, the steps of the holder after that, each behind a comma, and the
  ///     bundles in the order in which they are started, the implementation last
  public static void main(String[] arguments) {
    int status = 1;
    try {
      run(arguments);
      status = 0;
    } catch (Throwable e) {
      e.printStackTrace(System.out);
    }
    // The framework, or a thread that waits in a function, would keep the JVM
    System.exit(status);
  }

  private static void run(String[] arguments) throws Exception {
    Framework framework = FrameworkProgram.start(arguments[0]);
    BundleContext context = framework.getBundleContext();
    List<String> files = List.of(arguments).subList(4, arguments.length);
    List<Bundle> bundles = FrameworkProgram.install(context, files);
    Bundle holding = FrameworkProgram.install(context, List.of(arguments[1])).getFirst();
    Consumer<String> holder = holder(holding);
    for (String action : arguments[2].split(",", -1)) {
      act(action, framework, bundles.getLast(), Path.of(files.getLast()));
    }
    Class.forName(BundleIsGone.class.getName());
    for (String step : arguments[3].split(",", -1)) {
      holder.accept(step);
    }
    FrameworkProgram.stop(framework);
  }

  private static void act(String action, Framework framework, Bundle provider, Path file)
      throws Exception {
    switch (action) {
      case "update" -> {
        try (InputStream bytes = Files.newInputStream(file)) {
          provider.update(bytes);
        }
      }
      case "uninstall" -> provider.uninstall();
      case "refresh" -> {
        CountDownLatch refreshed = new CountDownLatch(1);
        framework
            .adapt(FrameworkWiring.class)
            .refreshBundles(List.of(provider), _ -> refreshed.countDown());
        if (!refreshed.await(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
          throw new AssertionError("The framework does not refresh");
        }
      }
      default -> throw new AssertionError(action);
    }
  }

  @SuppressWarnings("unchecked")
  private static Consumer<String> holder(Bundle holding) throws ReflectiveOperationException {
    return (Consumer<String>)
        holding
            .loadClass(HOLDER)
            .getConstructor(BundleContext.class)
            .newInstance(holding.getBundleContext());
  }
}
