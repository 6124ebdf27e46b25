#include "schema/marks.h"

#include "schema/history/sql_text.h"

#include <fmt/format.h>

#include <charconv>

namespace godwit::schema {

namespace {

int64_t number(const std::optional<std::string>& text) {
  int64_t value = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

}  // namespace

MarksSql::MarksSql(sql::Dialect dialect, std::string history)
    : dialect_(dialect),
      history_(std::move(history)),
      events_(dialect == sql::Dialect::postgres ? "godwit.migration_event" : "godwit_migration_event"),
      progress_(dialect == sql::Dialect::postgres ? "godwit.migration_progress"
                                                  : "godwit_migration_progress") {}

std::string MarksSql::text(std::string_view value) const {
  return literal(value, dialect_);
}

std::string MarksSql::create_sql() const {
  const bool postgres = dialect_ == sql::Dialect::postgres;
  return fmt::format(
      "{0}CREATE TABLE IF NOT EXISTS {1} (id {2}, history text NOT NULL, revision text NOT NULL, action text "
      "NOT NULL, "
      "run text NOT NULL, actor text NOT NULL, commit_id text NOT NULL, ci_run_id text NOT NULL, checksum "
      "text NOT "
      "NULL, meaning text NOT NULL, noted_at {3} NOT NULL, duration_ms bigint NOT NULL);"
      "CREATE TABLE IF NOT EXISTS {4} (history text NOT NULL, revision text NOT NULL, direction text NOT "
      "NULL, run "
      "text NOT NULL, script text NOT NULL, statements_done bigint NOT NULL, statements_total bigint NOT "
      "NULL, "
      "PRIMARY KEY (history, revision));",
      postgres ? "CREATE SCHEMA IF NOT EXISTS godwit;" : "", events_,
      postgres ? "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY" : "integer PRIMARY KEY AUTOINCREMENT",
      postgres ? "timestamptz" : "text", progress_);
}

std::string MarksSql::select_sql() const {
  return fmt::format(
      "SELECT 'event' AS what, id, revision, action, run, checksum, meaning, 0 AS done, 0 AS total FROM {0} "
      "WHERE "
      "history = {2} UNION ALL SELECT 'progress', 0, revision, direction, run, script, '', statements_done, "
      "statements_total FROM {1} WHERE history = {2} ORDER BY 1, 2",
      events_, progress_, text(history_));
}

Marks MarksSql::from_rows(const std::vector<Row>& rows) {
  Marks marks;
  marks.exist = true;
  for (const Row& row : rows) {
    const std::string revision = row[2].value_or("");
    if (row[0] == "event") {
      marks.last[revision] = {row[3].value_or(""), row[4].value_or(""), row[5].value_or(""),
                              row[6].value_or("")};
    } else {
      marks.unfinished.push_back({revision, row[3] == "down" ? Direction::down : Direction::up,
                                  row[4].value_or(""), row[5].value_or(""), number(row[7]), number(row[8])});
    }
  }
  return marks;
}

std::string MarksSql::note_sql(std::string_view action, const Migration& migration,
                               const RecordContext& context) const {
  return fmt::format(
      "INSERT INTO {} (history, revision, action, run, actor, commit_id, ci_run_id, checksum, meaning, "
      "noted_at, "
      "duration_ms) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});",
      events_, text(history_), text(migration.revision), text(action), text(context.run), text(context.actor),
      text(context.commit), text(context.ci_run_id), text(migration.raw_sha256), text(migration.meaning),
      context.now, context.elapsed_ms);
}

std::string MarksSql::begin_progress_sql(const Migration& migration, const Progress& progress) const {
  return fmt::format("INSERT INTO {} VALUES ({}, {}, {}, {}, {}, {}, {});", progress_, text(history_),
                     text(migration.revision), progress.direction == Direction::down ? "'down'" : "'up'",
                     text(progress.run), text(progress.script), progress.statements_done,
                     progress.statements_total);
}

std::string MarksSql::progress_sql(const Migration& migration, int64_t statements_done) const {
  return fmt::format("UPDATE {} SET statements_done = {} WHERE history = {} AND revision = {};", progress_,
                     statements_done, text(history_), text(migration.revision));
}

std::string MarksSql::end_progress_sql(const Migration& migration) const {
  return fmt::format("DELETE FROM {} WHERE history = {} AND revision = {};", progress_, text(history_),
                     text(migration.revision));
}

}  // namespace godwit::schema
