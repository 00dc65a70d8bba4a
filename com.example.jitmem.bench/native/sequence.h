// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

// The random numbers that decide what a workload does: the same as in Sequence.java. The generator
// is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
class Sequence {
 public:
  static constexpr uint64_t kSeed = 42;
  static constexpr int kSmallest = 32;
  static constexpr int kLargest = 4096;

  explicit Sequence(uint64_t seed = kSeed) : state_(seed) {}

  uint64_t next() {
    state_ += 0x9E3779B97F4A7C15u;
    uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
  }

  size_t size() { return sizeOf(next()); }

  size_t index(size_t bound) { return indexOf(next(), bound); }

  // An index below a bound, from the upper half of random bits.
  static size_t indexOf(uint64_t bits, size_t bound) { return ((bits >> 32) * bound) >> 32; }

  // A size in bytes, log-uniform from kSmallest to kLargest, from the lowest random bits.
  static size_t sizeOf(uint64_t bits) { return kSizes.values[bits & (kSizeCount - 1)]; }

  // The numbers from 0 to count - 1 in a random order.
  std::vector<size_t> shuffled(size_t count) {
    std::vector<size_t> order(count);
    for (size_t i = 0; i < count; i++) {
      size_t other = index(i + 1);
      order[i] = order[other];
      order[other] = i;
    }
    return order;
  }

  // A checksum of the first operations of a churn, by which two implementations are compared.
  static uint64_t checksum(size_t count) {
    Sequence sequence;
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
      uint64_t bits = sequence.next();
      sum = sum * 31 + indexOf(bits, 1000) * 8192 + sizeOf(bits);
    }
    for (size_t index : sequence.shuffled(1000)) {
      sum = sum * 31 + index;
    }
    return sum;
  }

 private:
  static constexpr size_t kSizeCount = 1024;

  // The middles of equally likely intervals, rounded.
  struct Sizes {
    uint16_t values[kSizeCount];

    Sizes() {
      for (size_t i = 0; i < kSizeCount; i++) {
        double quantile = (double(i) + 0.5) / double(kSizeCount);
        values[i] = uint16_t(std::floor(kSmallest * std::pow(double(kLargest) / kSmallest, quantile) + 0.5));
      }
    }
  };

  static inline const Sizes kSizes;

  uint64_t state_;
};
