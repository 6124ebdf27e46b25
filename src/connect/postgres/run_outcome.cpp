#include "connect/postgres/run_outcome.h"

#include "base/text.h"
#include "connect/postgres/load/run_schema.h"
#include "pg/transaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace godwit::connect::postgres {
namespace {

// Lane → name of what waits; `lanes` is what the names say.
struct Waiting {
  std::map<int, std::string> names;
  int lanes = 1;
};

int number_in(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Result<Waiting> what_waits(pg::Session& session, const std::string& run, const std::string& store) {
  ASSIGN_OR_RETURN(const std::string name, prepared_name(run, store));
  ASSIGN_OR_RETURN(
      const pg::Rows rows,
      session.query("SELECT gid, substr(gid, length($1) + 2) FROM pg_prepared_xacts WHERE database = "
                    "current_database() AND (gid = $1 OR left(gid, length($1) + 1) = $1 || '#')",
                    {name}));
  Waiting waiting;
  for (size_t row = 0; row < rows.size(); ++row) {
    const auto numbers = split(rows.text(row, 1), '/');
    if (numbers.size() == 2) waiting.lanes = number_in(numbers[1]);
    waiting.names[number_in(numbers[0])] = rows.string(row, 0);
  }
  return waiting;
}

// The server's word on one transaction that left neither marker nor prepared transaction.
Result<RunOutcome> status_of(pg::Session& session, const std::string& transaction_id) {
  auto asked = session.query("SELECT pg_xact_status($1::xid8)", {transaction_id});
  // An id from the future: another server, or one restored from a backup.
  if (!asked.ok()) {
    if (asked.error().kind != ErrorKind::failed) return asked.error();
    return RunOutcome::unknown;
  }
  const std::string_view status = asked->text(0, 0);
  if (status == "in progress") return RunOutcome::in_progress;
  if (status == "aborted") return RunOutcome::absent;
  // Committed without a marker, or too old to know.
  return RunOutcome::unknown;
}

}  // namespace

Result<std::string> prepared_name(const std::string& run, const std::string& store, int lane, int lanes) {
  std::string name = "godwit:" + run + ":" + store;
  if (lanes > 1) name += fmt::format("#{}/{}", lane, lanes);
  constexpr size_t name_max = 199;  // GIDSIZE - 1
  if (name.size() > name_max) {
    return make_error(ErrorKind::failed,
                      "the name of store " + store + " is too long for a prepared transaction");
  }
  return name;
}

std::set<int> RunTraces::missing() const {
  std::set<int> lanes_missing;
  for (int lane = 0; lane < lanes; ++lane) {
    if (committed.count(lane) == 0 && waiting.count(lane) == 0) lanes_missing.insert(lane);
  }
  return lanes_missing;
}

Result<RunTraces> run_traces(pg::Session& session, const std::string& run, const std::string& store) {
  RunTraces traces;
  // In this order: what is prepared may be committed by another process between two questions.
  ASSIGN_OR_RETURN(const Waiting waiting, what_waits(session, run, store));
  ASSIGN_OR_RETURN(const auto state, marker_state(session, run, store));
  ASSIGN_OR_RETURN(const auto markers, lane_markers(session, run, store));
  traces.undone = state.value_or("") == "undone";
  traces.lanes = waiting.lanes;
  if (state) traces.committed.insert(0);
  for (const LaneMarker& marker : markers) {
    traces.lanes = marker.lanes;
    traces.committed.insert(marker.lane);
  }
  for (const auto& [lane, name] : waiting.names) {
    if (traces.committed.count(lane) == 0) traces.waiting.insert(lane);
  }
  return traces;
}

Result<Spread> missing_part(pg::Session& session, const std::string& run, const std::string& store) {
  ASSIGN_OR_RETURN(const RunTraces traces, run_traces(session, run, store));
  ASSIGN_OR_RETURN(const auto markers, lane_markers(session, run, store));
  const auto missing = traces.missing();
  if (markers.empty() || missing.count(0) > 0) {
    return make_error(
        ErrorKind::in_doubt,
        fmt::format("store {} holds run {} without the part that is committed first", store, run));
  }
  Spread rest;
  rest.connections = traces.lanes;
  rest.tables = markers.front().tables;
  rest.open.assign(missing.begin(), missing.end());
  return rest;
}

Result<RunOutcome> run_outcome(pg::Session& session, const std::string& run, const std::string& store,
                               const std::string& transaction_ids) {
  ASSIGN_OR_RETURN(RunTraces traces, run_traces(session, run, store));
  if (traces.undone) return RunOutcome::undone;
  const auto ids = split(transaction_ids, ',');
  if (traces.committed.empty() && traces.waiting.empty()) traces.lanes = static_cast<int>(ids.size());
  for (const int lane : traces.missing()) {
    const auto index = static_cast<size_t>(lane);
    if (index >= ids.size() || ids[index].empty()) continue;
    ASSIGN_OR_RETURN(const RunOutcome told, status_of(session, ids[index]));
    if (told != RunOutcome::absent) return told;
  }
  const bool whole = traces.missing().empty();
  if (!traces.committed.empty())
    return whole && traces.waiting.empty() ? RunOutcome::committed : RunOutcome::half_committed;
  if (!traces.waiting.empty()) return whole ? RunOutcome::prepared : RunOutcome::half_prepared;
  return RunOutcome::absent;
}

Status commit_waiting(pg::Session& session, const std::string& run, const std::string& store,
                      const std::function<void(const char* step, int lane)>& reached) {
  ASSIGN_OR_RETURN(const Waiting waiting, what_waits(session, run, store));
  for (const auto& [lane, name] : waiting.names) {
    RETURN_IF_ERROR(pg::run_decisive(session, "COMMIT PREPARED " + quote_literal(name)));
    if (reached && waiting.lanes > 1) reached("lane-committed", lane);
  }
  if (!waiting.names.empty()) return {};
  ASSIGN_OR_RETURN(const auto state, marker_state(session, run, store));
  if (state) return {};
  return make_error(ErrorKind::failed, "run " + run + " is not prepared in store " + store,
                    "it was rolled back: load again");
}

Status rollback_waiting(pg::Session& session, const std::string& run, const std::string& store) {
  ASSIGN_OR_RETURN(const Waiting waiting, what_waits(session, run, store));
  for (const auto& [lane, name] : waiting.names)
    RETURN_IF_ERROR(pg::run_decisive(session, "ROLLBACK PREPARED " + quote_literal(name)));
  return {};
}

}  // namespace godwit::connect::postgres
