// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.example;

import com.example.jitmem.api.runtime.JitFunction;
import com.example.jitmem.api.runtime.JitRuntime;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/// The code that README shows; a test keeps the two equal. The demo does not start it.
@Component(immediate = true)
public final class HelloJit {
  private static final byte[] MOV_EAX_42_RET = {(byte) 0xB8, 42, 0, 0, 0, (byte) 0xC3};

  /// Calls two instructions and prints what they return.
  ///
  /// @param runtime places the code
  /// @throws Throwable never
  @Activate
  public HelloJit(@Reference JitRuntime runtime) throws Throwable {
    FunctionDescriptor type = FunctionDescriptor.of(ValueLayout.JAVA_INT);
    try (JitFunction answer = runtime.add(MOV_EAX_42_RET, type)) {
      System.out.println((int) answer.handle().invokeExact());
    }
  }
}
