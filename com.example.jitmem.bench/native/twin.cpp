// SPDX-License-Identifier: Apache-2.0

// The workloads of the package com.example.jitmem.bench.workload on AsmJit's allocator and on the
// process's malloc. Worker.java describes the requests; warming is for JIT compilers and does
// nothing here.

#include <dlfcn.h>
#include <gnu/libc-version.h>

#include <cinttypes>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "allocators.h"
#include "basic_workloads.h"
#include "other_workloads.h"
#include "script_workload.h"

namespace {

template <typename A>
std::unique_ptr<Workload> makeScript(const Setting& setting) {
  auto workload = std::make_unique<ScriptWorkload<A>>(setting);
  bool possible = A::kManagesCode || !(workload->needs("query") || workload->needs("shrink"));
  return possible ? std::move(workload) : nullptr;
}

// Gives nullptr if the allocator has nothing like it.
template <typename A>
std::unique_ptr<Workload> makeWorkload(const std::string& kind, const Setting& setting) {
  if (!A::kManagesCode && (setting.hasOption() || kind == "first-fill")) {
    return nullptr;
  }
  if constexpr (A::kManagesCode) {
    if (kind == "query") {
      return std::make_unique<QueryWorkload<A>>(setting);
    }
  }
  if (kind == "pair") {
    return std::make_unique<PairWorkload<A>>(setting);
  }
  if (kind == "fill") {
    return std::make_unique<FillWorkload<A>>(setting);
  }
  if (kind == "first-fill") {
    return std::make_unique<FirstFillWorkload<A>>(setting);
  }
  if (kind == "churn") {
    return std::make_unique<ChurnWorkload<A>>(setting);
  }
  if (kind == "script") {
    return makeScript<A>(setting);
  }
  if (kind == "write") {
    return std::make_unique<WriteWorkload<A>>(setting);
  }
  if (kind == "pair-threads" || kind == "churn-threads") {
    return std::make_unique<ThreadsWorkload<A>>(setting);
  }
  if (kind == "cold") {
    return std::make_unique<ColdWorkload<A>>(setting);
  }
  if (kind == "resident") {
    return std::make_unique<ResidentWorkload<A>>(setting);
  }
  if (kind == "clock") {
    return std::make_unique<ClockWorkload>(setting);
  }
  if (kind == "load") {
    return std::make_unique<LoadWorkload>(setting);
  }
  return nullptr;
}

std::unique_ptr<Workload> openWorkload(bool asmjit, std::istream& request) {
  std::string name;
  Setting setting;
  request >> name >> setting.liveSpans >> setting.operations;
  size_t colon = std::min(name.find(':'), name.size());
  setting.variant = name.substr(std::min(colon + 1, name.size()));
  std::string kind = name.substr(0, colon);
#if TWIN_HAS_ASMJIT
  if (asmjit) {
    return makeWorkload<AsmJit>(kind, setting);
  }
#else
  if (asmjit) {
    fail("built without AsmJit");
  }
#endif
  return makeWorkload<Malloc>(kind, setting);
}

// The versions of what is measured here. A preloaded malloc is asked for its own.
std::string describe(bool asmjit) {
  std::string text = "g++ " __VERSION__ " -O2, glibc " + std::string(gnu_get_libc_version());
#if TWIN_HAS_ASMJIT
  if (asmjit) {
    constexpr unsigned kVersion = ASMJIT_LIBRARY_VERSION;
    return text + ", AsmJit " + std::to_string(kVersion >> 16) + "." +
           std::to_string((kVersion >> 8) & 0xFF) + "." + std::to_string(kVersion & 0xFF);
  }
#else
  static_cast<void>(asmjit);
#endif
  using Mallctl = int(const char*, void*, size_t*, void*, size_t);
  if (auto* mallctl = reinterpret_cast<Mallctl*>(dlsym(RTLD_DEFAULT, "mallctl"))) {
    const char* version = "";
    size_t size = sizeof(version);
    mallctl("version", &version, &size, nullptr, 0);
    text += ", jemalloc " + std::string(version);
  }
  if (auto* version = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "mi_version"))) {
    text += ", mimalloc " + std::to_string(version());
  }
  return text;
}

// Repeats a round for some time, and gives the figures of the last quarter of all repeats.
std::vector<Figure> settledRounds(Workload& workload, int64_t millis) {
  int64_t end = now() + millis * 1000000;
  std::vector<std::vector<Figure>> rounds;
  do {
    rounds.push_back(workload.round());
  } while (now() < end);
  std::vector<Figure> settled;
  for (size_t i = rounds.size() * 3 / 4; i < rounds.size(); i++) {
    settled.insert(settled.end(), rounds[i].begin(), rounds[i].end());
  }
  return settled;
}

void print(const std::vector<Figure>& figures) {
  const char* separator = "";
  for (const Figure& figure : figures) {
    std::printf("%s%s %s %.6g", separator, figure.name.c_str(), figure.unit.c_str(), figure.value);
    separator = ";";
  }
  std::printf("\n");
}

void answer(bool asmjit, const std::string& line, std::unique_ptr<Workload>& workload) {
  std::istringstream request(line);
  std::string verb;
  request >> verb;
  if (verb == "sequence") {
    size_t count = 0;
    request >> count;
    std::printf("%" PRIx64 "\n", Sequence::checksum(count));
  } else if (verb == "describe") {
    std::printf("%s\n", describe(asmjit).c_str());
  } else if (verb == "warm") {
    std::printf("warm\n");
  } else if (verb == "open") {
    workload = openWorkload(asmjit, request);
    std::printf(workload == nullptr ? "none\n" : "open\n");
  } else if (verb == "round" && workload != nullptr) {
    int64_t millis = 0;
    request >> millis;
    print(settledRounds(*workload, millis));
  } else if (verb == "close") {
    workload.reset();
    std::printf("closed\n");
  } else {
    fail("no such request");
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::string kind = argc > 1 ? argv[1] : "";
  if (kind != "asmjit" && kind != "malloc") {
    fail("the first argument is asmjit or malloc, the second may be cpu");
  }
  if (argc > 2 && std::string(argv[2]) == "cpu") {
    roundClock = CLOCK_THREAD_CPUTIME_ID;
  }
  std::unique_ptr<Workload> workload;
  std::string line;
  while (std::getline(std::cin, line)) {
    answer(kind == "asmjit", line, workload);
    std::fflush(stdout);
  }
  return 0;
}
