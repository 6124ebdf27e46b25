#include "schema/state.h"

#include <algorithm>

namespace godwit::schema {

State::State(MigrationFolder files) : folder(std::move(files)) {
  for (size_t i = 0; i < folder.migrations.size(); ++i)
    places_.try_emplace(folder.migrations[i].revision, i);
}

std::optional<size_t> State::find(const std::string& revision) const {
  const auto found = places_.find(revision);
  if (found == places_.end()) return std::nullopt;
  return found->second;
}

void State::set_applied(std::vector<std::string> revisions) {
  applied = std::move(revisions);
  applied_ = {applied.begin(), applied.end()};
}

namespace {

using Answers = std::vector<std::optional<std::vector<Row>>>;

Result<Answers> ask(Database& database, const History& history, const std::vector<std::string>& queries) {
  auto answers = database.rows_where_there(queries);
  if (answers.ok()) return answers;
  return wrap(answers.error(),
              "the history " + history.table() + ", or what godwit noted of it, cannot be read");
}

Status take_history(const History& history, const std::optional<std::vector<Row>>& rows, State& state) {
  state.recorded = {};
  state.marks = {};
  if (rows) {
    ASSIGN_OR_RETURN(state.recorded, history.from_rows(*rows));
    state.recorded.exists = true;
  }
  ASSIGN_OR_RETURN(auto applied, history.applied_revisions(state.folder, state.recorded));
  state.set_applied(std::move(applied));
  return {};
}

}  // namespace

Status read_recorded(Database& database, const History& history, const MarksSql& marks, State& state) {
  ASSIGN_OR_RETURN(const Answers answers, ask(database, history, {history.select_sql(), marks.select_sql()}));
  RETURN_IF_ERROR(take_history(history, answers[0], state));
  if (answers[1]) state.marks = MarksSql::from_rows(*answers[1]);
  return {};
}

Status read_history(Database& database, const History& history, State& state) {
  ASSIGN_OR_RETURN(const Answers answers, ask(database, history, {history.select_sql()}));
  return take_history(history, answers[0], state);
}

bool says_enough(const History& history, const State& state) {
  return std::all_of(
      state.recorded.applied.begin(), state.recorded.applied.end(), [&](const AppliedMigration& applied) {
        const auto place = state.find(applied.revision);
        return place && history.checksum_matches(applied, state.folder.migrations[*place]) == true;
      });
}

FileChange file_change(const History& history, const State& state, const AppliedMigration& applied,
                       const Migration& migration) {
  const auto mark = state.marks.last.find(applied.revision);
  const bool noted = mark != state.marks.last.end() && mark->second.action != "reverted" &&
                     mark->second.action != "forgotten";
  const std::optional<bool> by_tool = history.checksum_matches(applied, migration);
  if (by_tool == true) return FileChange::same;
  if (!by_tool && !noted) return FileChange::unknown;
  if (noted && mark->second.checksum == migration.raw_sha256 && !by_tool) return FileChange::same;
  return noted && mark->second.meaning == migration.meaning ? FileChange::layout : FileChange::edited;
}

}  // namespace godwit::schema
