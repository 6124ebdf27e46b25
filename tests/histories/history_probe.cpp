// What a History says, for tests that hold it against the tool itself:
//   history_probe TOOL FOLDER DIALECT COMMAND [ARGUMENT]
// with --OPTION=VALUE before TOOL (schema, table, project, encoding, placeholder.NAME). COMMAND: folder,
// create, select, rows, lock DATABASE, record|unrecord|begin-up|begin-down REVISION. The database's rows come
// as JSON on standard input where the command needs them. SQL comes out as it is, everything else as JSON.
#include "base/text.h"
#include "schema/history/history.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

namespace godwit::schema {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void stop(const std::string& message) {
  std::cerr << message << "\n";
  std::exit(2);
}

template <typename T>
T value_of(Result<T> result) {
  if (!result.ok()) stop(result.error().text());
  return std::move(*result);
}

void take_option(HistoryOptions& options, const std::string& argument) {
  const size_t equals = argument.find('=');
  const std::string option = argument.substr(2, equals - 2);
  const std::string value = argument.substr(equals + 1);
  if (option == "schema") {
    options.schema = value;
  } else if (option == "table") {
    options.table = value;
  } else if (option == "project") {
    options.project = value;
  } else if (option == "encoding") {
    options.encoding = value;
  } else if (option.starts_with("placeholder.")) {
    options.placeholders[option.substr(12)] = value;
  } else {
    stop("unknown option " + argument);
  }
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

MigrationFolder read_folder(const History& history, const std::string& path) {
  std::vector<MigrationFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (!entry.is_regular_file()) continue;
    MigrationFile file;
    file.path = std::filesystem::relative(entry.path(), path).generic_string();
    if (history.reads(file.path)) file.text = read_file(entry.path());
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(),
            [](const MigrationFile& left, const MigrationFile& right) { return left.path < right.path; });
  return value_of(history.read_folder(files));
}

Json json_of(const Script& script) {
  if (script.kind == Script::Kind::none) return nullptr;
  if (script.kind == Script::Kind::delegated) return "delegated";
  return Json{{"file", script.file},
              {"line", script.first_line},
              {"sql", script.sql},
              {"transaction", script.transaction != TransactionMode::never}};
}

Json json_of(const MigrationFolder& folder) {
  Json migrations = Json::array();
  for (const Migration& migration : folder.migrations) {
    migrations.push_back({{"revision", migration.revision},
                          {"name", migration.name},
                          {"file", migration.file},
                          {"checksum", migration.checksum},
                          {"up", json_of(migration.up)},
                          {"down", json_of(migration.down)}});
  }
  Json ignored = Json::array();
  for (const IgnoredFile& file : folder.ignored)
    ignored.push_back(file.file);
  return {{"migrations", migrations}, {"ignored", ignored}};
}

RecordedHistory read_rows(const History& history) {
  const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
  std::vector<Row> rows;
  for (const auto& json_row : Json::parse(input)) {
    Row row;
    for (const auto& value : json_row)
      row.push_back(value.is_null() ? std::nullopt : std::optional<std::string>(value.get<std::string>()));
    rows.push_back(std::move(row));
  }
  return value_of(history.from_rows(rows));
}

Json json_of(const History& history, const MigrationFolder& folder, const RecordedHistory& recorded) {
  Json failed = Json::array();
  Json changed = Json::array();
  for (const AppliedMigration& applied : recorded.applied) {
    if (applied.failed) failed.push_back(applied.revision);
    for (const Migration& migration : folder.migrations) {
      if (migration.revision == applied.revision && history.checksum_matches(applied, migration) == false)
        changed.push_back(applied.revision);
    }
  }
  return {{"applied", value_of(history.applied_revisions(folder, recorded))},
          {"failed", failed},
          {"changed", changed}};
}

RecordContext context_of(sql::Dialect dialect) {
  RecordContext context;
  context.run = "db-20260102-030405-001";
  context.actor = "somebody";
  context.ci_run_id = "4711";
  context.host = "runner";
  context.version = "1.0.0";
  context.uuid = "3b241101-e2bb-4255-8caf-4136c566a962";
  context.batch = 1;
  context.elapsed_ms = "12";
  context.now = dialect == sql::Dialect::postgres ? "now()" : "CURRENT_TIMESTAMP";
  return context;
}

std::string sql_of(const History& history, const MigrationFolder& folder, const std::string& command,
                   const std::string& revision, const RecordContext& context) {
  const auto found = std::find_if(folder.migrations.begin(), folder.migrations.end(),
                                  [&](const Migration& migration) { return migration.revision == revision; });
  if (found == folder.migrations.end()) stop("no migration " + revision);
  if (command == "begin-up") return history.begin_sql(*found, Direction::up, context);
  if (command == "begin-down") return history.begin_sql(*found, Direction::down, context);
  const RecordedHistory recorded = read_rows(history);
  if (command == "record") return history.record_sql(*found, context, recorded);
  if (command == "unrecord") return history.unrecord_sql(*found, context, recorded);
  stop("unknown command " + command);
}

int run(std::vector<std::string> arguments) {
  HistoryOptions options;
  while (!arguments.empty() && arguments[0].starts_with("--")) {
    take_option(options, arguments[0]);
    arguments.erase(arguments.begin());
  }
  if (arguments.size() < 4)
    stop("usage: history_probe [--OPTION=VALUE...] TOOL FOLDER DIALECT COMMAND [ARGUMENT]");
  options.tool = arguments[0];
  options.dialect = arguments[2] == "sqlite" ? sql::Dialect::sqlite : sql::Dialect::postgres;
  const std::string& command = arguments[3];
  const std::string argument = arguments.size() > 4 ? arguments[4] : "";
  const auto history = value_of(make_history(options));
  if (command == "create") {
    std::cout << history->create_sql();
  } else if (command == "select") {
    std::cout << history->select_sql();
  } else if (command == "lock") {
    const ForeignLock lock = history->lock(argument);
    std::cout
        << Json{{"keys", lock.advisory_keys}, {"row", lock.row_sql}, {"holder", lock.row_holder_sql}}.dump();
  } else {
    const MigrationFolder folder = read_folder(*history, arguments[1]);
    if (command == "folder") {
      std::cout << json_of(folder).dump(1);
    } else if (command == "rows") {
      std::cout << json_of(*history, folder, read_rows(*history)).dump();
    } else {
      std::cout << sql_of(*history, folder, command, argument, context_of(options.dialect));
    }
  }
  return 0;
}

}  // namespace
}  // namespace godwit::schema

int main(int argc, char** argv) {
  return godwit::schema::run({argv + 1, argv + argc});
}
