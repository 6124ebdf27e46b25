// Where and why a migration failed, and what it left behind. Never a value of a row: the server's
// words are repeated only where they can name nothing but things, or what stands in the script itself.
#pragma once

#include "base/error.h"
#include "model/schema_report.h"
#include "schema/apply/prepared.h"
#include "schema/database/database.h"
#include "schema/history/history.h"

#include <optional>
#include <string>
#include <vector>

namespace godwit::schema {

struct Autopsy {
  std::string revision, file;
  Direction direction = Direction::up;
  SourceLocation where;  // of the statement, or the place in it that the server names
  std::string excerpt;   // the line of the script there
  std::string command;   // "CREATE INDEX"
  size_t statement = 0;  // from 1; 0 = none in particular
  size_t statements = 0;
  std::string sqlstate;
  std::string message;
  bool transactional = true;
  std::vector<SchemaBlocker> blockers;  // who had the lock that could not be had
  size_t statements_committed = 0;      // of the failed one, when it runs by statement
};

// `index`: the refused statement among those of the script; nullopt = none of them.
[[nodiscard]] Autopsy examine_failure(const Migration& migration, Direction direction,
                                      const PreparedScript& prepared, std::optional<size_t> index,
                                      const Database& database, const Error& error);
// The same, as an Error: kind as it was, message, place.
[[nodiscard]] Error error_of(const Autopsy& autopsy, ErrorKind kind);

}  // namespace godwit::schema
