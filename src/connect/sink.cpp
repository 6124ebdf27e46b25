#include "connect/sink.h"

#include "base/text.h"
#include "duck/row_digest.h"

#include <fmt/format.h>

#include <utility>

namespace godwit::connect {

std::string_view to_string(LoadStrategy strategy) {
  switch (strategy) {
    case LoadStrategy::insert:
      return "insert";
    case LoadStrategy::upsert:
      return "upsert";
    case LoadStrategy::merge:
      return "merge";
    case LoadStrategy::replace:
      return "replace";
    case LoadStrategy::automatic:
      break;
  }
  return "auto";
}

std::optional<LoadStrategy> load_strategy_from(std::string_view text) {
  for (const LoadStrategy strategy : {LoadStrategy::insert, LoadStrategy::upsert, LoadStrategy::merge,
                                      LoadStrategy::replace, LoadStrategy::automatic}) {
    if (to_string(strategy) == text) return strategy;
  }
  return std::nullopt;
}

LoadStrategy choose_strategy(int64_t existing, int64_t brought) {
  if (existing == 0) return LoadStrategy::insert;
  return 2 * existing < brought ? LoadStrategy::upsert : LoadStrategy::merge;
}

std::string_view to_string(Resolution resolution) {
  return resolution == Resolution::target ? "target" : "fill";
}

Status refuse_undo(const UndoPlan& plan) {
  std::vector<std::string> reasons;
  std::string force;
  for (const UndoTable& table : plan.tables) {
    if (table.blocked > 0) {
      reasons.push_back(
          fmt::format("{} rows of {} are in use: {}", table.blocked, table.dataset, table.blocked_by));
    }
    if (table.lacking > 0) {
      reasons.push_back(fmt::format("{} rows of {} cannot come back, their parents are gone: {}",
                                    table.lacking, table.dataset, table.lacking_of));
    }
    if (table.changed == 0) continue;
    const bool more = table.changed > static_cast<int64_t>(table.changed_keys.size());
    reasons.push_back(fmt::format("{} rows of {} changed since the run: {}{}", table.changed, table.dataset,
                                  join(table.changed_keys, ", "), more ? ", …" : ""));
    if (force.empty()) force = fmt::format("--force-row {} {}", table.dataset, table.changed_keys.front());
  }
  if (reasons.empty()) return {};
  return make_error(
      ErrorKind::gate, fmt::format("run {} cannot be undone: {}", plan.run, join(reasons, "; ")),
      "nothing was changed; undo what was built on these rows first" +
          (force.empty() ? std::string()
                         : ", or give up the change of a row with: " + force + " (once per row)"));
}

RowQueries single_query(std::string sql) {
  return [sql = std::optional<std::string>(std::move(sql))]() mutable -> Result<std::optional<std::string>> {
    return std::exchange(sql, std::nullopt);
  };
}

Result<std::string> stream_rows(const DatasetLoad& load,
                                const std::function<Status(const std::vector<duck::ColumnDef>&)>& start,
                                const RowsTaken& taken) {
  duck::RowDigest digest;
  std::vector<int64_t> hashes;
  const auto take = [&](const duck::ChunkReader& chunk) -> Status {
    RETURN_IF_ERROR(digest.add(chunk, load.dataset->columns.size(), hashes));
    return taken(chunk, hashes);
  };
  bool started = false;
  const auto start_once = [&](const std::vector<duck::ColumnDef>& columns) -> Status {
    if (std::exchange(started, true)) return {};
    return start(columns);
  };
  for (;;) {
    ASSIGN_OR_RETURN(const auto query, load.queries());
    if (!query) return digest.hex();
    RETURN_IF_ERROR(load.connection->stream(*query, start_once, take));
  }
}

std::string_view to_string(RunOutcome outcome) {
  switch (outcome) {
    case RunOutcome::absent:
      return "absent";
    case RunOutcome::committed:
      return "committed";
    case RunOutcome::undone:
      return "undone";
    case RunOutcome::prepared:
      return "prepared";
    case RunOutcome::in_progress:
      return "in_progress";
    case RunOutcome::unknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace godwit::connect
