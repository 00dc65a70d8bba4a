// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test.holder;

import java.util.function.Consumer;
import org.osgi.framework.BundleContext;

/// Holds objects of the component from the beginning, and uses them when the test says so.
public final class Holder implements Consumer<String> {
  private final EveryMethod everyMethod;
  private final Holdings holdings;

  /// Made by the test.
  ///
  /// @param context of the bundle
  /// @throws Exception if it cannot get hold of everything
  public Holder(BundleContext context) throws Exception {
    Services services = Services.of(context);
    everyMethod = new EveryMethod(services);
    holdings = new Holdings(services);
  }

  @Override
  public void accept(String step) {
    try {
      switch (step) {
        case "call everything" -> everyMethod.run();
        case "use and end" -> {
          everyMethod.end();
          holdings.useAndEnd();
        }
        default -> throw new AssertionError(step);
      }
    } catch (Throwable e) {
      throw new AssertionError(step, e);
    }
  }
}
