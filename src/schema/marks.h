// What godwit itself notes in the database that it migrates, beside the history of whatever tool: which run
// did what (append-only), and how far a migration that runs outside a transaction has come. Schema godwit on
// PostgreSQL, tables godwit_… on SQLite. Formats: docs/FORMATS.md.
#pragma once

#include "base/result.h"
#include "schema/history/history.h"
#include "sql/dialect.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::schema {

// The last that was noted of a revision.
struct Mark {
  std::string action;  // "applied", "reverted", "adopted"
  std::string run;
  std::string checksum;  // SHA-256 of the file then
  std::string meaning;
};

// A migration that was begun statement by statement and not ended.
struct Progress {
  std::string revision;
  Direction direction = Direction::up;
  std::string run;
  std::string script;  // SHA-256 of the SQL that was begun
  int64_t statements_done = 0;
  int64_t statements_total = 0;
};

struct Marks {
  bool exist = false;
  std::map<std::string, Mark> last;  // by revision
  std::vector<Progress> unfinished;
};

// SQL of the marks of one history ("flyway public.flyway_schema_history").
class MarksSql {
 public:
  MarksSql(sql::Dialect dialect, std::string history);

  [[nodiscard]] std::string create_sql() const;  // safe to repeat
  // One statement; read its rows with from_rows.
  [[nodiscard]] std::string select_sql() const;
  [[nodiscard]] static Marks from_rows(const std::vector<Row>& rows);
  [[nodiscard]] std::string note_sql(std::string_view action, const Migration& migration,
                                     const RecordContext& context) const;
  [[nodiscard]] std::string begin_progress_sql(const Migration& migration, const Progress& progress) const;
  [[nodiscard]] std::string progress_sql(const Migration& migration, int64_t statements_done) const;
  [[nodiscard]] std::string end_progress_sql(const Migration& migration) const;

 private:
  [[nodiscard]] std::string text(std::string_view value) const;
  sql::Dialect dialect_;
  std::string history_;
  std::string events_, progress_;
};

}  // namespace godwit::schema
