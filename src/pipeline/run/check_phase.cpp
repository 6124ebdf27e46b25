#include "pipeline/run/check_phase.h"

#include "base/parallel.h"
#include "base/time.h"
#include "check/evaluate.h"
#include "check/relations.h"
#include "pipeline/run/run_documents.h"

#include <fmt/format.h>

namespace godwit::pipeline {

namespace {

// Compressed bytes of small datasets that are checked in memory; a fraction of the memory limit once
// unpacked.
constexpr int64_t in_memory_bytes_max = int64_t{8} << 20;

std::string sql_time(int64_t unix_us) {
  std::string text = iso_utc(unix_us);
  text[10] = ' ';
  text.pop_back();
  return text;
}

std::vector<ledger::CheckRecord> records_of(const std::vector<CheckOutcome>& outcomes) {
  std::vector<ledger::CheckRecord> records;
  for (const CheckOutcome& outcome : outcomes) {
    records.push_back({outcome.check.id, std::string(to_string(outcome.check.severity)),
                       std::string(to_string(outcome.verdict)), outcome.findings});
  }
  return records;
}

Status create_relations(const RunContext& context, const std::vector<duck::Connection*>& connections,
                        const std::vector<const Dataset*>& datasets,
                        const std::vector<const DatasetManifest*>& manifests) {
  std::vector<char> in_memory;
  int64_t in_memory_bytes_left = in_memory_bytes_max;
  for (const DatasetManifest* manifest : manifests) {
    in_memory.push_back(manifest->bytes <= in_memory_bytes_left);
    if (in_memory.back()) in_memory_bytes_left -= manifest->bytes;
  }
  return in_parallel(datasets.size(), connections.size(), [&](size_t i, size_t lane) {
    return check::create_relation(*connections[lane], *datasets[i],
                                  staged_relation(*context.folder, *manifests[i]), in_memory[i] != 0);
  });
}

Error verdict_error(const RunContext& context, const CheckSummary& summary) {
  std::string message = fmt::format("checks: {} of {} failed, {} warned, {} skipped", summary.failed,
                                    summary.evaluated + summary.skipped, summary.warned, summary.skipped);
  int named = 0;
  for (const CheckOutcome& outcome : context.report->checks) {
    if (outcome.verdict != CheckVerdict::failed || named == 5) continue;
    ++named;
    message +=
        fmt::format("\n  {}: {}", outcome.check.id,
                    outcome.reason.empty() ? fmt::format("{} findings", outcome.findings) : outcome.reason);
  }
  if (summary.failed > named) message += fmt::format("\n  and {} more", summary.failed - named);
  const bool threshold = summary.failed == 0 && summary.skipped == 0 && summary.evaluated > 0;
  if (threshold) message += "\n  the warnings are more than the settings of checks.yml allow";
  return make_error(
      ErrorKind::findings, message,
      "nothing was written to the target; the keys of failing rows are in " + context.folder->checks());
}

}  // namespace

Status run_checks(const RunContext& context, const std::map<std::string, int64_t>& counted,
                  const Manifest& manifest, duck::Database& staged) {
  RETURN_IF_ERROR(context.enter(RunState::checking));
  PhaseScope phase(context, Phase::check);
  std::vector<std::unique_ptr<duck::Connection>> connections;
  check::EvaluateInput input;
  for (int lane = 0; lane < context.job->pipeline->jobs; ++lane) {
    ASSIGN_OR_RETURN(auto connection, staged.connect());
    connection->set_cancel_flag(context.services->cancel);
    input.connections.push_back(connection.get());
    connections.push_back(std::move(connection));
  }
  std::vector<const Dataset*> datasets;
  for (const StorePlan& store : context.plan->stores) {
    for (const DatasetPlan& planned : store.datasets) {
      datasets.push_back(&planned.dataset);
      input.manifests.push_back(manifest.dataset(planned.dataset.id));
      CHECK(input.manifests.back() != nullptr);
    }
  }
  RETURN_IF_ERROR(create_relations(context, input.connections, datasets, input.manifests));
  const check::DatasetIndex index(std::move(datasets));
  input.datasets = &index;
  input.counted = counted;
  input.now_text = sql_time(context.services->clock->now_us());
  input.sample_size = context.plan->check_settings.sample_size;
  ASSIGN_OR_RETURN(context.report->checks, check::evaluate(input, context.plan->checks));
  const CheckSummary summary = check::summarize(context.report->checks, context.plan->check_settings);
  context.report->check_summary = summary;
  RETURN_IF_ERROR(write_checks(*context.folder, context.report->checks, summary));
  RETURN_IF_ERROR(context.ledger->record_checks(context.run, records_of(context.report->checks)));
  context.services->observer->on_checks(summary);
  if (summary.verdict == "FAILED") return verdict_error(context, summary);
  phase.finish(manifest.rows(), 0, fmt::format("{} checks, {}", summary.evaluated, summary.verdict));
  // Not `checked`: that is how a run ends that was not to load, and one that is killed here must not look so.
  return {};
}

}  // namespace godwit::pipeline
