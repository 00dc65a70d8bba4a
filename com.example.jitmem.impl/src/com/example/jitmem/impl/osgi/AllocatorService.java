// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.service.JitMemConstants;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.allocator.SharedAllocator;
import com.example.jitmem.impl.log.LimitedLog;
import com.example.jitmem.impl.log.LoggerNames;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Dictionary;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;

/// The allocator of one configuration, and the service it is published as.
///
/// A configuration that is rejected is logged and changes nothing: before the first good one there
/// is no service, after it the last good one stays in effect together with its service properties.
///
/// All methods are thread-safe and none throws. The lock is held while the service is registered
/// and changed, so that its properties are always those of the configuration in effect; users of
/// the service never take it.
final class AllocatorService implements AllocatorNames.Claimant {
  /// Turns the properties of a component into settings.
  @FunctionalInterface
  interface Parser {
    /// Parses.
    ///
    /// @param properties the properties
    /// @return the settings
    /// @throws RejectedConfigurationException if anything in them is wrong
    AllocatorSettings parse(Map<String, ?> properties) throws RejectedConfigurationException;
  }

  /// The state from the first good configuration to the end.
  private record Published(
      String name,
      SharedAllocator allocator,
      BundleViews views,
      ServiceRegistration<?> registration) {}

  private static final Logger LOG = System.getLogger(LoggerNames.OSGI);
  private static final String[] SERVICE_TYPES = {
    JitAllocator.class.getName(), JitRuntime.class.getName()
  };

  private final BundleContext context;
  private final AllocatorHost host;
  private final Parser parser;
  private final LimitedLog rejections = new LimitedLog(LOG);
  private Map<String, Object> latest = Map.of();
  private @Nullable Published published;
  private boolean closed;

  /// @param context of the bundle the service is registered by
  /// @param host what allocators share
  /// @param parser of the configuration
  AllocatorService(BundleContext context, AllocatorHost host, Parser parser) {
    this.context = context;
    this.host = host;
    this.parser = parser;
  }

  /// Applies a configuration, or logs why not.
  ///
  /// @param properties the properties of the component
  void configure(Map<String, Object> properties) {
    boolean nameIsFree;
    synchronized (this) {
      latest = Map.copyOf(properties);
      nameIsFree = apply();
    }
    if (nameIsFree) {
      host.names().tellRefused();
    }
  }

  @Override
  public void tryAgain() {
    boolean nameIsFree;
    synchronized (this) {
      nameIsFree = !closed && published == null && apply();
    }
    if (nameIsFree) {
      host.names().tellRefused();
    }
  }

  /// Ends the service. The allocator unmaps its memory when the last span in it has ended; the
  /// bundles that still hold spans are logged.
  void close() {
    Published ended;
    synchronized (this) {
      closed = true;
      ended = published;
      published = null;
    }
    rejections.close();
    host.names().forget(this);
    if (ended != null) {
      unregister(ended);
      ended.allocator().retire();
      logHoldings(ended);
      host.names().giveBack(ended.name());
      host.names().tellRefused();
    }
  }

  private void unregister(Published ended) {
    try {
      ended.registration().unregister();
      context.removeBundleListener(ended.views());
    } catch (IllegalStateException bundleHasStopped) {
      LOG.log(Level.DEBUG, "The framework has unregistered the service", bundleHasStopped);
    }
  }

  /// Applies the latest configuration.
  ///
  /// @return whether a name was taken and released
  private boolean apply() {
    String taken = null;
    try {
      AllocatorSettings settings = parser.parse(latest);
      Published current = published;
      if (current == null) {
        takeName(settings.name());
        taken = settings.name();
        current = publish(settings);
        published = current;
      } else {
        update(current, settings);
      }
      logAccepted(current);
    } catch (RejectedConfigurationException | VirtMemException rejected) {
      logRejection(rejected.getMessage(), null);
    } catch (RuntimeException unexpected) {
      logRejection("", unexpected);
    }
    if (taken == null || published != null) {
      return false;
    }
    host.names().giveBack(taken);
    return true;
  }

  private void takeName(String name) throws RejectedConfigurationException {
    if (!host.names().take(name, this)) {
      throw new RejectedConfigurationException(
          JitMemConstants.NAME
              + " = "
              + LogText.shown(name)
              + " is the name of another allocator; this configuration takes effect when that"
              + " one is deleted, or when it is given another name");
    }
  }

  private Published publish(AllocatorSettings settings) {
    SharedAllocator allocator = new SharedAllocator(host.memory(), settings.parameters());
    BundleViews views = new BundleViews(settings.name(), allocator, host.runtimes());
    ServiceRegistration<?> registration =
        context.registerService(SERVICE_TYPES, views, dictionary(settings));
    context.addBundleListener(views);
    return new Published(settings.name(), allocator, views, registration);
  }

  private static void update(Published published, AllocatorSettings settings)
      throws RejectedConfigurationException {
    if (!settings.name().equals(published.name())) {
      throw new RejectedConfigurationException(
          JitMemConstants.NAME
              + " = "
              + LogText.shown(settings.name())
              + ": the name of an allocator does not change while its configuration lives, it is "
              + LogText.shown(published.name()));
    }
    published.allocator().reconfigure(settings.parameters());
    published.registration().setProperties(dictionary(settings));
  }

  private static Dictionary<String, Object> dictionary(AllocatorSettings settings) {
    return FrameworkUtil.asDictionary(settings.serviceProperties());
  }

  private static void logAccepted(Published published) {
    LOG.log(
        Level.INFO,
        () ->
            "Allocator "
                + LogText.abbreviate(published.name())
                + ": "
                + published.allocator().codeWriting()
                + ", "
                + published.allocator().parameters());
  }

  private void logRejection(@Nullable String reason, @Nullable Throwable unexpected) {
    String pid = LogText.abbreviate(ConfigurationPid.of(latest).pid());
    String effect =
        published == null
            ? " is rejected, there is no service for it: "
            : " is rejected, the last good one stays in effect: ";
    rejections.log(
        Level.ERROR, "rejection", pid, "Configuration " + pid + effect + reason, unexpected);
  }

  private void logHoldings(Published ended) {
    ended.allocator().holdings().stream()
        .filter(holding -> holding.spanCount() != 0)
        .forEach(
            holding ->
                LOG.log(
                    Level.WARNING,
                    () ->
                        "Allocator "
                            + LogText.abbreviate(ended.name())
                            + " has ended, but bundle "
                            + holding.owner()
                            + " still holds "
                            + holding.spanCount()
                            + " spans with "
                            + holding.usedBytes()
                            + " bytes; their code stays in place until they end"));
  }
}
