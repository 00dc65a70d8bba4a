// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import com.example.jitmem.api.allocator.Statistics;
import com.example.jitmem.api.runtime.JitRuntimeFactory;
import com.example.jitmem.impl.allocator.AllocatorView;
import com.example.jitmem.impl.allocator.SharedAllocator;
import com.example.jitmem.impl.log.LimitedLog;
import com.example.jitmem.impl.log.LoggerNames;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.SynchronousBundleListener;

/// The accounts of the bundles that use one shared allocator.
///
/// An account belongs to its bundle and not to the service object: ungetting the service changes
/// nothing, a bundle that gets it again finds its spans. When a bundle has stopped, what it still
/// holds is logged and stays usable; the account is kept until it is empty.
///
/// All methods are thread-safe.
final class BundleViews implements ServiceFactory<BundleView>, SynchronousBundleListener {
  private static final Logger LOG = System.getLogger(LoggerNames.OSGI);

  private final String allocatorName;
  private final SharedAllocator allocator;
  private final JitRuntimeFactory runtimes;
  private final LimitedLog holders = new LimitedLog(LOG);
  private final Map<Bundle, BundleView> views = new HashMap<>();

  BundleViews(String allocatorName, SharedAllocator allocator, JitRuntimeFactory runtimes) {
    this.allocatorName = allocatorName;
    this.allocator = allocator;
    this.runtimes = runtimes;
  }

  @Override
  public synchronized BundleView getService(
      Bundle bundle, ServiceRegistration<BundleView> registration) {
    return views.computeIfAbsent(bundle, this::openView);
  }

  @Override
  public void ungetService(
      Bundle bundle, ServiceRegistration<BundleView> registration, BundleView service) {
    // The account stays open as long as the bundle may come back
  }

  @Override
  public void bundleChanged(BundleEvent event) {
    if (event.getType() == BundleEvent.STOPPED) {
      report(event.getBundle());
      forgetEmptyAccounts();
    }
  }

  private BundleView openView(Bundle bundle) {
    AllocatorView view = allocator.openView(describe(bundle));
    return new BundleView(view, runtimes.create(view));
  }

  private synchronized void report(Bundle stopped) {
    BundleView view = views.get(stopped);
    if (view == null) {
      return;
    }
    Statistics statistics = view.statistics();
    if (statistics.ownSpanCount() != 0) {
      String bundle = describe(stopped);
      holders.log(
          Level.WARNING,
          "stopped",
          bundle,
          "Bundle "
              + bundle
              + " has stopped and still holds "
              + statistics.ownSpanCount()
              + " spans with "
              + statistics.ownUsedBytes()
              + " bytes of the allocator "
              + LogText.abbreviate(allocatorName)
              + "; their code stays in place",
          null);
    }
  }

  private synchronized void forgetEmptyAccounts() {
    views
        .entrySet()
        .removeIf(
            account ->
                hasStopped(account.getKey())
                    && account.getValue().statistics().ownSpanCount() == 0);
  }

  private static boolean hasStopped(Bundle bundle) {
    return (bundle.getState() & (Bundle.STARTING | Bundle.ACTIVE | Bundle.STOPPING)) == 0;
  }

  private static String describe(Bundle bundle) {
    return bundle.getSymbolicName() + " " + bundle.getVersion() + " [" + bundle.getBundleId() + "]";
  }
}
