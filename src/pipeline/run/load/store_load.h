// One target store of a run: its transaction from begin to what the ledger is told of its commit.
#pragma once

#include "base/result.h"
#include "connect/sink.h"
#include "duck/database.h"
#include "pipeline/run/run_context.h"
#include "pipeline/run/run_folder.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace godwit::pipeline {

// The rows of one dataset: those of its parts `from`, `from` + `step`, …
using RowParts = std::function<connect::RowQueries(size_t from, size_t step)>;

// One thread at a time. Everything that it refers to outlives it.
class StoreLoad {
 public:
  StoreLoad(const RunContext& context, const StorePlan& plan, int ordinal, connect::Sink& sink)
      : context_(context), plan_(plan), ordinal_(ordinal), sink_(sink) {}
  StoreLoad(const StoreLoad&) = delete;
  StoreLoad& operator=(const StoreLoad&) = delete;

  [[nodiscard]] const std::string& store() const { return plan_.store; }
  [[nodiscard]] const StorePlan& plan() const { return plan_; }
  [[nodiscard]] connect::Sink& sink() const { return sink_; }

  // Of the transaction that was recorded last, by an earlier attempt too.
  [[nodiscard]] const std::string& transaction_id() const { return transaction_id_; }
  // What the ledger has already, for the report only.
  void describe(ledger::CommitState state, const std::string& transaction_id);
  // Tells the ledger, and the report.
  [[nodiscard]] Status record(ledger::CommitState state, const std::string& transaction_id);

  // The sink's, and for what waits prepared since an earlier attempt the ones that were recorded then.
  [[nodiscard]] Result<std::string> open_transactions() const;

  // Opens the transaction, or those of several connections where plan and target allow it. `staged` and
  // `cancel` are used until finish_and_prove() or abandon(). `finished`: where all files are known already.
  [[nodiscard]] Status begin(duck::Database& staged, const std::atomic<bool>* cancel,
                             const Manifest* finished);
  // Instead, when only some of the connections' transactions are committed: for the rows of the others.
  [[nodiscard]] Status begin_rest(duck::Database& staged, const std::atomic<bool>* cancel);
  // How many transactions the target has open for this.
  [[nodiscard]] int connections() const { return spread_.connections; }
  // In load order. Told are the rows that are expected, for progress.
  [[nodiscard]] Status load_dataset(const DatasetPlan& planned, const RowParts& parts, int64_t rows_expected);
  // Every dataset, from its staged files.
  [[nodiscard]] Status load_all(const Manifest& manifest);
  // Fills in what was deferred, and proves the result inside the open transaction.
  [[nodiscard]] Status finish_and_prove(const Manifest& manifest);
  // Nothing of the transaction stays; the report forgets its counts.
  void abandon();

  // The SELECT of a dataset's rows from a relation, in the order that the sink expects.
  [[nodiscard]] static std::string rows_of(const Dataset& dataset, const std::string& relation);

 private:
  [[nodiscard]] connect::RunMarker marker() const;
  [[nodiscard]] Status connect_staged(duck::Database& staged, const std::atomic<bool>* cancel);
  // The datasets that are worth several connections.
  [[nodiscard]] std::vector<const DatasetPlan*> large(const Manifest* finished) const;
  [[nodiscard]] Status divide(const Manifest* finished);
  void tell_load(int connections, const std::string& note);
  [[nodiscard]] bool divides(const DatasetPlan& planned) const;
  // How many of the dataset's rows this load brings.
  [[nodiscard]] int64_t rows_to_prove(const DatasetManifest& staged) const;
  // A table of the store is replaced.
  [[nodiscard]] bool replaces() const;
  void describe(const std::string& dataset, connect::LoadStrategy planned,
                const connect::LoadOutcome& loaded);
  [[nodiscard]] Status prove(const connect::DatasetLoad& load);

  const RunContext& context_;
  const StorePlan& plan_;
  const int ordinal_;
  connect::Sink& sink_;
  std::string transaction_id_;
  connect::Spread spread_;
  bool rest_ = false;                                           // begin_rest
  std::vector<std::unique_ptr<duck::Connection>> connections_;  // one for each of the target's
  std::vector<connect::DatasetLoad> loads_;
};

}  // namespace godwit::pipeline
