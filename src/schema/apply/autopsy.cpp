#include "schema/apply/autopsy.h"

#include <algorithm>

namespace godwit::schema {

namespace {

// Whether everything between double quotes in a message stands in the script too: then it quotes no row.
bool quotes_only_the_script(std::string_view message, std::string_view script) {
  size_t from = 0;
  for (;;) {
    const size_t open = message.find('"', from);
    if (open == std::string_view::npos) return from > 0 || script.find(message) != std::string_view::npos;
    const size_t close = message.find('"', open + 1);
    if (close == std::string_view::npos) return false;
    if (script.find(message.substr(open + 1, close - open - 1)) == std::string_view::npos) return false;
    from = close + 1;
  }
}

std::string words_of(const Refusal& refusal, const Script& script, const Error& error) {
  if (!refusal.may_quote_values || quotes_only_the_script(refusal.message, script.sql))
    return refusal.message;
  return error.message;
}

std::string line_at(std::string_view text, size_t byte) {
  const size_t begin = text.rfind('\n', byte == 0 ? 0 : byte - 1);
  const size_t from = begin == std::string_view::npos || byte == 0 ? 0 : begin + 1;
  const size_t end = std::min(text.find('\n', byte), text.size());
  return std::string(text.substr(from, end - from));
}

void find_place(Autopsy& autopsy, const Script& script, const sql::Statement& statement, size_t byte) {
  const size_t at = std::min(statement.offset + byte, script.sql.size());
  const std::string_view before = std::string_view(script.sql).substr(0, at);
  const auto lines = static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  const size_t line_begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  autopsy.where = {script.file, script.first_line + lines, static_cast<int>(at - line_begin) + 1};
  autopsy.excerpt = line_at(script.sql, at);
}

}  // namespace

Autopsy examine_failure(const Migration& migration, Direction direction, const PreparedScript& prepared,
                        std::optional<size_t> index, const Database& database, const Error& error) {
  const Script& script = direction == Direction::up ? migration.up : migration.down;
  Autopsy autopsy;
  autopsy.revision = migration.revision;
  autopsy.file = script.file.empty() ? migration.file : script.file;
  autopsy.direction = direction;
  autopsy.transactional = prepared.mode != RunMode::by_statement;
  autopsy.statements = prepared.statements.size();
  autopsy.sqlstate = error.sqlstate;
  autopsy.message = error.message;
  autopsy.where = {autopsy.file, 0, 0};
  const auto& refusal = database.refusal();
  if (refusal) autopsy.message = words_of(*refusal, script, error);
  if (index && *index < prepared.statements.size()) {
    const PreparedStatement& failed = prepared.statements[*index];
    autopsy.statement = *index + 1;
    autopsy.command = failed.facts.command;
    find_place(autopsy, script, failed.statement, refusal ? refusal->byte.value_or(0) : 0);
  }
  return autopsy;
}

Error error_of(const Autopsy& autopsy, ErrorKind kind) {
  Error error = make_error(kind, autopsy.message);
  error.sqlstate = autopsy.sqlstate;
  error.where = autopsy.where;
  return error;
}

}  // namespace godwit::schema
