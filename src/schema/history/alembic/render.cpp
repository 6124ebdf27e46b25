#include "schema/history/alembic/render.h"

#include "base/text.h"
#include "sql/script.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema::alembic {

namespace {

constexpr std::string_view default_table = "alembic_version";

// "-- Running upgrade a, b -> c": where it stands, and what it says.
struct Heading {
  size_t begin = 0, end = 0;  // of the line, without its end
  bool up = true;
  std::string_view from, to;
};

std::optional<Heading> heading_of(std::string_view line, size_t begin) {
  constexpr std::string_view up = "-- Running upgrade ", down = "-- Running downgrade ", arrow = " -> ";
  Heading heading;
  heading.begin = begin;
  heading.end = begin + line.size();
  heading.up = line.starts_with(up);
  if (!heading.up && !line.starts_with(down)) return std::nullopt;
  line.remove_prefix(heading.up ? up.size() : down.size());
  const size_t at = line.find(arrow);
  if (at == std::string_view::npos) return std::nullopt;
  heading.from = trim(line.substr(0, at));
  heading.to = trim(line.substr(at + arrow.size()));
  return heading;
}

// Headings are comments between statements: what looks like one inside of a statement is none.
std::vector<Heading> headings_in(std::string_view text, const std::vector<sql::Statement>& statements) {
  std::vector<Heading> headings;
  const auto look = [&](size_t begin, size_t end) {
    while (begin < end) {
      const size_t line_end = std::min(text.find('\n', begin), end);
      std::string_view line = text.substr(begin, line_end - begin);
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (const auto heading = heading_of(line, begin)) headings.push_back(*heading);
      begin = line_end + 1;
    }
  };
  size_t begin = 0;
  for (const sql::Statement& statement : statements) {
    look(begin, statement.offset);
    begin = statement.offset + statement.text.size();
  }
  look(begin, text.size());
  return headings;
}

bool is_word(std::string_view statement, std::string_view word) {
  return to_lower_ascii(trim(statement)) == word;
}

bool leaves_transaction(std::string_view statement) {
  return is_word(statement, "begin") || is_word(statement, "commit");
}

// Statements of Alembic's own on the version table, however its name is quoted.
class VersionTable {
 public:
  VersionTable(std::string_view schema, std::string_view table)
      : table_(table.empty() ? default_table : table), name_(table_) {
    if (!schema.empty()) name_ = fmt::format("{}.{}", schema, table_);
  }

  [[nodiscard]] bool changed_by(std::string_view statement) const {
    const std::string text = unquoted(statement);
    return text.starts_with("INSERT INTO " + name_ + " (version_num) VALUES ") ||
           text.starts_with("UPDATE " + name_ + " SET version_num=") ||
           text.starts_with("DELETE FROM " + name_ + " WHERE " + name_ + ".version_num = ");
  }
  [[nodiscard]] bool created_by(std::string_view statement) const {
    const std::string text = unquoted(statement);
    return text.starts_with("CREATE TABLE " + name_ + " (") &&
           text.find("version_num VARCHAR(32) NOT NULL") != std::string::npos;
  }

 private:
  static std::string unquoted(std::string_view statement) {
    std::string text(statement);
    std::erase(text, '"');
    return text;
  }

  std::string table_, name_;
};

Error not_printed(const Migration& migration, std::string_view what) {
  Error error = make_error(
      ErrorKind::failed, fmt::format("alembic printed no SQL for revision {}: {}", migration.revision, what),
      "run it with Alembic itself");
  error.where = {migration.file, 0, 0};
  return error;
}

// The text of [begin, end) without the given statements and the semicolons behind them.
std::string text_without(std::string_view text, size_t begin, size_t end,
                         const std::vector<sql::Statement>& left_out) {
  std::string out;
  for (const sql::Statement& statement : left_out) {
    out += text.substr(begin, statement.offset - begin);
    begin = statement.offset + statement.text.size();
    const size_t semicolon = text.find_first_not_of(" \t\r\n", begin);
    if (semicolon < end && text[semicolon] == ';') begin = semicolon + 1;
  }
  out += text.substr(begin, end - begin);
  const std::string_view body = trim(out);
  return body.empty() ? "" : std::string(body) + "\n";
}

}  // namespace

std::vector<std::string> print_arguments(std::string_view ini, const Migration& migration,
                                         Direction direction) {
  return print_arguments(ini, migration, migration, direction);
}

std::vector<std::string> print_arguments(std::string_view ini, const Migration& first, const Migration& last,
                                         Direction direction) {
  const bool up = direction == Direction::up;
  const Migration& lowest = up ? first : last;
  const std::string below = lowest.parents.empty() ? "base" : lowest.parents.front();
  return {"-c", std::string(ini), up ? "upgrade" : "downgrade",
          up ? below + ":" + last.revision : first.revision + ":" + below, "--sql"};
}

std::vector<std::string> run_arguments(std::string_view ini, const Migration& migration,
                                       Direction direction) {
  if (direction == Direction::up) return {"-c", std::string(ini), "upgrade", migration.revision};
  // The revision as a label keeps other children of the parent out of it.
  const std::string below = migration.parents.empty() ? "base" : migration.parents.front();
  return {"-c", std::string(ini), "downgrade", migration.revision + "@" + below};
}

Result<Script> rendered_body(std::string_view printed, const Migration& migration, Direction direction,
                             std::string_view schema, std::string_view table, sql::Dialect dialect) {
  ASSIGN_OR_RETURN(const std::vector<sql::Statement> statements, sql::split(printed, dialect));
  const std::vector<Heading> headings = headings_in(printed, statements);
  const bool up = direction == Direction::up;
  const auto heading = std::find_if(headings.begin(), headings.end(), [&](const Heading& candidate) {
    return candidate.up == up && (up ? candidate.to : candidate.from) == migration.revision;
  });
  if (heading == headings.end()) return not_printed(migration, "there is no step of it");
  const size_t section_end = heading + 1 == headings.end() ? printed.size() : (heading + 1)->begin;
  std::vector<sql::Statement> body;
  std::copy_if(statements.begin(), statements.end(), std::back_inserter(body),
               [&](const sql::Statement& statement) {
                 return statement.offset >= heading->end && statement.offset < section_end;
               });
  // From the end: what prepares the next step, then the rows.
  const VersionTable rows(schema, table);
  size_t end = section_end;
  const auto drop_last = [&] {
    end = body.back().offset;
    body.pop_back();
  };
  while (!body.empty() && (leaves_transaction(body.back().text) || rows.created_by(body.back().text)))
    drop_last();
  if (body.empty() || !rows.changed_by(body.back().text))
    return not_printed(migration, "its row is not changed at the end of it");
  while (!body.empty() && rows.changed_by(body.back().text))
    drop_last();

  std::erase_if(body, [](const sql::Statement& statement) { return !leaves_transaction(statement.text); });
  Script script;
  script.kind = Script::Kind::sql;
  script.file = migration.file;
  script.transaction = body.empty() ? TransactionMode::automatic : TransactionMode::never;
  script.sql = text_without(printed, heading->end, end, body);
  return script;
}

}  // namespace godwit::schema::alembic
