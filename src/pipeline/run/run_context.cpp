#include "pipeline/run/run_context.h"

#include <algorithm>

namespace godwit::pipeline {

Status RunContext::check_cancelled() const {
  if (services->cancel == nullptr || !services->cancel->load()) return {};
  return make_error(ErrorKind::interrupted, "asked to stop");
}

TableReport& RunContext::table_report(const std::string& dataset) const {
  const auto found = std::find_if(report->tables.begin(), report->tables.end(),
                                  [&](const TableReport& table) { return table.dataset == dataset; });
  CHECK(found != report->tables.end());
  return *found;
}

Status RunContext::enter(RunState state) const {
  RETURN_IF_ERROR(ledger->set_state(run, state));
  report->state = state;
  return {};
}

PhaseScope::PhaseScope(const RunContext& context, Phase phase, int64_t since_us, int64_t rows_expected)
    : context_(context) {
  outcome_.rows_expected = rows_expected;
  outcome_.phase = phase;
  outcome_.state = "running";
  outcome_.started_us = since_us > 0 ? since_us : context.services->clock->now_us();
  publish();
}

PhaseScope::~PhaseScope() {
  if (finished_) return;
  outcome_.state = "failed";
  outcome_.finished_us = context_.services->clock->now_us();
  publish();
}

void PhaseScope::finish(int64_t rows, int64_t bytes, std::string detail) {
  finished_ = true;
  outcome_.state = "done";
  outcome_.finished_us = context_.services->clock->now_us();
  outcome_.rows = rows;
  outcome_.bytes = bytes;
  outcome_.detail = std::move(detail);
  publish();
}

void PhaseScope::publish() {
  auto& phases = context_.report->phases;
  const auto same = std::find_if(phases.begin(), phases.end(), [&](const PhaseOutcome& known) {
    return known.phase == outcome_.phase && known.started_us == outcome_.started_us;
  });
  if (same == phases.end()) {
    phases.push_back(outcome_);
  } else {
    *same = outcome_;
  }
  context_.services->observer->on_phase(outcome_);
  // The phase table is for people; the commit protocol does not depend on it, so a full disk shows up
  // elsewhere.
  if (const Status recorded = context_.ledger->record_phase(context_.run, outcome_); !recorded.ok()) {
    context_.services->observer->on_warning("the ledger did not take a phase record: " +
                                            recorded.error().text());
  }
}

}  // namespace godwit::pipeline
