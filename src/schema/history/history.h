// History: one tool's record of what has been applied to a database: how it names its files, what its table
// looks like, under which lock it writes. Byte-compatible both ways: what is recorded here, the tool itself
// would have written, and it goes on from there.
//
// Pure: a History makes SQL and reads what the SQL answered; the engine runs it. Thread-compatible.
#pragma once

#include "base/result.h"
#include "config/database_care.h"
#include "schema/migration.h"
#include "sql/dialect.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::schema {

enum class Direction : uint8_t { up, down };
// What a tool with a graph can list: its heads; those that nothing depends on; what is applied; all, newest
// first.
enum class Listing : uint8_t { heads, effective_heads, current, history };

struct HistoryOptions {
  std::string tool;  // "godwit", "knex", "flyway" …
  sql::Dialect dialect = sql::Dialect::postgres;
  std::string schema;  // where the tool keeps its table; empty = the tool's own default
  std::string table;
  std::string project;             // devflow: part of its lock
  std::string encoding = "UTF-8";  // Flyway
  ScriptNames names;               // Flyway
  std::string path_prefix;  // Liquibase: what the names of its files begin with, before the folder's own
  std::vector<std::string> extensions;              // Knex: loadExtensions, where they are not its own
  std::map<std::string, std::string> placeholders;  // Flyway; goose: the variables of ENVSUB
  std::string file_template;                        // how new files are named; empty = the tool's own way
  std::vector<std::string> folders;  // Alembic: those with revisions, below the folder; none = itself
  bool recursive = false;            // Alembic: and what lies below them
  int slug_length_max = 0;           // of the title in such a name; 0 = the tool's own limit
};

// What stands beside a row: who did it, and how it went. Texts are raw: a History quotes them.
struct RecordContext {
  std::string run;        // of godwit
  std::string actor;      // a person or a CI account
  std::string commit;     // of the repository; empty = unknown
  std::string ci_run_id;  // of the CI system; empty = none
  std::string host;
  std::string version;     // of godwit
  std::string uuid;        // a fresh one (version 4, lower case) for tools that want one
  int64_t batch = 0;       // the batch of this run, for tools that count them
  std::string elapsed_ms;  // an SQL expression: whole milliseconds since the migration began
  std::string now;         // an SQL expression: the present moment in the dialect
};

// The rows that select_sql answered: text or NULL.
using Row = std::vector<std::optional<std::string>>;

// How the tool keeps others of its kind out. godwit's own lock is held besides.
struct ForeignLock {
  // PostgreSQL: session-level advisory locks, all of them, polled with pg_try_advisory_lock.
  std::vector<int64_t> advisory_keys;
  // An UPDATE that changes exactly one row when the lock is free, in an open transaction on a connection of
  // its own that is rolled back at the end: a killed process leaves nothing locked. Empty = none.
  std::string row_sql;
  std::string row_table;  // of that row, quoted
  // Who holds the row, one text; asked when row_sql changed nothing.
  std::string row_holder_sql;
};

// Of what is applied next, in a history that counts.
[[nodiscard]] int64_t next_rank(const RecordedHistory& recorded);

class History {
 public:
  virtual ~History() = default;

  [[nodiscard]] virtual std::string_view tool() const = 0;
  // "public.schema_migrations": for people.
  [[nodiscard]] virtual std::string table() const = 0;

  // Files. Which folders below that of the migrations hold them; "" = itself.
  [[nodiscard]] virtual std::vector<std::string> folders() const { return {""}; }
  // Whether a file of that name (relative path) is one that read_folder wants the text of.
  [[nodiscard]] virtual bool reads(std::string_view path) const = 0;
  // `files` is sorted by path, in byte order. ErrorKind::config with file and line for what the tool would
  // refuse; duplicates are left to the planner, which tells all of them.
  [[nodiscard]] virtual Result<MigrationFolder> read_folder(
      const std::vector<MigrationFile>& files) const = 0;

  // The database. One statement; a missing table is told by the database (undefined table).
  [[nodiscard]] virtual std::string select_sql() const = 0;
  [[nodiscard]] virtual Result<RecordedHistory> from_rows(const std::vector<Row>& rows) const = 0;
  // Creates what the tool would create at its first run; statements with semicolons, safe to repeat.
  [[nodiscard]] virtual std::string create_sql() const = 0;
  // Statements with semicolons that record a migration as applied, or as no longer applied. They run in the
  // migration's own transaction where it has one. `recorded`: the history just before.
  [[nodiscard]] virtual std::string record_sql(const Migration& migration, const RecordContext& context,
                                               const RecordedHistory& recorded) const = 0;
  [[nodiscard]] virtual std::string unrecord_sql(const Migration& migration, const RecordContext& context,
                                                 const RecordedHistory& recorded) const = 0;
  // What the tool writes before a migration that runs outside a transaction (golang-migrate: dirty); may be
  // empty.
  [[nodiscard]] virtual std::string begin_sql(const Migration& migration, Direction direction,
                                              const RecordContext& context) const;
  // `recorded` after the migration: what from_rows would read then.
  [[nodiscard]] virtual RecordedHistory after(RecordedHistory recorded, const Migration& migration,
                                              Direction direction, const RecordContext& context) const;
  // `database`: the name that the tool knows it by.
  [[nodiscard]] virtual ForeignLock lock(std::string_view database) const;

  // Whether the tool's own rows hold checksums: where all of them match, nothing else is needed to know that
  // no file was edited.
  [[nodiscard]] virtual bool records_checksums() const { return false; }
  // The checksum of a recorded row against the file's. Tools that keep none: nullopt.
  [[nodiscard]] virtual std::optional<bool> checksum_matches(const AppliedMigration& applied,
                                                             const Migration& migration) const;
  // The revisions that are applied, in the words of the folder, oldest first. A tool that keeps only the
  // newest of each branch, or only a high-water mark, says here what it implies.
  [[nodiscard]] virtual Result<std::vector<std::string>> applied_revisions(
      const MigrationFolder& folder, const RecordedHistory& recorded) const;

  // Paths, for a history that is a graph: revisions in the order in which they are to be applied (undone).
  // nullopt = the planner goes by the order of the folder. `target`: a revision or the tool's own symbol
  // ("head", "label@head", "+1", "base"); errors are the tool's own, ErrorKind::usage or plan_refused.
  [[nodiscard]] virtual std::optional<Result<std::vector<std::string>>> upgrade_path(
      const MigrationFolder& folder, const RecordedHistory& recorded, std::string_view target) const;
  [[nodiscard]] virtual std::optional<Result<std::vector<std::string>>> downgrade_path(
      const MigrationFolder& folder, const RecordedHistory& recorded, std::string_view target) const;

  // Lines as the tool itself prints them; nullopt = it has no such listing.
  [[nodiscard]] virtual std::optional<Result<std::vector<std::string>>> listing(
      const MigrationFolder& folder, const RecordedHistory& recorded, Listing what, bool verbose) const;

  // The file that `godwit db new` writes: path relative to the folder, and its text. Some tools want two
  // files.
  struct NewFile {
    std::string path, text;
  };
  // `timestamp`: YYYYMMDDHHMMSS, UTC. `title`: as a person wrote it.
  [[nodiscard]] virtual Result<std::vector<NewFile>> new_files(const MigrationFolder& folder,
                                                               std::string_view timestamp,
                                                               std::string_view title) const = 0;
  // The same, for a migration that joins all heads. ErrorKind::usage: there are no branches.
  [[nodiscard]] virtual Result<std::vector<NewFile>> merge_files(const MigrationFolder& folder,
                                                                 std::string_view timestamp,
                                                                 std::string_view title) const;
};

// ErrorKind::config for an unknown tool, and for a dialect that it has no history in; the hint lists those
// there are.
[[nodiscard]] Result<std::unique_ptr<History>> make_history(const HistoryOptions& options);
[[nodiscard]] const std::vector<std::string_view>& known_tools();

}  // namespace godwit::schema
