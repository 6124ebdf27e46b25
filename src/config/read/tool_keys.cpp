// Keys of `migrations:` that only some tools have a use for.
#include "base/text.h"
#include "config/read/fields.h"
#include "config/read/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace godwit::config {

namespace {

struct ToolKey {
  std::string_view key;
  std::vector<std::string> tools;
};

const std::vector<ToolKey>& tool_keys() {
  static const std::vector<ToolKey> keys = {
      {"command", {"alembic", "knex"}},
      {"variables", {"alembic", "knex"}},
      {"url_variable", {"alembic", "knex"}},
      {"ini", {"alembic"}},
      {"ini_section", {"alembic"}},
      {"bodies", {"alembic"}},
      {"knexfile", {"knex"}},
      {"knex_environment", {"knex"}},
      {"load_extensions", {"knex"}},
      {"placeholders", {"flyway", "goose", "liquibase"}},
      {"encoding", {"flyway"}},
      {"sql_migration_prefix", {"flyway"}},
      {"undo_sql_migration_prefix", {"flyway"}},
      {"repeatable_sql_migration_prefix", {"flyway"}},
      {"sql_migration_separator", {"flyway"}},
      {"sql_migration_suffixes", {"flyway"}},
      {"path_prefix", {"liquibase"}},
      {"project", {"devflow"}},
  };
  return keys;
}

}  // namespace

void check_tool_keys(const Node& migrations, const std::string& database, Problems& problems) {
  const Fields fields(migrations);
  const std::string format = fields.text("format", "sql");
  for (const ToolKey& known : tool_keys()) {
    if (!fields.has(known.key) ||
        std::find(known.tools.begin(), known.tools.end(), format) != known.tools.end())
      continue;
    problems.add(fields.key_where(known.key),
                 fmt::format("databases.{}.migrations: key '{}' says nothing for {}, only for {}", database,
                             known.key, format, join(known.tools, ", ")));
  }
}

}  // namespace godwit::config
