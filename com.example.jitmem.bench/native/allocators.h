// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#ifndef TWIN_HAS_ASMJIT
#define TWIN_HAS_ASMJIT 0
#endif

#if TWIN_HAS_ASMJIT
#include <asmjit/core.h>
#endif

// What the allocators have in common. A workload is a template over one of the classes below, so
// that calls are direct, as in a program that uses one of them.

struct Usage {
  bool known = false;
  size_t used = 0;
  size_t reserved = 0;
  size_t metadata = 0;
};

[[noreturn]] inline void fail(const char* what) {
  std::fprintf(stderr, "twin: %s\n", what);
  std::exit(1);
}

// Keeps the compiler from leaving out an allocation whose memory is never read.
inline void escape(const void* pointer) { __asm__ volatile("" : : "r"(pointer) : "memory"); }

// The process's malloc: that of glibc, or one that was preloaded.
class Malloc {
 public:
  // Whether it has options, and the operations that mallocs do not have: query, shrink, usage.
  static constexpr bool kManagesCode = false;

  explicit Malloc(const std::string&) {}

  void* alloc(size_t size) {
    void* pointer = std::malloc(size);
    if (pointer == nullptr) {
      fail("malloc gave nothing");
    }
    escape(pointer);
    return pointer;
  }

  void release(void* pointer) { std::free(pointer); }

  size_t query(void*) { return 0; }

  void shrink(void*, size_t) {}

  void write(void* pointer, const void* source, size_t size) {
    std::memcpy(pointer, source, size);
    escape(pointer);
  }

  Usage usage() { return Usage(); }
};

#if TWIN_HAS_ASMJIT
// AsmJit's allocator with its default parameters, which map memory once, readable, writable and
// executable: its cheapest way.
class AsmJit {
 public:
  static constexpr bool kManagesCode = true;

  explicit AsmJit(const std::string& variant) : params_(paramsOf(variant)), allocator_(&params_) {}

  void* alloc(size_t size) {
    void* rx = nullptr;
    void* rw = nullptr;
    if (allocator_.alloc(&rx, &rw, size) != asmjit::kErrorOk) {
      fail("AsmJit gave nothing");
    }
    return rx;
  }

  void release(void* rx) {
    if (allocator_.release(rx) != asmjit::kErrorOk) {
      fail("AsmJit released nothing");
    }
  }

  size_t query(void* rx) {
    void* start = nullptr;
    void* rw = nullptr;
    size_t size = 0;
    if (allocator_.query(rx, &start, &rw, &size) != asmjit::kErrorOk) {
      fail("AsmJit found nothing");
    }
    return size;
  }

  void shrink(void* rx, size_t size) {
    if (allocator_.shrink(rx, size) != asmjit::kErrorOk) {
      fail("AsmJit shrank nothing");
    }
  }

  // What JitRuntime does around its copy. With one mapping the two addresses are the same.
  void write(void* rx, const void* source, size_t size) {
    asmjit::VirtMem::ProtectJitReadWriteScope scope(rx, size);
    std::memcpy(rx, source, size);
  }

  Usage usage() {
    asmjit::JitAllocator::Statistics statistics = allocator_.statistics();
    Usage usage;
    usage.known = true;
    usage.used = statistics.usedSize();
    usage.reserved = statistics.reservedSize();
    usage.metadata = statistics.overheadSize();
    return usage;
  }

 private:
  static asmjit::JitAllocator::CreateParams paramsOf(const std::string& variant) {
    asmjit::JitAllocator::CreateParams params;
    if (variant == "fill-unused") {
      params.options = asmjit::JitAllocatorOptions::kFillUnusedMemory;
    } else if (variant == "multiple-pools") {
      params.options = asmjit::JitAllocatorOptions::kUseMultiplePools;
    }
    return params;
  }

  asmjit::JitAllocator::CreateParams params_;
  asmjit::JitAllocator allocator_;
};
#endif
