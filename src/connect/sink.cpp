#include "connect/sink.h"

#include <utility>

namespace godwit::connect {

std::string_view to_string(LoadStrategy strategy) {
  return strategy == LoadStrategy::insert ? "insert" : "upsert";
}

RowQueries single_query(std::string sql) {
  return [sql = std::optional<std::string>(std::move(sql))]() mutable -> Result<std::optional<std::string>> {
    return std::exchange(sql, std::nullopt);
  };
}

Status stream_rows(const DatasetLoad& load,
                   const std::function<Status(const std::vector<duck::ColumnDef>&)>& start,
                   const std::function<Status(const duck::ChunkReader&)>& chunk) {
  bool started = false;
  const auto start_once = [&](const std::vector<duck::ColumnDef>& columns) -> Status {
    if (std::exchange(started, true)) return {};
    return start(columns);
  };
  for (;;) {
    ASSIGN_OR_RETURN(const auto query, load.queries());
    if (!query) return {};
    RETURN_IF_ERROR(load.connection->stream(*query, start_once, chunk));
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
