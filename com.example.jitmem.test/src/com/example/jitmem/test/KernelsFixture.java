// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

/// What tests of configurations share: they watch the services of an allocator named `kernels` and
/// the log. After each test its configurations are deleted.
abstract class KernelsFixture {
  @InjectBundleContext BundleContext context;
  @InjectService ConfigurationAdmin admin;

  Configurations configurations;
  AllocatorServices services;
  LogRecorder log;

  @BeforeEach
  void begin() throws Exception {
    log = LogRecorder.start();
    configurations = new Configurations(context, admin);
    services = AllocatorServices.watch(context, "kernels");
  }

  @AfterEach
  void cleanUp() throws Exception {
    services.close();
    configurations.deleteAll();
    log.close();
  }
}
