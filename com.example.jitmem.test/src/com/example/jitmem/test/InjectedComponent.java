// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.runtime.JitRuntime;
import com.example.jitmem.api.virtmem.VirtMem;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/// A component that has the services injected, as any user's would.
@Component(service = InjectedComponent.class)
public final class InjectedComponent {
  final VirtMem virtMem;
  final JitAllocator allocator;
  final JitRuntime runtime;
  final JitAllocator named;
  final JitRuntime namedRuntime;

  /// Called by Declarative Services.
  @Activate
  public InjectedComponent(
      @Reference VirtMem virtMem,
      @Reference(target = "(jitmem.name=default)") JitAllocator allocator,
      @Reference(target = "(jitmem.name=default)") JitRuntime runtime,
      @Reference(target = "(jitmem.name=" + Configurations.IN_TEST_BUNDLE + ")") JitAllocator named,
      @Reference(target = "(jitmem.name=" + Configurations.IN_TEST_BUNDLE + ")")
          JitRuntime namedRuntime) {
    this.virtMem = virtMem;
    this.allocator = allocator;
    this.runtime = runtime;
    this.named = named;
    this.namedRuntime = namedRuntime;
  }
}
