// The server's own disk, and the extensions that it has to offer.
#include "base/text.h"
#include "os/files.h"
#include "schema/health/checks.h"
#include "sql/meaning.h"
#include "sql/script.h"

#include <fmt/format.h>

#include <cstring>
#include <initializer_list>
#include <set>

namespace godwit::schema {

namespace {

// The folder of the server's data, when this machine has it: the cluster's own number stands in the first
// eight bytes of global/pg_control, in the machine's byte order (pg_control.h), and nowhere else twice.
Result<std::optional<std::string>> data_folder(Database& database) {
  const auto rows = database.rows(
      "SELECT pg_catalog.current_setting('data_directory'), (SELECT system_identifier::text FROM "
      "pg_catalog.pg_control_system())");
  if (!rows.ok()) {
    if (rows.error().sqlstate == "42501") return std::optional<std::string>();
    return rows.error();
  }
  const std::string folder = rows->at(0).at(0).value_or("");
  auto control = os::read_file_if_exists(folder + "/global/pg_control");
  if (!control.ok() || !*control || (*control)->size() < sizeof(uint64_t))
    return std::optional<std::string>();
  uint64_t identifier = 0;
  std::memcpy(&identifier, (*control)->data(), sizeof identifier);
  if (std::to_string(identifier) != rows->at(0).at(1).value_or("")) return std::optional<std::string>();
  return std::optional<std::string>(folder);
}

// Takes the words off the front of the text, in any case, or nothing.
bool take(std::string_view& text, std::initializer_list<std::string_view> words) {
  std::string_view rest = text;
  for (const std::string_view word : words) {
    rest = trim(rest);
    if (to_lower_ascii(rest.substr(0, word.size())) != word || rest.size() <= word.size() ||
        rest[word.size()] != ' ')
      return false;
    rest.remove_prefix(word.size());
  }
  text = trim(rest);
  return true;
}

// CREATE EXTENSION [IF NOT EXISTS] name …, of a statement in canonical form.
std::optional<std::string> created_extension(std::string_view text) {
  if (!take(text, {"create", "extension"})) return std::nullopt;
  static_cast<void>(take(text, {"if", "not", "exists"}));  // says nothing about the name
  if (!text.starts_with('"')) return to_lower_ascii(text.substr(0, text.find_first_of(" ;")));
  std::string name;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] != '"') {
      name += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '"') {
      name += text[i++];
    } else {
      break;
    }
  }
  return name;
}

std::set<std::string> expected_extensions(const MigrationFolder& folder) {
  std::set<std::string> names;
  for (const Migration& migration : folder.migrations) {
    if (migration.up.kind != Script::Kind::sql) continue;
    const auto statements = sql::split(migration.up.sql, sql::Dialect::postgres);
    if (!statements.ok()) continue;  // the plan says so
    for (const sql::Statement& statement : *statements) {
      std::string text = sql::canonical(statement.text, sql::Dialect::postgres);
      for (char& c : text) {
        if (c == '\n' || c == '\t') c = ' ';
      }
      if (const auto name = created_extension(text)) names.insert(*name);
    }
  }
  return names;
}

}  // namespace

Result<Found> server_disk(Database& database, double factor) {
  ASSIGN_OR_RETURN(const auto folder, data_folder(database));
  if (!folder)
    return Found{std::nullopt, "the server's disk cannot be asked: it runs elsewhere, or the account may not",
                 "", ""};
  ASSIGN_OR_RETURN(const auto rows, database.rows("SELECT pg_catalog.pg_database_size("
                                                  "pg_catalog.current_database())::text"));
  return enough_disk(*folder, std::stoll(rows.at(0).at(0).value_or("0")), factor);
}

Result<Found> extensions_offered(Database& database, const MigrationFolder& folder) {
  const std::set<std::string> expected = expected_extensions(folder);
  if (expected.empty()) return Found{true, "the migrations create none", "0", "0"};
  ASSIGN_OR_RETURN(const auto rows, database.rows("SELECT name FROM pg_catalog.pg_available_extensions"));
  std::set<std::string> offered;
  for (const Row& row : rows)
    offered.insert(row[0].value_or(""));
  std::vector<std::string> missing;
  for (const std::string& name : expected) {
    if (!offered.contains(name)) missing.push_back(name);
  }
  const std::vector<std::string> all(expected.begin(), expected.end());
  return Found{missing.empty(),
               missing.empty() ? "the server offers " + join(all, ", ")
                               : "the server does not offer " + join(missing, ", "),
               fmt::format("{} of {}", expected.size() - missing.size(), expected.size()), join(all, ", ")};
}

}  // namespace godwit::schema
