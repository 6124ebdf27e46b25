// What a single statement does, as far as its text tells: which command it is, whether it may stand in a
// transaction, what it locks, what it may lose.
//
// PostgreSQL: from the parse tree of the server's own parser (libpg_query, PostgreSQL 15). A statement that
// this parser does not know, newer syntax or an error, and one of more than 20,000 tokens, is judged by its
// words, and says so: `parsed` is false. SQLite is always judged by its words. What functions and DO blocks
// do is not seen. Pure, and safe on any thread.
#pragma once

#include "base/result.h"
#include "sql/dialect.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::sql {

// PostgreSQL's modes, weakest first (documentation, chapter "Explicit Locking").
enum class LockMode : uint8_t {
  none,
  access_share,
  row_share,
  row_exclusive,
  share_update_exclusive,
  share,
  share_row_exclusive,
  exclusive,
  access_exclusive,
};
// "ACCESS EXCLUSIVE"; "" for none.
[[nodiscard]] std::string_view to_string(LockMode mode);

struct TableLock {
  std::string table;  // qualified as written, each part in double quotes where it needs them: for to_regclass
  LockMode mode = LockMode::none;

  friend bool operator==(const TableLock&, const TableLock&) = default;
};

// Exact, without quotes; empty where the statement does not say.
struct IndexName {
  std::string schema;
  std::string name;
  std::string table;  // as TableLock::table; empty for DROP INDEX

  friend bool operator==(const IndexName&, const IndexName&) = default;
};

struct StatementFacts {
  std::string command;               // "CREATE INDEX CONCURRENTLY", "ALTER TABLE", "INSERT", "VACUUM"
  bool parsed = true;                // false: judged by its words
  bool transactional = true;         // may stand between BEGIN and COMMIT
  std::string why_not;               // for people, when it is not: "VACUUM cannot run inside a transaction"
  bool transaction_control = false;  // BEGIN, COMMIT, ROLLBACK, SAVEPOINT, PREPARE TRANSACTION and their kin
  // Outlives the transaction in the session: SET without LOCAL, set_config, PREPARE, LISTEN, LOAD, temporary
  // tables, session advisory locks; SQLite: PRAGMA, ATTACH, temporary tables.
  bool changes_session = false;
  // Rows or state are gone afterwards, or an unbounded part of the schema: DROP of a table, column, schema,
  // database, sequence or of what somebody owns, any DROP … CASCADE, TRUNCATE, DELETE and UPDATE without
  // WHERE.
  bool destructive = false;
  // Relations that exist already and are locked until the transaction ends; not what the statement creates,
  // and not the table of an index that is dropped, whose name it does not say.
  std::vector<TableLock> tables;
  LockMode lock = LockMode::none;  // the strongest, of indexes and of tables that are not named too
  std::optional<IndexName> concurrent_index;  // created or dropped CONCURRENTLY: `command` says which
};

// One statement as sql::split gives it. `server_version` is PostgreSQL's server_version_num. Fails with
// ErrorKind::config for an empty text, for several statements, for a psql command, and where sql::split
// would.
[[nodiscard]] Result<StatementFacts> classify(std::string_view statement, Dialect dialect,
                                              int server_version = 150000);

struct SyntaxError {
  std::string message;  // the parser's own
  size_t offset = 0;    // into the statement, in bytes
};

// What PostgreSQL 15's parser has against the statement; nothing when it is content.
[[nodiscard]] std::optional<SyntaxError> syntax_error(std::string_view statement);

}  // namespace godwit::sql
