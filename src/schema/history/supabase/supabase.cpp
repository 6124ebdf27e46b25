#include "schema/history/supabase/supabase.h"

#include "base/text.h"
#include "schema/history/sections.h"
#include "schema/history/table_history.h"
#include "schema/history/version_order.h"
#include "sql/script.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

// The first version of the CLI wrote a dump of the remote database under this name; it is never applied.
constexpr std::string_view first_tracked_version = "20211209000000";

bool is_migration(std::string_view path) {
  const std::string_view digits = leading_digits(path);
  return path.find('/') == std::string_view::npos && path.ends_with(".sql") && !digits.empty() &&
         path[digits.size()] == '_';
}

bool is_old_dump(std::string_view path) {
  const std::string_view version = leading_digits(path);
  return version.size() == 14 && path.substr(14) == "_init.sql" && version < first_tracked_version;
}

// The semicolons of a text of blanks, comments and semicolons.
void find_semicolons(std::string_view script, size_t begin, size_t end, std::vector<size_t>& found) {
  int depth = 0;  // of /* */, which nest
  for (size_t i = begin; i < end; ++i) {
    const std::string_view two = script.substr(i, 2);
    if (two == "/*" || two == "*/") {
      depth += two == "/*" ? 1 : -1;
      ++i;
    } else if (depth == 0 && two == "--") {
      i = std::min(script.find('\n', i), end);
    } else if (depth == 0 && script[i] == ';') {
      found.push_back(i);
    }
  }
}

class SupabaseHistory final : public TableHistory {
 public:
  explicit SupabaseHistory(const HistoryOptions& options)
      : TableHistory(options, "supabase", "supabase_migrations", "schema_migrations") {}

  bool reads(std::string_view path) const override { return is_migration(path); }
  Result<MigrationFolder> read_folder(const std::vector<MigrationFile>& files) const override;
  std::string select_sql() const override {
    return fmt::format("SELECT version FROM {} ORDER BY version", name());
  }
  Result<RecordedHistory> from_rows(const std::vector<Row>& rows) const override {
    RecordedHistory recorded;
    recorded.exists = true;
    for (const Row& row : rows) {
      recorded.applied.emplace_back();
      recorded.applied.back().revision = row[0].value_or("");
    }
    return recorded;
  }
  std::string create_sql() const override {
    return fmt::format(
        "CREATE SCHEMA IF NOT EXISTS {0};"
        "CREATE TABLE IF NOT EXISTS {1} (version text NOT NULL PRIMARY KEY);"
        "ALTER TABLE {1} ADD COLUMN IF NOT EXISTS statements text[];"
        "ALTER TABLE {1} ADD COLUMN IF NOT EXISTS name text;",
        quote_identifier(schema()), name());
  }
  std::string record_sql(const Migration& migration, const RecordContext& context,
                         const RecordedHistory& recorded) const override;
  std::string unrecord_sql(const Migration& migration, const RecordContext& /*context*/,
                           const RecordedHistory& /*recorded*/) const override {
    return fmt::format("DELETE FROM {} WHERE version = {};", name(), text(migration.revision));
  }
  Result<std::vector<NewFile>> new_files(const MigrationFolder& /*folder*/, std::string_view timestamp,
                                         std::string_view title) const override {
    return std::vector<NewFile>{{fmt::format("{}_{}.sql", timestamp, slug(title)), ""}};
  }
};

Result<MigrationFolder> SupabaseHistory::read_folder(const std::vector<MigrationFile>& files) const {
  MigrationFolder folder;
  for (const MigrationFile& file : files) {
    if (!is_migration(file.path)) {
      folder.ignored.push_back({file.path, "its name is not VERSION_name.sql"});
      continue;
    }
    if (folder.migrations.empty() && is_old_dump(file.path)) {
      folder.ignored.push_back(
          {file.path, "a dump that an old version of the CLI wrote: it was never applied"});
      continue;
    }
    Migration migration;
    migration.revision = leading_digits(file.path);
    const size_t begin = migration.revision.size() + 1;
    migration.name = file.path.substr(begin, file.path.size() - 4 - begin);
    migration.file = file.path;
    migration.up.kind = Script::Kind::sql;
    migration.up.file = file.path;
    migration.up.sql = file.text;
    folder.migrations.push_back(std::move(migration));
  }
  return folder;  // in the order of their names, as the CLI applies them
}

std::string SupabaseHistory::record_sql(const Migration& migration, const RecordContext& /*context*/,
                                        const RecordedHistory& /*recorded*/) const {
  std::vector<std::string> statements = stored_statements(migration.up.sql);
  for (std::string& statement : statements)
    statement = text(statement);
  return fmt::format("INSERT INTO {}(version, name, statements) VALUES({}, {}, ARRAY[{}]::text[]);", name(),
                     text(migration.revision), text(migration.name), join(statements, ","));
}

}  // namespace

std::unique_ptr<History> make_supabase_history(const HistoryOptions& options) {
  return std::make_unique<SupabaseHistory>(options);
}

std::vector<std::string> stored_statements(std::string_view script) {
  std::vector<size_t> cuts;
  const auto parsed = sql::split(script, sql::Dialect::postgres);
  if (parsed.ok()) {
    size_t end = 0;
    for (const sql::Statement& statement : *parsed) {
      find_semicolons(script, end, statement.offset, cuts);
      end = statement.offset + statement.text.size();
    }
    find_semicolons(script, end, script.size(), cuts);
  }
  cuts.push_back(script.size());
  std::vector<std::string> statements;
  size_t begin = 0;
  for (const size_t cut : cuts) {
    const std::string_view statement = trim(script.substr(begin, cut - begin));
    if (!statement.empty()) statements.emplace_back(statement);
    begin = cut + 1;
  }
  return statements;
}

}  // namespace godwit::schema
