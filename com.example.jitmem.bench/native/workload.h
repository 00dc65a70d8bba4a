// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "sequence.h"

// One result of a round; lower is better unless the unit is "ratio".
struct Figure {
  std::string name;
  std::string unit;
  double value;

  static Figure nanos(const std::string& name, int64_t nanos, size_t operations) {
    return {name, "ns", double(nanos) / double(operations)};
  }
};

// A workload on an allocator of its own, which lives from round to round.
class Workload {
 public:
  virtual ~Workload() = default;

  // Runs one round and gives what was measured, in the same order in every round.
  virtual std::vector<Figure> round() = 0;
};

// What a workload is told.
struct Setting {
  size_t liveSpans;
  size_t operations;
  // What distinguishes workloads of one kind; each says what it means.
  std::string variant;

  // How often something with `each` operations is repeated in a round.
  size_t repeats(size_t each) const {
    return std::max<size_t>(1, operations / std::max<size_t>(1, each));
  }

  bool hasOption() const { return variant == "fill-unused" || variant == "multiple-pools"; }

  // The name of a row: that of a figure, and the option.
  std::string row(const std::string& figure) const {
    return hasOption() ? figure + "-" + variant : figure;
  }
};

inline int64_t read(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return int64_t(time.tv_sec) * 1000000000 + time.tv_nsec;
}

// The time in nanoseconds from some fixed moment; the clock that System.nanoTime() reads.
inline int64_t elapsed() { return read(CLOCK_MONOTONIC); }

// The clock that rounds are measured with: time that passes, or the time for which this thread had
// a processor.
inline clockid_t roundClock = CLOCK_MONOTONIC;

inline int64_t now() { return read(roundClock); }

enum class Order { kFifo, kLifo, kRandom };

// The indices below `count` in an order.
inline std::vector<size_t> indices(Order order, size_t count, Sequence& sequence) {
  if (order == Order::kRandom) {
    return sequence.shuffled(count);
  }
  std::vector<size_t> indices(count);
  for (size_t i = 0; i < count; i++) {
    indices[i] = order == Order::kFifo ? i : count - 1 - i;
  }
  return indices;
}
