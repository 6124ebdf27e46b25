// Loading beside extraction: a store's transaction is fed with each file as soon as it is masked and on the
// disk. Nothing of it is visible to anybody: after the checks it is finished, proved and committed like any
// other load, or abandoned.
#pragma once

#include "pipeline/run/load/staged_parts.h"
#include "pipeline/run/load/store_load.h"

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace godwit::pipeline {

using StoreLoads = std::vector<std::unique_ptr<StoreLoad>>;

// One store. start() runs the load on a thread of its own; the other calls come from one other thread, which
// may use the StoreLoad again after settle() or give_up().
class OverlappedLoad {
 public:
  OverlappedLoad(const RunContext& context, StoreLoad& store, duck::Database& staged)
      : context_(context), store_(store), staged_(staged) {}
  OverlappedLoad(const OverlappedLoad&) = delete;
  OverlappedLoad& operator=(const OverlappedLoad&) = delete;
  ~OverlappedLoad() { give_up(); }

  [[nodiscard]] Status start();
  [[nodiscard]] bool active() const { return active_; }
  [[nodiscard]] StagedParts& parts() { return parts_; }

  // Waits until every part is loaded. The transaction stays open.
  [[nodiscard]] Status settle();
  // Stops and abandons the transaction: the store is as if it had never been begun. Nothing after settle().
  void give_up();

 private:
  [[nodiscard]] Status load();
  [[nodiscard]] connect::RowQueries queries(const DatasetPlan& planned, size_t from, size_t step);

  const RunContext& context_;
  StoreLoad& store_;
  duck::Database& staged_;
  StagedParts parts_;
  std::atomic<bool> stop_{false};
  std::future<Status> loaded_;
  bool active_ = false;
};

// All stores of a run; empty when nothing is loaded beside its extraction.
class OverlappedLoads {
 public:
  // Takes the stores that the settings, the targets and the plan allow: see `load.overlap` in godwit.yml.
  [[nodiscard]] static Result<OverlappedLoads> of(const RunContext& context, StoreLoads& stores,
                                                  duck::Database& staged);

  // The store's load, when it was begun and not given up.
  [[nodiscard]] OverlappedLoad* of(size_t store) const;
  // Called when the store's extraction begins; nothing when it is not to be overlapped.
  [[nodiscard]] Result<OverlappedLoad*> start(size_t store);
  void give_up();
  // When the first one began; 0 when none did.
  [[nodiscard]] int64_t since_us() const { return since_us_; }

 private:
  const RunContext* context_ = nullptr;
  std::vector<std::unique_ptr<OverlappedLoad>> loads_;  // by store; null: loaded after the checks
  int64_t since_us_ = 0;
};

}  // namespace godwit::pipeline
