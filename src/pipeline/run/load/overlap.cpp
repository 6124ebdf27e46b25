#include "pipeline/run/load/overlap.h"

#include "duck/parquet.h"

#include <algorithm>
#include <chrono>

namespace godwit::pipeline {

namespace {

// New rows that belong to the scope alone: no lock on anything that other runs need is held for longer.
bool locks_nothing_shared(const StorePlan& plan) {
  return std::all_of(plan.datasets.begin(), plan.datasets.end(), [](const DatasetPlan& planned) {
    return planned.strategy == connect::LoadStrategy::insert &&
           planned.dataset.closure.membership == Membership::owned && !planned.dataset.has_owned_column;
  });
}

}  // namespace

Status OverlappedLoad::start() {
  RETURN_IF_ERROR(store_.record(ledger::CommitState::intent, ""));
  active_ = true;
  loaded_ = std::async(std::launch::async, [this] { return load(); });
  return {};
}

Status OverlappedLoad::load() {
  RETURN_IF_ERROR(store_.begin(staged_, &stop_, nullptr));
  for (const auto& group : store_.plan().load_groups) {
    for (const size_t index : group) {
      const DatasetPlan& planned = store_.plan().datasets[index];
      // The plan's columns are final once the first part is there.
      RETURN_IF_ERROR(parts_.wait(planned.dataset.id, 0));
      RETURN_IF_ERROR(store_.load_dataset(
          planned, [&](size_t from, size_t step) { return queries(planned, from, step); },
          planned.estimated_rows));
    }
  }
  return {};
}

connect::RowQueries OverlappedLoad::queries(const DatasetPlan& planned, size_t from, size_t step) {
  return [this, &planned, index = from, step]() mutable -> Result<std::optional<std::string>> {
    ASSIGN_OR_RETURN(const auto path, parts_.wait(planned.dataset.id, index));
    index += step;
    if (!path) return std::optional<std::string>();
    return std::optional<std::string>(StoreLoad::rows_of(planned.dataset, duck::read_parquet_sql({*path})));
  };
}

Status OverlappedLoad::settle() {
  CHECK(active_);
  const std::atomic<bool>* cancel = context_.services->cancel;
  while (loaded_.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
    if (cancel == nullptr || !cancel->load()) continue;
    stop_ = true;
    parts_.stop();
  }
  active_ = false;
  return loaded_.get();
}

void OverlappedLoad::give_up() {
  if (!active_) return;
  stop_ = true;
  parts_.stop();
  loaded_.wait();
  active_ = false;
  store_.abandon();
  [[maybe_unused]] const Status recorded = store_.record(ledger::CommitState::abandoned, "");
}

Result<OverlappedLoads> OverlappedLoads::of(const RunContext& context, StoreLoads& stores,
                                            duck::Database& staged) {
  OverlappedLoads loads;
  loads.context_ = &context;
  loads.loads_.resize(stores.size());
  const std::string& wanted = context.job->pipeline->load.overlap;
  if (wanted == "never") return loads;
  for (size_t i = 0; i < stores.size(); ++i) {
    ASSIGN_OR_RETURN(const connect::SinkCapabilities capabilities, stores[i]->sink().capabilities());
    if (!capabilities.overlaps || (wanted == "auto" && !locks_nothing_shared(stores[i]->plan()))) continue;
    loads.loads_[i] = std::make_unique<OverlappedLoad>(context, *stores[i], staged);
  }
  return loads;
}

OverlappedLoad* OverlappedLoads::of(size_t store) const {
  OverlappedLoad* load = store < loads_.size() ? loads_[store].get() : nullptr;
  return load != nullptr && load->active() ? load : nullptr;
}

Result<OverlappedLoad*> OverlappedLoads::start(size_t store) {
  if (store >= loads_.size() || loads_[store] == nullptr) return nullptr;
  if (since_us_ == 0) since_us_ = context_->services->clock->now_us();
  RETURN_IF_ERROR(loads_[store]->start());
  return loads_[store].get();
}

void OverlappedLoads::give_up() {
  for (auto& load : loads_) {
    if (load != nullptr) load->give_up();
  }
}

}  // namespace godwit::pipeline
