#include "pipeline/run/run_context.h"

#include <algorithm>

namespace godwit::pipeline {

Status RunContext::check_cancelled() const {
  const bool signalled = services->cancel != nullptr && services->cancel->load();
  ASSIGN_OR_RETURN(const bool requested, ledger->heartbeat(run));
  if (!signalled && !requested) return {};
  return make_error(
      ErrorKind::interrupted, "the run was cancelled",
      "continue it with: godwit run " + job->pipeline->name + " " + job->scope + " --resume " + run);
}

Status RunContext::enter(RunState state) const {
  RETURN_IF_ERROR(ledger->set_state(run, state));
  report->state = state;
  return {};
}

PhaseScope::PhaseScope(const RunContext& context, Phase phase, int64_t since_us) : context_(context) {
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
