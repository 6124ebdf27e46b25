// Alembic's bodies are Python: either the tool runs them, or it prints them as SQL (`--sql`) and the engine
// runs that, recording the revision in the same transaction. Here stands what to call it with, and what of
// the printed text is the body. The process itself is the engine's.
//
// Printing has limits of its own: a body that reads from the database fails there, and tabs inside of
// literals come out as four blanks.
#pragma once

#include "base/result.h"
#include "schema/history/history.h"
#include "schema/migration.h"

#include <string>
#include <string_view>
#include <vector>

namespace godwit::schema::alembic {

// The arguments behind the program that print one revision as SQL: from its first parent up to it, or back.
// Other steps may be printed beside it: rendered_body takes the one.
[[nodiscard]] std::vector<std::string> print_arguments(std::string_view ini, const Migration& migration,
                                                       Direction direction);
// The same for several that follow each other in one line, the first to be applied (undone) first.
[[nodiscard]] std::vector<std::string> print_arguments(std::string_view ini, const Migration& first,
                                                       const Migration& last, Direction direction);
// The arguments that have Alembic itself apply or undo one revision, when what it stands on is applied, and
// nothing applied stands on it.
[[nodiscard]] std::vector<std::string> run_arguments(std::string_view ini, const Migration& migration,
                                                     Direction direction);

// Of what `--sql` printed, the body of one revision as Script::Kind::sql: without Alembic's BEGIN and COMMIT
// and without its statements on the version table (`schema` and `table` as in HistoryOptions; empty =
// Alembic's own). A body that leaves its transaction (autocommit_block) is TransactionMode::never, and so
// without the BEGIN and COMMIT inside of it. ErrorKind::failed when the revision is not in the text, or its
// row is not changed at the end: then it is not what Alembic prints, and nothing of it should run.
[[nodiscard]] Result<Script> rendered_body(std::string_view printed, const Migration& migration,
                                           Direction direction, std::string_view schema,
                                           std::string_view table, sql::Dialect dialect);

}  // namespace godwit::schema::alembic
