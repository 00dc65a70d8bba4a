// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sstream>

#include "span_set.h"

// A workload written as text, so that this program and its twin in Java read the same one. The
// language is described in Script.java.
struct Step {
  std::string row;
  std::string operation;
  std::vector<size_t> order;
  size_t evenSize = 0;
  size_t oddSize = 0;

  size_t size(size_t index, Sequence& sequence) const {
    size_t size = index % 2 == 0 ? evenSize : oddSize;
    return size == 0 ? sequence.size() : size;
  }
};

inline std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) {
    parts.push_back(part);
  }
  return parts;
}

inline bool isSelected(const std::string& which, size_t index) {
  if (which == "all") {
    return true;
  }
  if (which == "even" || which == "odd") {
    return (index % 2 == 0) == (which == "even");
  }
  if (which == "tenth" || which == "nine") {
    return (index % 10 == 0) == (which == "tenth");
  }
  if (which == "half") {
    return (Sequence(index).next() & 1) == 0;
  }
  fail("no such choice of spans");
}

inline Order orderOf(const std::string& label) {
  return label == "fifo" ? Order::kFifo : label == "lifo" ? Order::kLifo : Order::kRandom;
}

inline Step parseStep(const std::string& text, size_t count, size_t limit, Sequence& sequence) {
  Step step;
  size_t equals = text.find('=');
  if (equals != std::string::npos) {
    step.row = text.substr(0, equals);
  }
  std::vector<std::string> parts =
      split(equals == std::string::npos ? text : text.substr(equals + 1), ':');
  step.operation = parts[0];
  for (size_t index : indices(orderOf(parts[2]), count, sequence)) {
    if (isSelected(parts[1], index)) {
      step.order.push_back(index);
    }
  }
  if (!step.row.empty() && step.order.size() > limit) {
    step.order.resize(limit);
  }
  if (parts.size() > 3) {
    std::vector<std::string> sizes = split(parts[3], '/');
    step.evenSize = std::stoul(sizes.front());
    step.oddSize = std::stoul(sizes.back());
  }
  return step;
}

// Adds times up, in batches of the number of operations over which the worst case is amortised.
class Meter {
 public:
  static constexpr size_t kBatch = 10000;

  explicit Meter(const std::string& row) : row_(row) {}

  const std::string& row() const { return row_; }

  void add(int64_t nanos, size_t operations) {
    nanos_ += nanos;
    operations_ += operations;
    batchNanos_ += nanos;
    batchOperations_ += operations;
    if (batchOperations_ >= kBatch) {
      worst_ = std::max(worst_, double(batchNanos_) / double(batchOperations_));
      batchNanos_ = 0;
      batchOperations_ = 0;
    }
  }

  double mean() const { return double(nanos_) / double(operations_); }

  double worst() const { return worst_ == 0 ? mean() : worst_; }

 private:
  std::string row_;
  int64_t nanos_ = 0;
  size_t operations_ = 0;
  int64_t batchNanos_ = 0;
  size_t batchOperations_ = 0;
  double worst_ = 0;
};

// Runs a script, as often as it takes to measure about as many operations as asked for, and
// releases between two runs what it left.
template <typename A>
class ScriptWorkload : public Workload {
 public:
  explicit ScriptWorkload(const Setting& setting)
      : setting_(setting), allocator_(""), spans_(setting.liveSpans) {
    for (const std::string& text : split(setting.variant, '+')) {
      steps_.push_back(parseStep(text, setting.liveSpans, setting.operations, sequence_));
    }
  }

  bool needs(const std::string& operation) const {
    return std::any_of(steps_.begin(), steps_.end(),
                       [&](const Step& step) { return step.operation == operation; });
  }

  std::vector<Figure> round() override {
    meters_.clear();
    size_t repeats = setting_.repeats(setting_.liveSpans);
    for (size_t i = 0; i < repeats; i++) {
      for (const Step& step : steps_) {
        run(step);
      }
      releaseRest();
    }
    std::vector<Figure> figures;
    for (const Meter& meter : meters_) {
      bool wantsWorst = meter.row().back() == '!';
      std::string name = meter.row().substr(0, meter.row().size() - (wantsWorst ? 1 : 0));
      figures.push_back({name, "ns", meter.mean()});
      if (wantsWorst) {
        figures.push_back({name + "-worst", "ns", meter.worst()});
      }
    }
    return figures;
  }

 private:
  void run(const Step& step) {
    if (step.row.empty()) {
      run(step, 0, step.order.size());
      return;
    }
    Meter& meter = meterOf(step.row);
    for (size_t from = 0; from < step.order.size(); from += Meter::kBatch) {
      size_t to = std::min(step.order.size(), from + Meter::kBatch);
      int64_t start = now();
      run(step, from, to);
      meter.add(now() - start, to - from);
    }
  }

  Meter& meterOf(const std::string& row) {
    for (Meter& meter : meters_) {
      if (meter.row() == row) {
        return meter;
      }
    }
    return meters_.emplace_back(row);
  }

  void run(const Step& step, size_t from, size_t to) {
    if (step.operation == "alloc") {
      for (size_t i = from; i < to; i++) {
        spans_[step.order[i]] = allocator_.alloc(step.size(step.order[i], sequence_));
      }
    } else if (step.operation == "release") {
      for (size_t i = from; i < to; i++) {
        allocator_.release(spans_[step.order[i]]);
        spans_[step.order[i]] = nullptr;
      }
    } else if (step.operation == "query") {
      for (size_t i = from; i < to; i++) {
        found_ += allocator_.query(spans_[step.order[i]]);
      }
    } else if (step.operation == "shrink") {
      for (size_t i = from; i < to; i++) {
        allocator_.shrink(spans_[step.order[i]], step.size(step.order[i], sequence_));
      }
    } else {
      fail("no such operation");
    }
  }

  void releaseRest() {
    for (void*& span : spans_) {
      if (span != nullptr) {
        allocator_.release(span);
        span = nullptr;
      }
    }
  }

  Setting setting_;
  A allocator_;
  std::vector<void*> spans_;
  Sequence sequence_;
  std::vector<Step> steps_;
  std::vector<Meter> meters_;
  size_t found_ = 0;
};
