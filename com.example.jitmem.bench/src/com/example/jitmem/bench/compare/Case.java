// SPDX-License-Identifier: Apache-2.0
package com.example.jitmem.bench.compare;

/// A workload with a number of live spans.
///
/// @param name what it is called on the command line
/// @param workload what a worker calls it, and a variant behind a colon where there is one
/// @param liveSpans the number of live spans
/// @param operations about how many operations a round measures; the same for every peer
/// @param fresh whether every round gets a fresh process that has not been warmed up
record Case(String name, String workload, int liveSpans, int operations, boolean fresh) {
  private static final int MANY_SPANS = 100_000;
  private static final int SETTLE_MILLIS = 40;
  private static final int SETTLE_MILLIS_OF_MANY = 250;

  Case(String name, String workload, int liveSpans, int operations) {
    this(name, workload, liveSpans, operations, false);
  }

  Case(String workload, int liveSpans, int operations) {
    this(workload, workload, liveSpans, operations, false);
  }

  /// The arguments of a worker's requests.
  String request() {
    return workload + " " + liveSpans + " " + operations;
  }

  /// For how long a round is repeated. The last quarter of the repeats counts: a
  /// process that has waited resumes with cold caches, which is what the first ones measure. The
  /// times of 100,000 spans, whose data fills a cache, fall for a fifth of a second. A round that
  /// takes longer runs once.
  int settleMillis() {
    return liveSpans < MANY_SPANS ? SETTLE_MILLIS : SETTLE_MILLIS_OF_MANY;
  }

  /// The arguments of a request to warm up: less of the same work, so that there is time for it
  /// often, on as many spans, because code for several regions is compiled when there are several.
  String warmUpRequest() {
    return workload + " " + liveSpans + " " + Math.min(operations, 10_000);
  }

  @Override
  public String toString() {
    return name + " with " + liveSpans + " live spans";
  }
}
