#include "config/devflow.h"
#include "config/read/fields.h"
#include "os/files.h"

#include <fmt/format.h>

namespace godwit {

namespace {

using config::Entry;
using config::Fields;
using config::Node;
using config::Problems;

constexpr std::string_view default_directory = "migrations", default_schema = "public",
                           default_table = "schema_migrations", secrets_folder = "/run/secrets/";
const std::string database_name = "app";

// Text, or nothing where there is none; another kind of value is a problem.
std::string text(const Fields& fields, std::string_view key, std::string_view name, Problems& problems,
                 std::string_view fallback = {}) {
  const Node* node = fields.child(key);
  if (node == nullptr || node->kind == Node::Kind::null) return std::string(fallback);
  if (node->kind == Node::Kind::scalar) return node->text;
  problems.add(node->where,
               fmt::format("{}.{}: expected text, found {}", name, key, config::describe(*node)));
  return {};
}

bool yes(const Fields& fields, std::string_view key, std::string_view name, Problems& problems) {
  const Node* node = fields.child(key);
  if (node == nullptr || node->kind == Node::Kind::null) return false;
  if (!config::is_yaml_boolean(*node))
    problems.add(node->where,
                 fmt::format("{}.{}: expected true or false, found {}", name, key, config::describe(*node)));
  return fields.boolean(key, false);
}

// devflow takes prisma and alembic for names of its own executor, which runs neither.
void read_format(const Fields& fields, MigrationsSettings& migrations, Problems& problems) {
  const std::string name = "database.migrations";
  const std::string format = text(fields, "format", name, problems, "sql");
  migrations.tool = "devflow";
  if (format == "supabase" || yes(fields, "use_supabase_cli", name, problems)) {
    migrations.tool = "supabase";  // whose table is its own, whatever the file says
    return;
  }
  if (format != "sql")
    problems.add(fields.where("format"),
                 fmt::format("{}.format: devflow itself has no executor for '{}': sql and supabase are read; "
                             "for another history: godwit db adopt --tool NAME",
                             name, format));
  const std::string schema = text(fields, "tracking_schema", name, problems);
  const std::string table = text(fields, "tracking_table", name, problems);
  if (schema != default_schema) migrations.schema = schema;
  if (table != default_table) migrations.table = table;
}

void read_environment(const Entry& entry, DatabaseSettings& database, Problems& problems) {
  StoreEnvironmentSettings& address = database.store.environments[entry.key];
  GateSettings& gates = database.gates[entry.key];
  address.where = gates.where = entry.where;
  if (entry.value->kind != Node::Kind::mapping) return;
  const Fields fields(*entry.value);
  const std::string name = "database.environments." + entry.key;
  const std::string variable = text(fields, "url_env", name, problems);
  const std::string secret = text(fields, "url_secret", name, problems);
  if (!variable.empty()) {
    address.url = {fmt::format("${{env:{}}}", variable), fields.where("url_env")};
  } else if (!secret.empty()) {
    address.url = {fmt::format("${{file:{}{}}}", secrets_folder, secret), fields.where("url_secret")};
  }
  gates.require_approval = yes(fields, "require_approval", name, problems);
}

}  // namespace

bool is_devflow_file(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name.starts_with("devflow.") && (name.ends_with(".yml") || name.ends_with(".yaml"));
}

Result<Settings> parse_devflow(std::string_view yaml, const std::string& file) {
  Problems problems;
  const config::NodePointer root = config::parse_yaml(yaml, file, problems);
  if (root == nullptr) return problems.error();
  Settings settings;
  settings.file = os::absolute_path(file);
  settings.folder = os::parent_folder(settings.file);
  settings.ledger = {".godwit/ledger.db", root->where};
  const Fields fields(*root);
  if (const Node* project = fields.child("project"))
    settings.project = text(Fields(*project), "name", "project", problems);
  if (settings.project.empty()) problems.add(root->where, "project: key 'name' is missing");
  if (const Node* node = fields.child("database")) {
    const Fields own(*node);
    DatabaseSettings& database = settings.databases[database_name];
    database.where = database.store.where = database.migrations.where = node->where;
    database.store.name = database_name;
    database.store.kind = "postgres";
    database.migrations.directory = default_directory;
    if (const Node* migrations = own.child("migrations")) {
      const Fields keys(*migrations);
      database.migrations.where = migrations->where;
      database.migrations.directory =
          text(keys, "directory", "database.migrations", problems, default_directory);
      read_format(keys, database.migrations, problems);
    } else {
      database.migrations.tool = "devflow";
    }
    for (const Entry& entry : own.entries("environments"))
      read_environment(entry, database, problems);
  }
  if (!problems.empty()) return problems.error();
  return settings;
}

}  // namespace godwit
