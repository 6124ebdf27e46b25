#include "schema/history/detect.h"

#include "base/text.h"
#include "schema/history/flyway/names.h"
#include "schema/history/version_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace godwit::schema {

namespace {

// The columns that only the table of one tool has, all of them. A table may be renamed, so names do not
// count.
struct TableShape {
  std::string_view tool;
  std::vector<std::string_view> columns;
};

const std::vector<TableShape>& shapes() {
  static const std::vector<TableShape> known = {
      {"flyway", {"installed_rank", "version", "script", "checksum", "installed_on", "success"}},
      {"liquibase", {"id", "author", "filename", "orderexecuted", "exectype", "md5sum"}},
      {"prisma", {"migration_name", "checksum", "rolled_back_at", "applied_steps_count"}},
      {"atlas", {"version", "applied", "total", "partial_hashes", "operator_version"}},
      {"devflow", {"name", "checksum", "execution_time_ms", "rolled_back_at", "devflow_version"}},
      {"godwit", {"rank", "version", "name", "checksum", "meaning", "run", "commit_id"}},
      {"goose", {"id", "version_id", "is_applied", "tstamp"}},
      {"knex", {"id", "name", "batch", "migration_time"}},
      {"golang-migrate", {"version", "dirty"}},
      {"alembic", {"version_num"}},
  };
  return known;
}

bool is_named(const std::vector<FoundTable>& all, const FoundTable& beside, std::string_view name) {
  return std::any_of(all.begin(), all.end(), [&](const FoundTable& table) {
    return table.schema == beside.schema && table.name == name;
  });
}

std::string folder_of(std::string_view path, size_t levels = 1) {
  size_t end = path.size();
  for (size_t i = 0; i < levels; ++i)
    end = end == 0 || end == std::string_view::npos ? 0 : path.rfind('/', end - 1);
  return end == std::string_view::npos ? "" : std::string(path.substr(0, end));
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool in_folder(std::string_view folder, std::string_view name) {
  return folder == name || folder.ends_with("/" + std::string(name));
}

struct FoundFolder {
  std::string tool, folder, file;
};

// The tool that names its files so and no other does; empty = several, or none.
FoundFolder folder_by(const std::string& path) {
  const std::string_view name = base_name(path);
  const std::string folder = folder_of(path);
  const bool numbered = !leading_digits(name).empty();
  if (name == "atlas.sum") return {"atlas", folder, path};
  if (name == "migration_lock.toml") return {"prisma", folder, path};
  if (name == "alembic.ini") return {"alembic", folder, path};
  if (name == "liquibase.properties" || name.starts_with("databasechangelog") ||
      name.find(".changelog.") != std::string_view::npos)
    return {"liquibase", folder, path};
  const auto flyway = read_flyway_name(path);
  if (flyway && path.find("__") != std::string::npos) return {"flyway", folder, path};
  if (numbered && (name.find(".up.") != std::string_view::npos)) return {"golang-migrate", folder, path};
  if (numbered && name.ends_with(".sql") && in_folder(folder, "supabase/migrations"))
    return {"supabase", folder, path};
  if (numbered && name.ends_with(".sql") && in_folder(folder, "db/migrations"))
    return {"dbmate", folder, path};
  const bool script = name.ends_with(".js") || name.ends_with(".cjs") || name.ends_with(".ts");
  if (numbered && script && in_folder(folder, "migrations")) return {"knex", folder, path};
  return {};
}

// One folder per tool: the one with the most of its files; the first of equals.
std::map<std::string, FoundFolder> find_folders(const std::vector<std::string>& paths) {
  std::map<std::string, std::map<std::string, int>> counts;
  std::map<std::string, FoundFolder> folders;
  for (const std::string& path : paths) {
    if (("/" + path).find("/node_modules/") != std::string::npos) continue;
    const FoundFolder found = folder_by(path);
    if (found.tool.empty()) continue;
    const int count = ++counts[found.tool][found.folder];
    const auto best = folders.find(found.tool);
    if (best == folders.end() || count > counts[found.tool][best->second.folder]) folders[found.tool] = found;
  }
  return folders;
}

// For a tool whose table is there and whose files look like those of others: where numbered .sql files are.
std::string plain_folder(const std::vector<std::string>& paths) {
  std::map<std::string, int> counts;
  std::string best;
  for (const std::string& path : paths) {
    if (leading_digits(base_name(path)).empty() || !path.ends_with(".sql")) continue;
    const std::string folder = folder_of(path);
    if (++counts[folder] > counts[best] || best.empty()) best = folder;
  }
  return best;
}

}  // namespace

std::string tool_of_table(const FoundTable& table, const std::vector<FoundTable>& all) {
  std::set<std::string> columns;
  for (const std::string& column : table.columns)
    columns.insert(to_lower_ascii(column));
  for (const TableShape& shape : shapes()) {
    const bool has_all =
        std::all_of(shape.columns.begin(), shape.columns.end(),
                    [&](std::string_view column) { return columns.contains(std::string(column)); });
    // What has few columns must have no others.
    if (has_all && (shape.columns.size() > 2 || columns.size() == shape.columns.size()))
      return std::string(shape.tool);
  }
  if (table.schema == "supabase_migrations" && table.name == "schema_migrations") return "supabase";
  const bool only_version = columns == std::set<std::string>{"version"};
  if (only_version && table.name == "schema_migrations" && !is_named(all, table, "ar_internal_metadata"))
    return "dbmate";
  return {};
}

std::vector<FoundHistory> detect_histories(const std::vector<std::string>& paths,
                                           const std::vector<FoundTable>& tables) {
  std::vector<FoundHistory> found;
  std::map<std::string, FoundFolder> folders = find_folders(paths);
  std::set<std::string> with_table;
  for (const FoundTable& table : tables) {
    FoundHistory history;
    history.tool = tool_of_table(table, tables);
    if (history.tool.empty()) continue;
    history.schema = table.schema;
    history.table = table.name;
    history.reason =
        fmt::format("the columns of {}{}{}", table.schema, table.schema.empty() ? "" : ".", table.name);
    const auto folder = folders.find(history.tool);
    history.folder = folder != folders.end() ? folder->second.folder : plain_folder(paths);
    with_table.insert(history.tool);
    found.push_back(std::move(history));
  }
  for (const auto& [tool, folder] : folders) {
    if (with_table.contains(tool)) continue;
    found.push_back({tool, folder.folder, "", "", "the file " + folder.file});
  }
  return found;
}

}  // namespace godwit::schema
