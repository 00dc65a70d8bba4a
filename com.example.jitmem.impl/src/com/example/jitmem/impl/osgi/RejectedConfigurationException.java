// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import java.io.Serial;
import java.util.List;

/// A configuration is not accepted. The message names every key that is wrong, its value and what
/// is accepted; of very many it names the first.
final class RejectedConfigurationException extends Exception {
  private static final int MAX_SHOWN = 30;

  @Serial private static final long serialVersionUID = 1L;

  RejectedConfigurationException(List<String> problems) {
    super(describe(problems));
  }

  RejectedConfigurationException(String problem) {
    super(problem);
  }

  private static String describe(List<String> problems) {
    String shown = String.join("; ", problems.subList(0, Math.min(problems.size(), MAX_SHOWN)));
    int more = problems.size() - MAX_SHOWN;
    return more > 0 ? shown + "; and " + more + " more" : shown;
  }
}
