// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test.framework;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/// Starts bundles in the framework on the class path, writes which services of the component there
/// are, and stops the framework.
final class FrameworkProgram {
  /// What lines with the name of a service begin with.
  static final String SERVICE = "service: ";

  /// The last line of a program that ended well.
  static final String STOPPED = "stopped";

  private static final long STOP_LIMIT_MILLIS = 20_000;

  private FrameworkProgram() {}

  /// Runs.
  ///
  /// @param arguments the folder for the framework's data, and the bundles in the order in which
  ///     they are started
  public static void main(String[] arguments) throws Exception {
    Framework framework = start(arguments[0]);
    BundleContext context = framework.getBundleContext();
    install(context, List.of(arguments).subList(1, arguments.length));
    ServiceReference<?>[] services =
        context.getAllServiceReferences(null, "(objectClass=com.example.jitmem.*)");
    for (ServiceReference<?> service : services == null ? new ServiceReference<?>[0] : services) {
      for (String type : (String[]) service.getProperty(Constants.OBJECTCLASS)) {
        System.out.println(SERVICE + type);
      }
    }
    stop(framework);
  }

  /// Starts the framework on the class path.
  static Framework start(String storage) throws BundleException {
    Map<String, String> configuration =
        Map.of(
            Constants.FRAMEWORK_STORAGE,
            storage,
            Constants.FRAMEWORK_STORAGE_CLEAN,
            Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
    FrameworkFactory factory = ServiceLoader.load(FrameworkFactory.class).findFirst().orElseThrow();
    Framework framework = factory.newFramework(configuration);
    framework.start();
    return framework;
  }

  /// Installs bundles and starts each.
  static List<Bundle> install(BundleContext context, List<String> files) throws BundleException {
    List<Bundle> bundles = new ArrayList<>();
    for (String file : files) {
      Bundle bundle = context.installBundle("file:" + file);
      bundle.start();
      bundles.add(bundle);
    }
    return bundles;
  }

  /// Stops the framework, and writes that it has stopped.
  static void stop(Framework framework) throws BundleException, InterruptedException {
    framework.stop();
    if (framework.waitForStop(STOP_LIMIT_MILLIS).getType() == FrameworkEvent.STOPPED) {
      System.out.println(STOPPED);
    }
  }
}
