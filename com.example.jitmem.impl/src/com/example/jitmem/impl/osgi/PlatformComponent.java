// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.JitAllocatorFactory;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.runtime.JitRuntimeFactory;
import com.example.jitmem.api.service.JitMemConstants;
import com.example.jitmem.api.virtmem.VirtMem;
import com.example.jitmem.api.virtmem.VirtMemException;
import com.example.jitmem.impl.DefaultJitAllocatorFactory;
import com.example.jitmem.impl.DefaultJitRuntimeFactory;
import com.example.jitmem.impl.log.LoggerNames;
import com.example.jitmem.impl.memory.CodeMemorySource;
import com.example.jitmem.impl.virtmem.DefaultVirtMem;
import com.example.jitmem.impl.virtmem.SystemCodeMemorySource;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/// Registers the services that need no configuration. Where this process cannot run code it logs
/// why, once, and registers nothing; then no allocator is configured either.
@Component(
    service = {},
    immediate = true)
@Capability(
    namespace = "osgi.implementation",
    name = JitMemConstants.IMPLEMENTATION_NAME,
    version = JitMemConstants.IMPLEMENTATION_VERSION,
    uses = {VirtMem.class, JitAllocator.class, JitRuntime.class})
@Capability(
    namespace = PlatformComponent.SERVICE,
    attribute = "objectClass:List<String>=\"com.example.jitmem.api.virtmem.VirtMem\"",
    uses = VirtMem.class,
    effective = PlatformComponent.ACTIVE)
@Capability(
    namespace = PlatformComponent.SERVICE,
    attribute =
        "objectClass:List<String>=\"com.example.jitmem.api.allocator.JitAllocator,"
            + "com.example.jitmem.api.runtime.JitRuntime\"",
    uses = {JitAllocator.class, JitRuntime.class},
    effective = PlatformComponent.ACTIVE)
@Capability(
    namespace = PlatformComponent.SERVICE,
    attribute = "objectClass:List<String>=\"com.example.jitmem.api.allocator.JitAllocatorFactory\"",
    uses = JitAllocatorFactory.class,
    effective = PlatformComponent.ACTIVE)
@Capability(
    namespace = PlatformComponent.SERVICE,
    attribute = "objectClass:List<String>=\"com.example.jitmem.api.runtime.JitRuntimeFactory\"",
    uses = JitRuntimeFactory.class,
    effective = PlatformComponent.ACTIVE)
@Capability(
    namespace = PlatformComponent.SERVICE,
    attribute = "objectClass:List<String>=\"com.example.jitmem.impl.osgi.AllocatorHost\"",
    effective = PlatformComponent.ACTIVE)
public final class PlatformComponent {
  static final String SERVICE = "osgi.service";
  static final String ACTIVE = "active";

  private static final Logger LOG = System.getLogger(LoggerNames.OSGI);

  private final BundleContext context;
  private final List<ServiceRegistration<?>> registrations = new ArrayList<>();

  /// Called by Declarative Services.
  ///
  /// @param context of this bundle
  @Activate
  public PlatformComponent(BundleContext context) {
    this.context = context;
    try {
      register();
    } catch (VirtMemException unavailable) {
      LOG.log(
          Level.ERROR,
          () ->
              "There is no executable memory, no service is registered: "
                  + unavailable.getMessage());
    }
  }

  /// Called by Declarative Services.
  @Deactivate
  public void close() {
    Collections.reverse(registrations);
    try {
      registrations.forEach(ServiceRegistration::unregister);
    } catch (IllegalStateException bundleHasStopped) {
      LOG.log(Level.DEBUG, "The framework has unregistered the services", bundleHasStopped);
    }
  }

  /// Registers all services, unless asking for the size of a page shows that the system is not
  /// supported or that the JVM denies native access. Before that it loads what users of the
  /// services may need when this bundle is gone.
  private void register() {
    VirtMem virtMem = new DefaultVirtMem();
    virtMem.info();
    ClassPreloader.preload(context.getBundle());
    CodeMemorySource memory = new SystemCodeMemorySource();
    JitRuntimeFactory runtimes = new DefaultJitRuntimeFactory();
    JitAllocatorFactory allocators = new DefaultJitAllocatorFactory(memory);

    register(VirtMem.class, virtMem, "Virtual memory of the process");
    register(JitAllocatorFactory.class, allocators, "Creates allocators of executable memory");
    register(JitRuntimeFactory.class, runtimes, "Creates runtimes on allocators");
    register(
        AllocatorHost.class,
        new AllocatorHost(memory, runtimes, new AllocatorNames()),
        "What configured allocators share");
  }

  private <T> void register(Class<T> type, T service, String description) {
    Map<String, String> properties =
        Map.of(
            Constants.SERVICE_DESCRIPTION,
            description,
            Constants.SERVICE_VENDOR,
            AllocatorHost.SERVICE_VENDOR);
    registrations.add(
        context.registerService(type, service, FrameworkUtil.asDictionary(properties)));
  }
}
