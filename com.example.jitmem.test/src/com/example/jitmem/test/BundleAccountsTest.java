// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.example.jitmem.api.allocator.JitAllocator;
import com.example.jitmem.api.allocator.ResetPolicy;
import com.example.jitmem.api.allocator.Span;
import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

/// Two bundles that use one allocator.
class BundleAccountsTest {
  @InjectBundleContext BundleContext context;
  @InjectService ConfigurationAdmin admin;

  private LogRecorder log;
  private Configurations configurations;
  private ServiceReference<?> service;
  private ConsumerBundle first;
  private ConsumerBundle second;

  @BeforeEach
  void begin() throws Exception {
    log = LogRecorder.start();
    configurations = new Configurations(context, admin);
    configurations.factory("shared", Map.of());
    try (AllocatorServices services = AllocatorServices.watch(context, "shared")) {
      service = services.await();
    }
    first = ConsumerBundle.start(context, "test.first");
    second = ConsumerBundle.start(context, "test.second");
  }

  @AfterEach
  void cleanUp() throws Exception {
    first.close();
    second.close();
    configurations.deleteAll();
    log.close();
  }

  @Test
  void everyBundleGetsItsOwnView() {
    JitAllocator ofFirst = first.get(JitAllocator.class, service);

    assertThat(second.get(JitAllocator.class, service)).isNotSameAs(ofFirst);
    assertThat(first.get(JitRuntime.class, service)).isSameAs(ofFirst);
  }

  @Test
  void spansAreCountedForTheBundleThatAllocatedThem() {
    JitAllocator ofFirst = first.get(JitAllocator.class, service);
    JitAllocator ofSecond = second.get(JitAllocator.class, service);
    JitRuntime runtime = first.get(JitRuntime.class, service);

    try (Span span = ofFirst.alloc(100);
        Span _ = ofSecond.alloc(1);
        JitFunction _ = runtime.add(MachineCode.returning(runtime, 1), MachineCode.TYPE)) {
      assertThat(ofFirst.statistics().ownSpanCount()).isEqualTo(2);
      assertThat(ofFirst.statistics().ownUsedBytes()).isEqualTo(128 + 64);
      assertThat(ofSecond.statistics().ownSpanCount()).isEqualTo(1);
      assertThat(ofSecond.statistics().ownUsedBytes()).isEqualTo(64);
      assertThat(ofSecond.statistics().spanCount()).isEqualTo(3);
      assertThat(span.byteSize()).isEqualTo(128);
    }
    assertThat(ofFirst.statistics().ownSpanCount()).isZero();
    assertThat(ofSecond.statistics().ownSpanCount()).isZero();
  }

  @Test
  void bundlesSeeButCannotEndEachOthersSpans() throws Throwable {
    JitAllocator ofSecond = second.get(JitAllocator.class, service);
    JitRuntime runtime = first.get(JitRuntime.class, service);
    try (Span span = MachineCode.place(runtime.allocator(), runtime, 21)) {
      Span seen = ofSecond.query(span.rx()).orElseThrow();

      assertThat(seen.byteSize()).isEqualTo(span.byteSize());
      assertThatIllegalArgumentException().isThrownBy(() -> ofSecond.release(span.rx()));
      assertThatIllegalArgumentException().isThrownBy(() -> ofSecond.shrink(seen, 1));
      assertThatIllegalStateException().isThrownBy(seen::close);
      assertThat(span.isLive()).isTrue();
      assertThat(MachineCode.call(runtime, span)).isEqualTo(21);
    }
  }

  @Test
  void resetEndsTheSpansOfItsBundleOnly() throws Throwable {
    JitRuntime ofFirst = first.get(JitRuntime.class, service);
    JitRuntime ofSecond = second.get(JitRuntime.class, service);
    Span ended = MachineCode.place(ofFirst.allocator(), ofFirst, 1);
    try (Span kept = MachineCode.place(ofSecond.allocator(), ofSecond, 2)) {
      ofFirst.allocator().reset(ResetPolicy.HARD);

      assertThat(ended.isLive()).isFalse();
      assertThat(kept.isLive()).isTrue();
      assertThat(MachineCode.call(ofSecond, kept)).isEqualTo(2);
      assertThat(ofFirst.allocator().statistics().ownSpanCount()).isZero();
      assertThat(ofSecond.allocator().statistics().spanCount()).isEqualTo(1);
    }
  }

  @Test
  void ungettingTheServiceKeepsTheAccount() throws Throwable {
    JitRuntime before = first.get(JitRuntime.class, service);
    Span span = MachineCode.place(before.allocator(), before, 3);
    BundleContext ofFirst = first.bundle().getBundleContext();

    assertThat(ofFirst.ungetService(service)).isTrue();
    JitRuntime after = first.get(JitRuntime.class, service);

    assertThat(after).isSameAs(before);
    assertThat(after.allocator().statistics().ownSpanCount()).isEqualTo(1);
    assertThat(MachineCode.call(after, span)).isEqualTo(3);
    after.allocator().release(span.rx());
    assertThat(after.allocator().statistics().ownSpanCount()).isZero();
  }

  @Test
  void stoppedBundleIsLoggedWithWhatItHoldsAndItsCodeStays() throws Throwable {
    JitRuntime runtime = first.get(JitRuntime.class, service);
    Span span = MachineCode.place(runtime.allocator(), runtime, 8);

    first.bundle().stop();

    log.await(Level.WARNING, "test.first", "1 spans", "64 bytes", "shared");
    assertThat(MachineCode.call(runtime, span)).isEqualTo(8);
    MemorySegment rx = span.rx();

    first.bundle().start();
    JitAllocator again = first.get(JitAllocator.class, service);
    assertThat(again.statistics().ownSpanCount()).as("The account is the bundle's").isEqualTo(1);
    again.release(rx);
  }

  @Test
  void stoppedBundleThatHoldsNothingIsForgottenSilently() throws Exception {
    JitAllocator before = first.get(JitAllocator.class, service);
    before.alloc(8).close();

    first.bundle().stop();
    first.bundle().start();

    assertThat(first.get(JitAllocator.class, service)).isNotSameAs(before);
    assertThat(log.warnings()).isEmpty();
  }
}
