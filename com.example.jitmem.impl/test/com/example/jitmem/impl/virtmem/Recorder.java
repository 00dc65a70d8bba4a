// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.virtmem;

import com.example.jitmem.impl.os.AddressRange;
import com.example.jitmem.impl.os.Os;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/// A port that passes everything on to another one and notes what was flushed, as if the processor
/// needed it.
final class Recorder {
  /// A range flushed from the instruction cache.
  record Flush(long address, long byteSize) {}

  private final List<Flush> flushes = new ArrayList<>();
  private final Os os;

  Recorder(Os system) {
    os =
        (Os)
            Proxy.newProxyInstance(
                Os.class.getClassLoader(),
                new Class<?>[] {Os.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("equals")) {
                    return Proxy.isProxyClass(arguments[0].getClass());
                  }
                  if (method.getName().equals("hasCoherentFetch")) {
                    return false;
                  }
                  if (method.getName().equals("flushInstructionCache")) {
                    note(arguments);
                  }
                  try {
                    return method.invoke(system, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
  }

  private void note(Object... arguments) {
    if (arguments[0] instanceof List<?> ranges) {
      for (Object range : ranges) {
        flushes.add(new Flush(((AddressRange) range).start(), ((AddressRange) range).byteSize()));
      }
    } else {
      flushes.add(new Flush((long) arguments[0], (long) arguments[1]));
    }
  }

  Os os() {
    return os;
  }

  List<Flush> flushes() {
    return List.copyOf(flushes);
  }
}
