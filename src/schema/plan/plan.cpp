#include "schema/plan/plan.h"

#include "base/text.h"
#include "crypto/sha256.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace godwit::schema {

namespace {

using Severity = Finding::Severity;

bool means_everything(std::string_view target) {
  return target.empty() || target == "head" || target == "heads" || target == "latest";
}

// A revision as a person writes it: whole, as the file's or the migration's name, or an unambiguous
// beginning.
Result<size_t> place_of(const State& state, const std::string& written) {
  if (const auto exact = state.find(written)) return *exact;
  std::vector<size_t> beginning;
  std::vector<std::string> names;
  for (size_t i = 0; i < state.folder.migrations.size(); ++i) {
    const Migration& migration = state.folder.migrations[i];
    if (migration.file == written || migration.name == written) return i;
    if (migration.revision.starts_with(written)) beginning.push_back(i);
    names.push_back(migration.revision);
  }
  if (beginning.size() == 1) return beginning[0];
  if (beginning.size() > 1) {
    return make_error(ErrorKind::usage,
                      fmt::format("'{}' is the beginning of {} revisions", written, beginning.size()),
                      "write more of it");
  }
  const auto near = nearest(written, names);
  return make_error(ErrorKind::usage, fmt::format("the folder has no revision '{}'", written),
                    near.empty() ? "list them with: godwit db history" : "did you mean " + near[0] + "?");
}

void seal(const History& history, const State& state, Plan& plan) {
  std::string text = fmt::format("godwit schema plan 1\n{} {}\n", history.tool(), history.table());
  for (const std::string& revision : state.applied)
    text += fmt::format("applied {}\n", revision);
  for (const Step& step : plan.steps) {
    const Migration& migration = state.folder.migrations[step.migration];
    const Script& script = step.direction == Direction::up ? migration.up : migration.down;
    text += fmt::format("{} {} {} {}\n", step.direction == Direction::up ? "up" : "down", migration.revision,
                        migration.raw_sha256, crypto::sha256_hex(script.sql));
  }
  plan.hash = crypto::sha256_hex(text);
}

Result<std::vector<Step>> steps_of(const State& state, const std::vector<std::string>& revisions,
                                   Direction direction) {
  std::vector<Step> steps;
  for (const std::string& revision : revisions) {
    const auto place = state.find(revision);
    if (!place)
      return make_error(ErrorKind::plan_refused, fmt::format("the folder has no migration {}", revision));
    steps.push_back({*place, direction});
  }
  return steps;
}

// A repeatable migration is due when it was never applied or says something else now.
bool repeatable_is_due(const History& history, const State& state, const Migration& migration) {
  const AppliedMigration* last = nullptr;
  for (const AppliedMigration& applied : state.recorded.applied) {
    if (applied.revision == migration.revision) last = &applied;
  }
  if (last == nullptr) return true;
  const auto same = history.checksum_matches(*last, migration);
  if (same) return !*same;
  const auto mark = state.marks.last.find(migration.revision);
  return mark == state.marks.last.end() || mark->second.checksum != migration.raw_sha256;
}

// On an empty database the newest baseline stands for everything up to it; on any other it says nothing.
std::optional<size_t> starting_baseline(const State& state, size_t end) {
  if (!state.applied.empty()) return std::nullopt;
  std::optional<size_t> newest;
  for (size_t i = 0; i < end; ++i) {
    if (state.folder.migrations[i].kind == Migration::Kind::baseline) newest = i;
  }
  return newest;
}

// The last place in the folder that is applied; nothing before it should be pending.
size_t newest_applied(const State& state) {
  size_t newest = 0;
  for (size_t i = 0; i < state.folder.migrations.size(); ++i) {
    const Migration& migration = state.folder.migrations[i];
    if (migration.kind == Migration::Kind::versioned && state.is_applied(migration.revision)) newest = i + 1;
  }
  return newest;
}

void note_late(const MigrationsSettings& settings, const Migration& migration, Plan& plan) {
  plan.findings.push_back(
      {settings.apply_late ? Severity::warning : Severity::refusal, "late", migration.revision,
       migration.file, "comes before migrations that are applied already",
       "give it a later version; or apply it nevertheless, with migrations: {late: apply}"});
}

std::vector<Step> upgrade_in_order(const History& history, const State& state,
                                   const MigrationsSettings& settings, size_t end, bool everything,
                                   Plan& plan) {
  std::vector<Step> steps;
  std::vector<Step> repeatable;
  const auto baseline = starting_baseline(state, end);
  const size_t newest = newest_applied(state);
  for (size_t i = baseline.value_or(0); i < state.folder.migrations.size(); ++i) {
    const Migration& migration = state.folder.migrations[i];
    if (migration.kind == Migration::Kind::repeatable) {
      const bool wanted = migration.in_place ? i < end : everything;
      if (wanted && repeatable_is_due(history, state, migration))
        (migration.in_place ? steps : repeatable).push_back({i, Direction::up});
      continue;
    }
    if (i >= end || state.is_applied(migration.revision)) continue;
    if (migration.kind == Migration::Kind::baseline && i != baseline) continue;
    if (i < newest) note_late(settings, migration, plan);
    steps.push_back({i, Direction::up});
  }
  steps.insert(steps.end(), repeatable.begin(), repeatable.end());
  return steps;
}

// Revisions to undo, newest first, in a history without a graph.
Result<std::vector<std::string>> downgrade_in_order(const State& state, const DowngradeTarget& target) {
  std::vector<std::string> undo(state.applied.rbegin(), state.applied.rend());
  if (target.revision == "base" || target.revision == "0") return undo;
  if (target.revision.empty()) {
    const auto most = static_cast<size_t>(std::max<int64_t>(target.steps, 0));
    if (undo.size() > most) undo.resize(most);
    return undo;
  }
  ASSIGN_OR_RETURN(const size_t place, place_of(state, target.revision));
  const std::string& stays = state.folder.migrations[place].revision;
  const auto found = std::find(undo.begin(), undo.end(), stays);
  if (found == undo.end()) {
    return make_error(ErrorKind::usage,
                      fmt::format("revision {} is not applied: there is nothing above it to undo", stays));
  }
  undo.erase(found, undo.end());
  return undo;
}

// What the run applied and nobody undid since, newest first.
Result<std::vector<std::string>> applied_by(const State& state, const std::string& run) {
  std::vector<std::string> undo;
  for (auto revision = state.applied.rbegin(); revision != state.applied.rend(); ++revision) {
    const auto mark = state.marks.last.find(*revision);
    if (mark != state.marks.last.end() && mark->second.action == "applied" && mark->second.run == run)
      undo.push_back(*revision);
  }
  return undo;
}

void check_reversible(const State& state, Plan& plan) {
  for (const Step& step : plan.steps) {
    const Migration& migration = state.folder.migrations[step.migration];
    if (migration.down.kind != Script::Kind::none) continue;
    plan.findings.push_back({Severity::refusal, "irreversible", migration.revision, migration.file,
                             "has no way back: there is no down script",
                             "write one, or restore a backup: godwit db restore"});
  }
}

}  // namespace

bool Plan::refused() const {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.severity == Severity::refusal; });
}

Status Plan::refusal() const {
  std::vector<std::string> lines;
  std::vector<std::string> repairs;
  for (const Finding& finding : findings) {
    if (finding.severity != Severity::refusal) continue;
    lines.push_back(
        fmt::format("{}: {}", finding.file.empty() ? finding.revision : finding.file, finding.message));
    if (std::find(repairs.begin(), repairs.end(), finding.repair) == repairs.end())
      repairs.push_back(finding.repair);
  }
  if (lines.empty()) return {};
  return make_error(ErrorKind::plan_refused, join(lines, "\n"), join(repairs, "\n"));
}

Result<Plan> plan_upgrade(const History& history, const State& state, const MigrationsSettings& settings,
                          const std::string& target) {
  Plan plan;
  plan.target = target.empty() ? "head" : target;
  plan.findings = examine(history, state, settings);
  if (const auto path = history.upgrade_path(state.folder, state.recorded, plan.target)) {
    if (!path->ok()) return path->error();
    ASSIGN_OR_RETURN(plan.steps, steps_of(state, **path, Direction::up));
  } else {
    size_t end = state.folder.migrations.size();
    if (!means_everything(target)) {
      ASSIGN_OR_RETURN(const size_t place, place_of(state, target));
      end = place + 1;
    }
    plan.steps = upgrade_in_order(history, state, settings, end, means_everything(target), plan);
  }
  seal(history, state, plan);
  return plan;
}

Result<Plan> plan_downgrade(const History& history, const State& state, const MigrationsSettings& settings,
                            const DowngradeTarget& target) {
  Plan plan;
  plan.target = !target.run.empty()
                    ? "run " + target.run
                    : (!target.revision.empty() ? target.revision : fmt::format("-{}", target.steps));
  plan.findings = examine(history, state, settings);
  std::vector<std::string> undo;
  if (!target.run.empty()) {
    ASSIGN_OR_RETURN(undo, applied_by(state, target.run));
  } else if (const auto path = history.downgrade_path(
                 state.folder, state.recorded,
                 target.revision.empty() ? fmt::format("-{}", target.steps) : target.revision)) {
    if (!path->ok()) return path->error();
    undo = **path;
  } else {
    ASSIGN_OR_RETURN(undo, downgrade_in_order(state, target));
  }
  ASSIGN_OR_RETURN(plan.steps, steps_of(state, undo, Direction::down));
  check_reversible(state, plan);
  seal(history, state, plan);
  return plan;
}

}  // namespace godwit::schema
