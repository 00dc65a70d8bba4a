// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <barrier>
#include <cstdio>
#include <thread>

#include "span_set.h"

// Writes as many bytes as the variant says to random spans of that size: as the allocator's users
// do, and with a plain memcpy to the same places.
template <typename A>
class WriteWorkload : public Workload {
 public:
  explicit WriteWorkload(const Setting& setting)
      : setting_(setting),
        source_(std::stoul(setting.variant)),
        allocator_(""),
        spans_(setting.liveSpans) {
    for (void*& span : spans_) {
      span = allocator_.alloc(source_.size());
      allocator_.write(span, source_.data(), source_.size());
    }
  }

  std::vector<Figure> round() override {
    size_t operations = setting_.operations;
    int64_t start = now();
    for (size_t i = 0; i < operations; i++) {
      allocator_.write(spans_[sequence_.index(spans_.size())], source_.data(), source_.size());
    }
    int64_t written = now();
    for (size_t i = 0; i < operations; i++) {
      void* target = spans_[sequence_.index(spans_.size())];
      std::memcpy(target, source_.data(), source_.size());
      escape(target);
    }
    int64_t copied = now();
    return {Figure::nanos("write-" + setting_.variant, written - start, operations),
            Figure::nanos("memcpy-" + setting_.variant, copied - written, operations)};
  }

 private:
  Setting setting_;
  std::vector<char> source_;
  A allocator_;
  std::vector<void*> spans_;
  Sequence sequence_;
};

// Several threads on one allocator, each with its share of the live spans: pairs if there are none,
// else churn. The variant is the number of threads. What is measured is the time that passes per
// operation of all of them together.
template <typename A>
class ThreadsWorkload : public Workload {
 public:
  explicit ThreadsWorkload(const Setting& setting)
      : setting_(setting), threads_(std::stoul(setting.variant)), allocator_("") {
    for (size_t i = 0; i < threads_; i++) {
      sequences_.emplace_back(Sequence::kSeed + i);
      sets_.emplace_back(allocator_, setting.liveSpans / threads_);
      sets_[i].fill(sequences_[i]);
    }
  }

  std::vector<Figure> round() override {
    size_t each = setting_.operations / threads_;
    std::vector<int64_t> starts(threads_);
    std::vector<int64_t> ends(threads_);
    std::barrier barrier{std::ptrdiff_t(threads_)};
    std::vector<std::thread> running;
    for (size_t i = 0; i < threads_; i++) {
      running.emplace_back([this, i, each, &barrier, &starts, &ends] {
        barrier.arrive_and_wait();
        starts[i] = elapsed();
        work(sets_[i], sequences_[i], each);
        ends[i] = elapsed();
      });
    }
    for (std::thread& thread : running) {
      thread.join();
    }
    int64_t nanos = *std::max_element(ends.begin(), ends.end()) -
                    *std::min_element(starts.begin(), starts.end());
    std::string kind = setting_.liveSpans == 0 ? "pair" : "churn";
    return {Figure::nanos(kind + "-threads-" + setting_.variant, nanos, each * threads_)};
  }

 private:
  static void work(SpanSet<A>& set, Sequence& sequence, size_t operations) {
    if (set.count() > 0) {
      set.churn(sequence, operations);
    } else {
      set.pairs(sequence, operations);
    }
  }

  Setting setting_;
  size_t threads_;
  A allocator_;
  std::vector<Sequence> sequences_;
  std::vector<SpanSet<A>> sets_;
};

// What a fresh process pays: making an allocator and its first span, and the next thousand
// operations. Has one round.
template <typename A>
class ColdWorkload : public Workload {
 public:
  explicit ColdWorkload(const Setting&) : start_(elapsed()), allocator_("") {
    allocator_.release(allocator_.alloc(Sequence::kSmallest));
    firstNanos_ = elapsed() - start_;
  }

  std::vector<Figure> round() override {
    constexpr size_t kSpans = 500;
    constexpr size_t kReplacements = 250;
    Sequence sequence;
    SpanSet<A> spans(allocator_, kSpans);
    int64_t start = elapsed();
    spans.fill(sequence);
    spans.churn(sequence, kReplacements);
    int64_t nanos = elapsed() - start;
    return {{"cold-first-span", "us", double(firstNanos_) / 1000},
            Figure::nanos("cold-thousand", nanos, kSpans + 2 * kReplacements)};
  }

 private:
  int64_t start_;
  A allocator_;
  int64_t firstNanos_ = 0;
};

// The memory it takes to hold and write spans: resident pages of the process. Has one round, in a
// process of its own.
template <typename A>
class ResidentWorkload : public Workload {
 public:
  explicit ResidentWorkload(const Setting& setting)
      : allocator_(""), spans_(allocator_, setting.liveSpans), sizes_(setting.liveSpans) {
    Sequence sequence;
    for (size_t& size : sizes_) {
      size = sequence.size();
    }
    before_ = resident();
  }

  std::vector<Figure> round() override {
    Sequence sequence;
    spans_.fill(sequence);
    std::vector<char> code(Sequence::kLargest);
    for (size_t i = 0; i < spans_.count(); i++) {
      allocator_.write(spans_.get(i), code.data(), sizes_[i]);
    }
    return {{"resident-written", "MiB", (resident() - before_) / (1024.0 * 1024.0)}};
  }

 private:
  // The second number of statm counts resident pages, see proc_pid_statm(5).
  static double resident() {
    std::FILE* file = std::fopen("/proc/self/statm", "r");
    long pages = 0;
    if (file == nullptr || std::fscanf(file, "%*s %ld", &pages) != 1) {
      fail("cannot read /proc/self/statm");
    }
    std::fclose(file);
    return double(pages) * double(sysconf(_SC_PAGESIZE));
  }

  A allocator_;
  SpanSet<A> spans_;
  std::vector<size_t> sizes_;
  double before_ = 0;
};

// What reading the clock costs, which is part of the time of every single operation.
class ClockWorkload : public Workload {
 public:
  explicit ClockWorkload(const Setting& setting) : setting_(setting) {}

  std::vector<Figure> round() override {
    int64_t start = elapsed();
    int64_t last = start;
    for (size_t i = 0; i < setting_.operations; i++) {
      last = elapsed();
    }
    return {Figure::nanos("clock", last - start, setting_.operations)};
  }

 private:
  Setting setting_;
};

// What a load costs whose address the load before has given, from one cache line for each live
// span, in random order.
class LoadWorkload : public Workload {
 public:
  explicit LoadWorkload(const Setting& setting)
      : setting_(setting), lines_(setting.liveSpans * kLine) {
    Sequence sequence;
    std::vector<size_t> order = sequence.shuffled(setting.liveSpans);
    for (size_t i = 0; i < order.size(); i++) {
      lines_[order[i] * kLine] = uint32_t(order[(i + 1) % order.size()] * kLine);
    }
  }

  std::vector<Figure> round() override {
    int64_t start = now();
    uint32_t place = at_;
    for (size_t i = 0; i < setting_.operations; i++) {
      place = lines_[place];
    }
    at_ = place;
    return {Figure::nanos("load", now() - start, setting_.operations)};
  }

 private:
  // A cache line, in numbers.
  static constexpr size_t kLine = 64 / sizeof(uint32_t);

  Setting setting_;
  // At the beginning of each line the place of the next one.
  std::vector<uint32_t> lines_;
  uint32_t at_ = 0;
};
