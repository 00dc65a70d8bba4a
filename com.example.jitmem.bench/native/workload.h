// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

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

  // The name of a row: that of a figure, and the option.
  std::string row(const std::string& figure) const {
    bool option = variant == "fill-unused" || variant == "multiple-pools";
    return option ? figure + "-" + variant : figure;
  }
};

// The time in nanoseconds from some fixed moment; the clock that System.nanoTime() reads.
inline int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}
