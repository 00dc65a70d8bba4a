// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.impl.osgi;

import java.io.Serial;
import java.util.List;

/// A configuration is not accepted. The message names every key that is wrong, its value and what
/// is accepted.
final class RejectedConfigurationException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  RejectedConfigurationException(List<String> problems) {
    super(String.join("; ", problems));
  }

  RejectedConfigurationException(String problem) {
    super(problem);
  }
}
