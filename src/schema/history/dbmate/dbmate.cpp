#include "schema/history/dbmate/dbmate.h"

#include "base/text.h"
#include "schema/history/lines.h"
#include "schema/history/table_history.h"
#include "schema/history/version_order.h"

#include <fmt/format.h>

namespace godwit::schema {

namespace {

// "-- migrate:up transaction:false" -> {"up", "transaction:false"}; empty for any other line. The comment
// begins its line.
std::vector<std::string_view> directive_of(std::string_view line) {
  if (!line.starts_with("--")) return {};
  line = trim(line.substr(2));
  if (!line.starts_with("migrate:")) return {};
  std::vector<std::string_view> words = words_of(line.substr(8));
  if (words.empty() || (words[0] != "up" && words[0] != "down")) return {};
  return words;
}

class DbmateHistory final : public TableHistory {
 public:
  explicit DbmateHistory(const HistoryOptions& options)
      : TableHistory(options, "dbmate", "public", "schema_migrations") {}

  bool reads(std::string_view path) const override {
    return path.find('/') == std::string_view::npos && path.ends_with(".sql") &&
           !leading_digits(path).empty();
  }
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
        "{}create table if not exists {} (version {} primary key);",
        postgres() ? fmt::format("create schema if not exists {};", quote_identifier(schema())) : "", name(),
        postgres() ? "varchar" : "varchar(128)");
  }
  std::string record_sql(const Migration& migration, const RecordContext& /*context*/,
                         const RecordedHistory& /*recorded*/) const override {
    return fmt::format("insert into {} (version) values ({});", name(), text(migration.revision));
  }
  std::string unrecord_sql(const Migration& migration, const RecordContext& /*context*/,
                           const RecordedHistory& /*recorded*/) const override {
    return fmt::format("delete from {} where version = {};", name(), text(migration.revision));
  }
  Result<std::vector<NewFile>> new_files(const MigrationFolder& /*folder*/, std::string_view timestamp,
                                         std::string_view title) const override {
    return std::vector<NewFile>{
        {fmt::format("{}_{}.sql", timestamp, slug(title)), "-- migrate:up\n\n\n-- migrate:down\n\n"}};
  }
};

Result<MigrationFolder> DbmateHistory::read_folder(const std::vector<MigrationFile>& files) const {
  MigrationFolder folder;
  for (const MigrationFile& file : files) {
    if (!reads(file.path)) {
      folder.ignored.push_back({file.path, "its name is not VERSION_name.sql"});
      continue;
    }
    Migration migration;
    migration.revision = leading_digits(file.path);
    std::string_view rest = std::string_view(file.path).substr(migration.revision.size());
    rest.remove_suffix(4);
    migration.name = rest.starts_with('_') ? rest.substr(1) : rest;
    migration.file = file.path;
    ASSIGN_OR_RETURN(Sections sections, read_dbmate_file(file));
    migration.up = std::move(sections.up);
    migration.down = std::move(sections.down);
    folder.migrations.push_back(std::move(migration));
  }
  return folder;  // by name, as the files are
}

}  // namespace

std::unique_ptr<History> make_dbmate_history(const HistoryOptions& options) {
  return std::make_unique<DbmateHistory>(options);
}

Result<Sections> read_dbmate_file(const MigrationFile& file) {
  Sections sections;
  Script* open = nullptr;
  int number = 0;
  for (const std::string_view line : lines_of(file.text)) {
    ++number;
    const std::vector<std::string_view> words = directive_of(line);
    if (words.empty()) {
      if (open != nullptr) {
        open->sql += line;
      } else if (!is_blank_or_comment(line)) {
        return error_at(file, number, "SQL before the first -- migrate:up", "put that line above it");
      }
      continue;
    }
    if (open == nullptr && words[0] == "down")
      return error_at(file, number, "-- migrate:down before -- migrate:up", "dbmate wants up first");
    open = words[0] == "up" ? &sections.up : &sections.down;
    if (open->kind == Script::Kind::none) {
      open->kind = Script::Kind::sql;
      open->file = file.path;
      open->first_line = number + 1;
    }
    for (size_t i = 1; i < words.size(); ++i) {
      if (words[i] == "transaction:false") open->transaction = TransactionMode::never;
    }
  }
  if (open == nullptr) return error_at(file, 1, "no -- migrate:up", "dbmate wants both, up and down");
  if (sections.down.kind == Script::Kind::none)
    return error_at(file, 1, "no -- migrate:down", "dbmate wants both, up and down");
  return sections;
}

}  // namespace godwit::schema
