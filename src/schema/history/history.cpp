#include "schema/history/history.h"

#include "base/text.h"
#include "schema/history/alembic/alembic.h"
#include "schema/history/atlas/atlas.h"
#include "schema/history/dbmate/dbmate.h"
#include "schema/history/devflow/devflow.h"
#include "schema/history/flyway/flyway.h"
#include "schema/history/golang_migrate/golang_migrate.h"
#include "schema/history/goose/goose.h"
#include "schema/history/knex/knex.h"
#include "schema/history/liquibase/liquibase.h"
#include "schema/history/own.h"
#include "schema/history/prisma/prisma.h"
#include "schema/history/supabase/supabase.h"

#include <algorithm>

namespace godwit::schema {

namespace {

struct Tool {
  std::string_view name;
  std::unique_ptr<History> (*make)(const HistoryOptions&);
  bool sqlite = true;  // besides PostgreSQL
};

constexpr Tool tools[] = {
    {"godwit", make_own_history},
    {"golang-migrate", make_golang_migrate_history},
    {"goose", make_goose_history},
    {"dbmate", make_dbmate_history},
    {"supabase", make_supabase_history, false},
    {"knex", make_knex_history},
    {"devflow", make_devflow_history, false},
    {"prisma", make_prisma_history},
    {"flyway", make_flyway_history},
    {"liquibase", make_liquibase_history},
    {"atlas", make_atlas_history},
    {"alembic", make_alembic_history},
};

}  // namespace

std::string History::begin_sql(const Migration& /*migration*/, Direction /*direction*/,
                               const RecordContext& /*context*/) const {
  return {};
}

int64_t next_rank(const RecordedHistory& recorded) {
  return recorded.applied.empty() ? 1 : recorded.applied.back().rank + 1;
}

RecordedHistory History::after(RecordedHistory recorded, const Migration& migration, Direction direction,
                               const RecordContext& context) const {
  recorded.exists = true;
  std::erase_if(recorded.applied,
                [&](const AppliedMigration& applied) { return applied.revision == migration.revision; });
  if (direction == Direction::up) {
    recorded.applied.push_back({migration.revision,
                                migration.name,
                                migration.checksum,
                                {},
                                context.actor,
                                context.batch,
                                next_rank(recorded)});
  }
  return recorded;
}

Result<std::vector<History::NewFile>> History::merge_files(const MigrationFolder& /*folder*/,
                                                           std::string_view /*timestamp*/,
                                                           std::string_view /*title*/) const {
  return make_error(ErrorKind::usage,
                    "the history of " + std::string(tool()) + " has no branches: there is nothing to join",
                    "run it without --merge");
}

ForeignLock History::lock(std::string_view /*database*/) const {
  return {};
}

std::optional<bool> History::checksum_matches(const AppliedMigration& /*applied*/,
                                              const Migration& /*migration*/) const {
  return std::nullopt;
}

Result<std::vector<std::string>> History::applied_revisions(const MigrationFolder& /*folder*/,
                                                            const RecordedHistory& recorded) const {
  std::vector<std::string> revisions;
  for (const AppliedMigration& applied : recorded.applied)
    revisions.push_back(applied.revision);
  return revisions;
}

std::optional<Result<std::vector<std::string>>> History::upgrade_path(const MigrationFolder& /*folder*/,
                                                                      const RecordedHistory& /*recorded*/,
                                                                      std::string_view /*target*/) const {
  return std::nullopt;
}

std::optional<Result<std::vector<std::string>>> History::downgrade_path(const MigrationFolder& /*folder*/,
                                                                        const RecordedHistory& /*recorded*/,
                                                                        std::string_view /*target*/) const {
  return std::nullopt;
}

std::optional<Result<std::vector<std::string>>> History::listing(const MigrationFolder& /*folder*/,
                                                                 const RecordedHistory& /*recorded*/,
                                                                 Listing /*what*/, bool /*verbose*/) const {
  return std::nullopt;
}

const std::vector<std::string_view>& known_tools() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> found;
    for (const Tool& tool : tools)
      found.push_back(tool.name);
    return found;
  }();
  return names;
}

Result<std::unique_ptr<History>> make_history(const HistoryOptions& options) {
  for (const Tool& tool : tools) {
    if (tool.name != options.tool) continue;
    if (options.dialect == sql::Dialect::sqlite && !tool.sqlite)
      return make_error(ErrorKind::config, options.tool + " keeps no history in SQLite");
    return tool.make(options);
  }
  std::vector<std::string> names(known_tools().begin(), known_tools().end());
  return make_error(ErrorKind::config, "'" + options.tool + "' is no history that is known",
                    "known are: " + join(names, ", "));
}

}  // namespace godwit::schema
