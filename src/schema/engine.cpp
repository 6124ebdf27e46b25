#include "schema/engine.h"

#include "os/files.h"
#include "schema/database/database.h"
#include "schema/folder.h"
#include "schema/health/health.h"
#include "schema/program/alembic_tool.h"
#include "schema/program/printed.h"
#include "schema/rehearse/rehearsal.h"
#include "schema/run/migration_run.h"
#include "schema/run/repair.h"

#include <fmt/format.h>

namespace godwit::schema {

namespace {

void count_checksums(const History& history, Overview& overview) {
  for (const AppliedMigration& applied : overview.state.recorded.applied) {
    const auto place = overview.state.find(applied.revision);
    if (!place) continue;  // a finding of its own
    Migration migration = overview.state.folder.migrations[*place];
    migration.always = false;  // what is applied again every time may still be what it was
    const auto same = history.checksum_matches(applied, migration);
    ++(!same ? overview.unchecked : *same ? overview.checksums_match : overview.checksums_differ);
  }
}

}  // namespace

Result<Overview> overview_of(Database& database, const History& history, const Target& target) {
  return overview_of(database, history, target,
                     read_migrations(history, target.directory, database.dialect()));
}

Result<Overview> overview_of(Database& database, const History& history, const Target& target,
                             Result<MigrationFolder> folder) {
  if (!folder.ok()) return folder.error();
  Overview overview;
  overview.tool = history.tool();
  overview.table = history.table();
  overview.server = database.server_version();
  overview.state = State(std::move(*folder));
  RETURN_IF_ERROR(read_recorded(database, history, marks_of(database, history), overview.state));
  ASSIGN_OR_RETURN(overview.plan, plan_upgrade(history, overview.state, target.migrations, "heads"));
  count_checksums(history, overview);
  // The hash is over SQL, which only the tool can print, and looking at the state does not start it.
  if (prints_bodies(target) && !overview.plan.steps.empty()) overview.plan.hash.clear();
  return overview;
}

Engine::Engine(Target target, Services services)
    : target_(std::move(target)), services_(std::move(services)) {}
Engine::~Engine() = default;

namespace {

HistoryOptions options_of(const Target& target) {
  HistoryOptions options;
  options.tool = target.migrations.tool;
  options.dialect = dialect_of(target.endpoint);
  options.schema = target.migrations.schema;
  options.table = target.migrations.table;
  options.placeholders = target.placeholders;
  options.project = target.project_name;
  if (!target.migrations.encoding.empty()) options.encoding = target.migrations.encoding;
  options.names = target.names;
  options.path_prefix = target.migrations.path_prefix;
  options.extensions = target.programs.load_extensions;
  options.folders = target.revision_folders;
  options.recursive = target.revisions_below;
  return options;
}

}  // namespace

Result<std::unique_ptr<History>> history_of(const Target& target) {
  auto history = make_history(options_of(target));
  if (history.ok()) return history;
  Error error = history.error();
  error.where = target.migrations.where;
  return error;
}

Status Engine::open_history() {
  if (history_ != nullptr) return {};
  ASSIGN_OR_RETURN(history_, history_of(target_));
  return {};
}

Result<Overview> Engine::overview() {
  RETURN_IF_ERROR(open_history());
  auto files = read_migrations_beside(*history_, target_.directory, dialect_of(target_.endpoint));
  ASSIGN_OR_RETURN(const auto database, open_database(target_.endpoint, services_.cancel));
  return overview_of(*database, *history_, target_, files.get());
}

Status Engine::health(SchemaHealth& health) {
  RETURN_IF_ERROR(open_history());
  Status reached;
  health = look_at_health(target_, services_, *history_, reached);
  RETURN_IF_ERROR(reached);
  if (health.success()) return {};
  return make_error(ErrorKind::findings, "the database is not healthy: " + failed_checks(health));
}

Result<Drift> Engine::drift() {
  RETURN_IF_ERROR(open_history());
  ASSIGN_OR_RETURN(const auto database, open_database(target_.endpoint, services_.cancel));
  return find_drift(*database, *history_);
}

Result<Rehearsal> Engine::rehearse(const RehearsalOptions& options) {
  RETURN_IF_ERROR(open_history());
  return schema::rehearse(target_, services_, *history_, options);
}

Status Engine::migrate(const MigrateOptions& options, SchemaRunReport& report) {
  report.operation = options.direction == Direction::up ? "upgrade" : "downgrade";
  report.database = target_.database;
  report.environment = target_.environment;
  report.started_us = services_.clock->now_us();
  RETURN_IF_ERROR(open_history());
  return MigrationRun(target_, services_, *history_, options, report).execute();
}

Result<std::string> Engine::repair(const std::string& kind, const std::string& revision) {
  RETURN_IF_ERROR(open_history());
  return repair_history(target_, services_, *history_, kind, revision);
}

Result<std::vector<std::string>> Engine::write_new(const std::string& title, bool merge) {
  HistoryOptions options = options_of(target_);
  RETURN_IF_ERROR(take_file_names(target_, options));
  ASSIGN_OR_RETURN(history_, make_history(options));
  RETURN_IF_ERROR(os::make_folder(target_.directory));
  ASSIGN_OR_RETURN(const MigrationFolder folder,
                   read_migrations(*history_, target_.directory, dialect_of(target_.endpoint)));
  std::string timestamp = compact_utc(services_.clock->now_us());
  std::erase(timestamp, '-');
  ASSIGN_OR_RETURN(const auto files, merge ? history_->merge_files(folder, timestamp, title)
                                           : history_->new_files(folder, timestamp, title));
  std::vector<std::string> paths;
  for (const History::NewFile& file : files) {
    const std::string path = target_.directory + "/" + file.path;
    if (os::exists(path)) return make_error(ErrorKind::io, path + " is there already", "choose another name");
    RETURN_IF_ERROR(os::make_folder(os::parent_folder(path)));
    RETURN_IF_ERROR(os::write_file(path, file.text, os::FileReaders::everybody));
    paths.push_back(path);
  }
  return paths;
}

}  // namespace godwit::schema
