// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

/// A workload with a number of live spans.
///
/// @param workload its name, and a variant behind a colon where there is one
/// @param liveSpans the number of live spans
/// @param operations about how many operations a round measures; the same for everybody
record Case(String workload, int liveSpans, int operations) {
  /// The workload without its variant.
  String kind() {
    int colon = workload.indexOf(':');
    return colon < 0 ? workload : workload.substring(0, colon);
  }

  /// The arguments of a worker's requests.
  String request() {
    return workload + " " + liveSpans + " " + operations;
  }

  /// The arguments of a request to warm up: the same work on fewer spans, so that there is time for
  /// it often.
  String warmUpRequest() {
    return workload + " " + Math.min(liveSpans, 10_000) + " " + Math.min(operations, 10_000);
  }

  @Override
  public String toString() {
    return workload + " with " + liveSpans + " live spans";
  }
}
