// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sequence.h"
#include "workload.h"

// The live spans of a workload, in an array as a program would hold them.
template <typename A>
class SpanSet {
 public:
  SpanSet(A& allocator, size_t count) : allocator_(allocator), spans_(count) {}

  size_t count() const { return spans_.size(); }

  void* get(size_t index) const { return spans_[index]; }

  // Allocates all spans with random sizes.
  void fill(Sequence& sequence) {
    for (void*& span : spans_) {
      span = allocator_.alloc(sequence.size());
    }
  }

  // Releases a random span and allocates another, `operations` times.
  void churn(Sequence& sequence, size_t operations) {
    for (size_t i = 0; i < operations; i++) {
      uint64_t bits = sequence.next();
      replace(Sequence::indexOf(bits, spans_.size()), Sequence::sizeOf(bits));
    }
  }

  // Allocates a span and releases it at once, `operations` times.
  void pairs(Sequence& sequence, size_t operations) {
    for (size_t i = 0; i < operations; i++) {
      allocator_.release(allocator_.alloc(sequence.size()));
    }
  }

  // As churn(), with the time of each operation.
  void churn(Sequence& sequence, std::vector<int64_t>& nanos) {
    for (int64_t& time : nanos) {
      uint64_t bits = sequence.next();
      size_t victim = Sequence::indexOf(bits, spans_.size());
      size_t size = Sequence::sizeOf(bits);
      int64_t start = elapsed();
      replace(victim, size);
      time = elapsed() - start;
    }
  }

  // Looks random spans up by their addresses and gives the sum of their sizes.
  size_t query(Sequence& sequence, size_t operations) {
    size_t sum = 0;
    for (size_t i = 0; i < operations; i++) {
      sum += allocator_.query(spans_[sequence.index(spans_.size())]);
    }
    return sum;
  }

  // Releases the spans with the given indices in their order.
  void release(const std::vector<size_t>& order) {
    for (size_t index : order) {
      allocator_.release(spans_[index]);
    }
  }

 private:
  void replace(size_t victim, size_t size) {
    allocator_.release(spans_[victim]);
    spans_[victim] = allocator_.alloc(size);
  }

  A& allocator_;
  std::vector<void*> spans_;
};
