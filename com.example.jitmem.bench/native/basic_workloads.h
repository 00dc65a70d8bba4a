// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "span_set.h"

// Allocates a span and releases it, with no or a few other live spans.
template <typename A>
class PairWorkload : public Workload {
 public:
  explicit PairWorkload(const Setting& setting)
      : setting_(setting), allocator_(setting.variant), spans_(allocator_, setting.liveSpans) {
    spans_.fill(sequence_);
  }

  std::vector<Figure> round() override {
    int64_t start = now();
    spans_.pairs(sequence_, setting_.operations);
    return {Figure::nanos(setting_.row("pair"), now() - start, setting_.operations)};
  }

 private:
  Setting setting_;
  A allocator_;
  SpanSet<A> spans_;
  Sequence sequence_;
};

// Fills allocators that were just made, so that all of their memory comes from the system.
template <typename A>
class FirstFillWorkload : public Workload {
 public:
  explicit FirstFillWorkload(const Setting& setting) : setting_(setting) {}

  std::vector<Figure> round() override {
    size_t repeats = setting_.repeats(setting_.liveSpans);
    int64_t nanos = 0;
    for (size_t i = 0; i < repeats; i++) {
      A allocator(setting_.variant);
      SpanSet<A> spans(allocator, setting_.liveSpans);
      int64_t start = now();
      spans.fill(sequence_);
      nanos += now() - start;
    }
    return {Figure::nanos("fill-new", nanos, repeats * setting_.liveSpans)};
  }

 private:
  Setting setting_;
  Sequence sequence_;
};

// Fills an empty allocator that lived before, and releases everything in order of allocation, in
// the opposite order, and in random order.
template <typename A>
class FillWorkload : public Workload {
 public:
  explicit FillWorkload(const Setting& setting)
      : setting_(setting), allocator_(setting.variant), spans_(allocator_, setting.liveSpans) {}

  std::vector<Figure> round() override {
    const std::pair<Order, const char*> orders[] = {
        {Order::kFifo, "release-fifo"}, {Order::kLifo, "release-lifo"}, {Order::kRandom, "release-random"}};
    size_t count = spans_.count();
    size_t repeats = setting_.repeats(count);
    int64_t fillNanos = 0;
    std::vector<Figure> figures(1);
    for (const auto& [order, name] : orders) {
      int64_t nanos = 0;
      for (size_t i = 0; i < repeats; i++) {
        std::vector<size_t> released = indices(order, count, sequence_);
        int64_t start = now();
        spans_.fill(sequence_);
        int64_t filled = now();
        spans_.release(released);
        nanos += now() - filled;
        fillNanos += filled - start;
      }
      figures.push_back(Figure::nanos(setting_.row(name), nanos, repeats * count));
    }
    figures[0] = Figure::nanos(setting_.row("fill"), fillNanos, repeats * count * std::size(orders));
    return figures;
  }

 private:
  Setting setting_;
  A allocator_;
  SpanSet<A> spans_;
  Sequence sequence_;
};

// Keeps a number of spans live while random ones are replaced: the mean, the distribution of the
// times of single operations, and the memory it takes after that.
template <typename A>
class ChurnWorkload : public Workload {
 public:
  static constexpr size_t kPreparation = 150000;

  explicit ChurnWorkload(const Setting& setting)
      : setting_(setting),
        allocator_(setting.variant),
        spans_(allocator_, setting.liveSpans),
        nanos_(setting.operations) {
    spans_.fill(sequence_);
    spans_.churn(sequence_, kPreparation);
  }

  std::vector<Figure> round() override {
    size_t operations = setting_.operations;
    int64_t start = now();
    spans_.churn(sequence_, operations);
    int64_t churned = now();
    spans_.churn(sequence_, nanos_);
    std::sort(nanos_.begin(), nanos_.end());
    std::vector<Figure> figures = {Figure::nanos(setting_.row("churn"), churned - start, operations),
                                   percentile("churn-p50", 0.5),
                                   percentile("churn-p99", 0.99), percentile("churn-max", 1)};
    Usage usage = allocator_.usage();
    if (usage.known) {
      figures.push_back({setting_.row("used-reserved"), "ratio", double(usage.used) / double(usage.reserved)});
      figures.push_back(
          {setting_.row("metadata-used"), "percent", 100 * double(usage.metadata) / double(usage.used)});
    }
    return figures;
  }

 private:
  Figure percentile(const char* name, double part) const {
    size_t index = std::min(nanos_.size() - 1, size_t(double(nanos_.size()) * part));
    return {setting_.row(name), "ns", double(nanos_[index])};
  }

  Setting setting_;
  A allocator_;
  SpanSet<A> spans_;
  Sequence sequence_;
  std::vector<int64_t> nanos_;
};

// Looks random spans up by their addresses, in an allocator in which spans were replaced before.
template <typename A>
class QueryWorkload : public Workload {
 public:
  explicit QueryWorkload(const Setting& setting)
      : setting_(setting), allocator_(setting.variant), spans_(allocator_, setting.liveSpans) {
    spans_.fill(sequence_);
    spans_.churn(sequence_, setting.operations);
  }

  std::vector<Figure> round() override {
    int64_t start = now();
    size_t sum = spans_.query(sequence_, setting_.operations);
    int64_t queried = now();
    if (sum == 0) {
      fail("spans without a size were found");
    }
    return {Figure::nanos(setting_.row("query"), queried - start, setting_.operations)};
  }

 private:
  Setting setting_;
  A allocator_;
  SpanSet<A> spans_;
  Sequence sequence_;
};
