#include "schema/history/alembic/alembic.h"

#include "base/text.h"
#include "schema/history/alembic/files/new_revision.h"
#include "schema/history/alembic/files/revision_file.h"
#include "schema/history/alembic/graph/graph.h"
#include "schema/history/alembic/graph/paths.h"
#include "schema/history/alembic/listing.h"
#include "schema/history/alembic/rows.h"
#include "schema/history/sql_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

using alembic::Graph;
using alembic::Revision;
using Names = std::vector<std::string>;

constexpr std::string_view default_table = "alembic_version";
constexpr std::string_view default_file_template = "%(rev)s_%(slug)s";
constexpr int default_slug_length_max = 40;

// The graph that read_folder left with its migrations; one of no revisions for a folder of none.
const Graph& graph_of(const FolderIndex* index) {
  static const auto empty = Graph::build({});
  const auto* graph = dynamic_cast<const Graph*>(index);
  return graph != nullptr ? *graph : **empty;
}

const Graph& graph_of(const MigrationFolder& folder) {
  return graph_of(folder.migrations.empty() ? nullptr : folder.migrations.front().index.get());
}

Names rows_of(const RecordedHistory& recorded) {
  Names rows;
  for (const AppliedMigration& applied : recorded.applied)
    rows.push_back(applied.revision);
  return rows;
}

Names ids_of(const Graph& graph, const std::vector<Graph::Node>& nodes) {
  Names ids;
  for (const Graph::Node node : nodes)
    ids.push_back(graph.id(node));
  return ids;
}

Script script_of(const Revision& revision, bool exists) {
  Script script;
  script.kind = exists ? Script::Kind::delegated : Script::Kind::none;
  script.file = exists ? revision.file : "";
  return script;
}

// As os.walk goes through a folder: its files first, then the folders below it.
bool walked_before(std::string_view left, std::string_view right) {
  size_t same = 0;
  for (size_t i = 0; i < left.size() && i < right.size() && left[i] == right[i]; ++i) {
    if (left[i] == '/') same = i + 1;
  }
  left.remove_prefix(same);
  right.remove_prefix(same);
  const bool left_deeper = left.find('/') != std::string_view::npos;
  const bool right_deeper = right.find('/') != std::string_view::npos;
  return left_deeper == right_deeper ? left < right : right_deeper;
}

std::string folder_of(std::string_view path) {
  const size_t end = path.rfind('/');
  return end == std::string_view::npos ? std::string() : std::string(path.substr(0, end));
}

Migration migration_of(const Revision& revision) {
  Migration migration;
  migration.revision = revision.id;
  migration.name = alembic::short_doc(revision);
  migration.file = revision.file;
  migration.up = script_of(revision, revision.has_upgrade);
  migration.down = script_of(revision, revision.has_downgrade);
  migration.parents = revision.parents;
  migration.depends_on = revision.depends_on;
  migration.labels = revision.labels;
  return migration;
}

class AlembicHistory final : public History {
 public:
  explicit AlembicHistory(const HistoryOptions& options)
      : dialect_(options.dialect),
        schema_(options.schema),
        table_(options.table.empty() ? std::string(default_table) : options.table),
        file_template_(options.file_template.empty() ? std::string(default_file_template)
                                                     : options.file_template),
        folders_(options.folders.empty() ? Names{""} : options.folders),
        recursive_(options.recursive),
        slug_length_max_(options.slug_length_max > 0 ? options.slug_length_max : default_slug_length_max) {}

  std::string_view tool() const override { return "alembic"; }
  std::string table() const override { return schema_.empty() ? table_ : schema_ + "." + table_; }
  Names folders() const override { return folders_; }
  bool reads(std::string_view path) const override {
    return place_of(path) < folders_.size() && alembic::is_revision_file(path.substr(path.rfind('/') + 1));
  }

  Result<MigrationFolder> read_folder(const std::vector<MigrationFile>& files) const override;

  std::string select_sql() const override { return fmt::format("SELECT version_num FROM {}", name()); }
  Result<RecordedHistory> from_rows(const std::vector<Row>& rows) const override;
  std::string create_sql() const override;
  std::string record_sql(const Migration& migration, const RecordContext& /*context*/,
                         const RecordedHistory& recorded) const override {
    return alembic::to_sql(changes(migration, Direction::up, recorded), name(), table_, dialect_);
  }
  std::string unrecord_sql(const Migration& migration, const RecordContext& /*context*/,
                           const RecordedHistory& recorded) const override {
    return alembic::to_sql(changes(migration, Direction::down, recorded), name(), table_, dialect_);
  }
  RecordedHistory after(RecordedHistory recorded, const Migration& migration, Direction direction,
                        const RecordContext& context) const override;

  Result<Names> applied_revisions(const MigrationFolder& folder,
                                  const RecordedHistory& recorded) const override {
    const Graph& graph = graph_of(folder);
    ASSIGN_OR_RETURN(std::vector<Graph::Node> nodes, alembic::active(graph, rows_of(recorded)));
    std::reverse(nodes.begin(), nodes.end());
    return ids_of(graph, nodes);
  }
  std::optional<Result<Names>> upgrade_path(const MigrationFolder& folder, const RecordedHistory& recorded,
                                            std::string_view target) const override {
    const Graph& graph = graph_of(folder);
    const auto path = alembic::upgrade_path(graph, rows_of(recorded), target);
    if (!path) return Result<Names>(path.error());
    return Result<Names>(ids_of(graph, *path));
  }
  std::optional<Result<Names>> downgrade_path(const MigrationFolder& folder, const RecordedHistory& recorded,
                                              std::string_view target) const override {
    const Graph& graph = graph_of(folder);
    const auto path = alembic::downgrade_path(graph, rows_of(recorded), target);
    if (!path) return Result<Names>(path.error());
    return Result<Names>(ids_of(graph, *path));
  }

  std::optional<Result<Names>> listing(const MigrationFolder& folder, const RecordedHistory& recorded,
                                       Listing what, bool verbose) const override {
    return alembic::listing(graph_of(folder), rows_of(recorded), what, verbose);
  }

  Result<std::vector<NewFile>> new_files(const MigrationFolder& folder, std::string_view timestamp,
                                         std::string_view title) const override;
  Result<std::vector<NewFile>> merge_files(const MigrationFolder& folder, std::string_view timestamp,
                                           std::string_view title) const override;

 private:
  Result<std::vector<NewFile>> file_on(const Graph& graph, const Names& parents, std::string_view timestamp,
                                       std::string_view title) const;
  // Which of the folders holds the file, in their order; their number when none does.
  size_t place_of(std::string_view path) const {
    const std::string folder = folder_of(path);
    const auto holds = [&](const std::string& one) {
      return folder == one || (recursive_ && (one.empty() || folder.starts_with(one + "/")));
    };
    return static_cast<size_t>(std::find_if(folders_.begin(), folders_.end(), holds) - folders_.begin());
  }

  // Alembic itself does not quote its own name, and SQLite keeps the text of CREATE TABLE.
  std::string name() const {
    const std::string table = table_ == default_table ? table_ : quote_identifier(table_);
    return schema_.empty() ? table : quote_identifier(schema_) + "." + table;
  }

  static std::vector<alembic::RowChange> changes(const Migration& migration, Direction direction,
                                                 const RecordedHistory& recorded) {
    const Graph& graph = graph_of(migration.index.get());
    const auto node = graph.find(migration.revision);
    CHECK(node);  // a migration of read_folder
    return alembic::row_changes(graph, rows_of(recorded), *node, direction);
  }

  sql::Dialect dialect_;
  std::string schema_, table_, file_template_;
  Names folders_;
  bool recursive_;
  int slug_length_max_;
};

Result<MigrationFolder> AlembicHistory::read_folder(const std::vector<MigrationFile>& files) const {
  MigrationFolder folder;
  std::vector<Revision> revisions;
  for (const MigrationFile& file : files) {
    if (!reads(file.path)) {
      folder.ignored.push_back({file.path, place_of(file.path) < folders_.size()
                                               ? "its name is not that of a revision (*.py)"
                                               : "it lies in a folder below that of the revisions"});
      continue;
    }
    ASSIGN_OR_RETURN(Revision revision, alembic::read_revision_file(file));
    revisions.push_back(std::move(revision));
  }
  // Alembic loads them folder by folder, and branches come in the order in which they were loaded.
  std::stable_sort(revisions.begin(), revisions.end(), [&](const Revision& left, const Revision& right) {
    const size_t first = place_of(left.file), second = place_of(right.file);
    return first != second ? first < second : walked_before(left.file, right.file);
  });
  ASSIGN_OR_RETURN(const std::shared_ptr<const Graph> graph, Graph::build(revisions));
  std::vector<Graph::Node> order = graph->newest_first(graph->everything(), graph->effective_heads());
  std::reverse(order.begin(), order.end());
  for (const Graph::Node node : order)
    folder.migrations.push_back(migration_of((*graph)[node].written));
  // Of a revision that several files claim the graph has one: the others are told beside it.
  for (const Revision& revision : revisions) {
    const bool in_graph = (*graph)[*graph->find(revision.id)].written.file == revision.file;
    if (!in_graph) folder.migrations.push_back(migration_of(revision));
  }
  for (Migration& migration : folder.migrations)
    migration.index = graph;
  return folder;
}

Result<RecordedHistory> AlembicHistory::from_rows(const std::vector<Row>& rows) const {
  RecordedHistory recorded;
  recorded.exists = true;
  for (const Row& row : rows) {
    AppliedMigration applied;
    applied.revision = row.empty() ? "" : row.front().value_or("");
    recorded.applied.push_back(std::move(applied));
  }
  return recorded;
}

std::string AlembicHistory::create_sql() const {
  const std::string key = table_ + "_pkc";
  return fmt::format(
      "CREATE TABLE IF NOT EXISTS {} (\n\tversion_num VARCHAR(32) NOT NULL, \n\tCONSTRAINT {} PRIMARY KEY "
      "(version_num)\n);",
      name(), table_ == default_table ? key : quote_identifier(key));
}

RecordedHistory AlembicHistory::after(RecordedHistory recorded, const Migration& migration,
                                      Direction direction, const RecordContext& /*context*/) const {
  const Names rows = alembic::changed(rows_of(recorded), changes(migration, direction, recorded));
  recorded.exists = true;
  recorded.applied.clear();
  for (const std::string& row : rows) {
    AppliedMigration applied;
    applied.revision = row;
    recorded.applied.push_back(std::move(applied));
  }
  return recorded;
}

Result<std::vector<History::NewFile>> AlembicHistory::new_files(const MigrationFolder& folder,
                                                                std::string_view timestamp,
                                                                std::string_view title) const {
  const Graph& graph = graph_of(folder);
  const Names heads = ids_of(graph, graph.heads());
  if (heads.size() > 1) {
    return make_error(
        ErrorKind::plan_refused,
        "Multiple heads are present; please specify the head revision on which the new "
        "revision should be based, or perform a merge.",
        "the heads are: " + join(heads, ", ") + "; join them with: godwit db new --merge TITLE");
  }
  return file_on(graph, heads, timestamp, title);
}

Result<std::vector<History::NewFile>> AlembicHistory::merge_files(const MigrationFolder& folder,
                                                                  std::string_view timestamp,
                                                                  std::string_view title) const {
  const Graph& graph = graph_of(folder);
  const Names heads = ids_of(graph, graph.heads());
  if (heads.size() < 2)
    return make_error(ErrorKind::usage, "there is one head: nothing is to be joined",
                      "run it without --merge");
  return file_on(graph, heads, timestamp, title);
}

Result<std::vector<History::NewFile>> AlembicHistory::file_on(const Graph& graph, const Names& parents,
                                                              std::string_view timestamp,
                                                              std::string_view title) const {
  alembic::NewRevision revision;
  revision.timestamp = timestamp;
  revision.title = title;
  revision.parents = parents;
  revision.id = alembic::new_id(timestamp, title, parents);
  ASSIGN_OR_RETURN(const std::string path, alembic::file_name(revision, file_template_, slug_length_max_));
  // Beside the first of the heads, as Alembic has it.
  const bool several = folders_.size() > 1;
  if (several && parents.empty()) {
    return make_error(ErrorKind::plan_refused,
                      "Multiple version locations present, please specify --version-path",
                      "begin with: alembic revision --version-path FOLDER");
  }
  const size_t place = several ? place_of(graph[*graph.find(parents.front())].written.file) : 0;
  const std::string prefix = folders_[place].empty() ? "" : folders_[place] + "/";
  return std::vector<NewFile>{{prefix + path, alembic::file_text(revision)}};
}

}  // namespace

std::unique_ptr<History> make_alembic_history(const HistoryOptions& options) {
  return std::make_unique<AlembicHistory>(options);
}

}  // namespace godwit::schema
