// Migrations that cannot run in a transaction: each statement by itself, and after each one how far it has
// come.
//
// What is transactional by itself is committed together with the progress: it is done exactly once. What is
// not (CREATE INDEX CONCURRENTLY) runs alone, its progress a moment later: when the process dies in between,
// the database is asked whether it was done.
#include "crypto/sha256.h"
#include "schema/apply/applier.h"
#include "schema/history/sql_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

enum class IndexState : uint8_t { absent, invalid, valid };

std::string index_name(const sql::IndexName& index) {
  return qualified(index.schema, index.name);
}

Result<IndexState> state_of(Database& database, const sql::IndexName& index) {
  if (index.name.empty()) return IndexState::absent;
  ASSIGN_OR_RETURN(const auto rows, database.rows(fmt::format(
                                        "SELECT indisvalid AND indisready FROM pg_catalog.pg_index WHERE "
                                        "indexrelid = pg_catalog.to_regclass({})",
                                        literal(index_name(index), sql::Dialect::postgres))));
  if (rows.empty()) return IndexState::absent;
  return rows[0][0] == "t" ? IndexState::valid : IndexState::invalid;
}

}  // namespace

Status Applier::by_statement(const Migration& migration, Direction direction, const PreparedScript& prepared,
                             StepOutcome& outcome) {
  const Script& script = direction == Direction::up ? migration.up : migration.down;
  Progress progress{migration.revision,
                    direction,
                    options_.context.run,
                    crypto::sha256_hex(script.sql),
                    0,
                    static_cast<int64_t>(prepared.statements.size())};
  const auto earlier = std::find_if(state_.marks.unfinished.begin(), state_.marks.unfinished.end(),
                                    [&](const Progress& one) { return one.revision == migration.revision; });
  const bool resumed = earlier != state_.marks.unfinished.end();
  if (resumed) {
    if (earlier->script != progress.script || earlier->direction != direction) {
      Error error = make_error(
          ErrorKind::plan_refused,
          fmt::format("{} was begun ({} of {} statements are done), and its script is another one now",
                      migration.revision, earlier->statements_done, earlier->statements_total),
          "bring back the file as it was; or clean up by hand and say so: godwit db repair --restart " +
              migration.revision);
      error.where = {migration.file, 0, 0};
      return error;
    }
    progress.statements_done = earlier->statements_done;
  } else {
    const RecordContext context = context_now("0");
    if (database_.dialect() == sql::Dialect::postgres) RETURN_IF_ERROR(database_.run(fresh_settings()));
    const Status begun = database_.run(guarded(
        {history_.begin_sql(migration, direction, context), marks_.begin_progress_sql(migration, progress)}));
    if (!begun.ok()) return failed(migration, direction, prepared, std::nullopt, begun, outcome);
    state_.marks.unfinished.push_back(progress);
  }
  for (auto i = static_cast<size_t>(progress.statements_done); i < prepared.statements.size(); ++i) {
    reached(fmt::format("statement {}", i + 1));
    const bool may_be_done = resumed && i == static_cast<size_t>(progress.statements_done);
    const Status status = one_statement(migration, prepared.statements[i], i, may_be_done);
    if (!status.ok()) {
      const Status told = failed(migration, direction, prepared, i, status, outcome);
      if (outcome.autopsy) outcome.autopsy->statements_committed = i;
      return told;
    }
    for (Progress& one : state_.marks.unfinished) {
      if (one.revision == migration.revision) one.statements_done = static_cast<int64_t>(i) + 1;
    }
  }
  reached("record");
  std::vector<std::string> message = closing(migration, direction);
  if (!options_.guard.empty()) message.insert(message.begin(), options_.guard);
  message.insert(message.begin(), "BEGIN");
  message.insert(message.end() - 1, marks_.end_progress_sql(migration));
  const Status recorded = database_.run(message);
  if (!recorded.ok()) return failed(migration, direction, prepared, std::nullopt, recorded, outcome);
  std::erase_if(state_.marks.unfinished,
                [&](const Progress& one) { return one.revision == migration.revision; });
  return {};
}

Status Applier::one_statement(const Migration& migration, const PreparedStatement& prepared, size_t index,
                              bool resumed) {
  const auto done = static_cast<int64_t>(index) + 1;
  const std::string text(prepared.statement.text);
  if (prepared.facts.transactional) {
    if (prepared.statement.kind == sql::Statement::Kind::copy_data) {
      RETURN_IF_ERROR(database_.run(opening()));
      RETURN_IF_ERROR(database_.copy(text, prepared.statement.copy_data));
      return database_.run({marks_.progress_sql(migration, done), "COMMIT"});
    }
    // The statement stands first among those that can fail, so that its place in the message is known.
    std::vector<std::string> message = {"BEGIN"};
    if (database_.dialect() == sql::Dialect::postgres && options_.lock_timeout_ms > 0)
      message.push_back(fmt::format("SET LOCAL lock_timeout = {}", options_.lock_timeout_ms));
    if (!options_.guard.empty()) message.push_back(options_.guard);
    message.push_back(text);
    message.push_back(marks_.progress_sql(migration, done));
    message.emplace_back("COMMIT");
    return database_.run(message);
  }
  // The guard cannot hold during what runs outside a transaction: whoever takes over meanwhile asks the
  // catalog what was done.
  if (!options_.guard.empty()) RETURN_IF_ERROR(database_.run(guarded({})));
  RETURN_IF_ERROR(outside_transaction(prepared, resumed));
  reached(fmt::format("done {}", done));
  if (!options_.guard.empty()) return database_.run(guarded({marks_.progress_sql(migration, done)}));
  return database_.run({marks_.progress_sql(migration, done)});
}

// Others queue behind a strong lock that is waited for (VACUUM FULL); SET LOCAL needs a transaction. What
// builds concurrently blocks nobody while it waits, and waits for every older transaction: for that no time
// is set.
Status Applier::waiting_shortly(const PreparedStatement& prepared) {
  const std::string text(prepared.statement.text);
  if (options_.lock_timeout_ms == 0 || !makes_others_queue(prepared.facts)) return database_.run({text});
  RETURN_IF_ERROR(database_.run({fmt::format("SET lock_timeout = {}", options_.lock_timeout_ms)}));
  const Status status = database_.run({text});
  const auto refusal = database_.refusal();
  if (database_.alive()) static_cast<void>(database_.run({"SET lock_timeout = DEFAULT"}));
  database_.set_refusal(refusal);  // what is told is the statement's
  return status;
}

// A half-built index of an earlier attempt is dropped first; one of this attempt, when it fails.
Status Applier::outside_transaction(const PreparedStatement& prepared, bool resumed) {
  const std::string text(prepared.statement.text);
  const auto& index = prepared.facts.concurrent_index;
  if (database_.dialect() == sql::Dialect::sqlite) return database_.run({text});
  if (!index) return waiting_shortly(prepared);
  const bool creates = prepared.facts.command.starts_with("CREATE");
  ASSIGN_OR_RETURN(const IndexState before, state_of(database_, *index));
  if (resumed && before == (creates ? IndexState::valid : IndexState::absent)) return {};
  if (creates && before == IndexState::invalid)
    RETURN_IF_ERROR(database_.run({"DROP INDEX CONCURRENTLY " + index_name(*index)}));
  const Status status = database_.run({text});
  if (status.ok() || !creates || !database_.alive()) return status;
  const auto refusal = database_.refusal();
  const auto left = state_of(database_, *index);
  if (left.ok() && *left == IndexState::invalid)
    static_cast<void>(database_.run({"DROP INDEX CONCURRENTLY " + index_name(*index)}));
  // What is told is why the index could not be built.
  database_.set_refusal(refusal);
  return status;
}

}  // namespace godwit::schema
