#include "schema/backup/restore.h"

#include "base/text.h"
#include "base/time.h"
#include "connect/postgres/endpoint.h"
#include "os/files.h"
#include "schema/backup/parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

namespace godwit::schema {

namespace {

Status check_name(const std::string& name) {
  static const std::regex plain("[A-Za-z_][A-Za-z0-9_$-]{0,62}");
  if (std::regex_match(name, plain)) return {};
  return make_error(ErrorKind::usage, "--into: '" + name + "' is not a plain name of a database",
                    "letters, digits, _ $ -, at most 63 of them");
}

std::string with_time(const std::string& name, std::string_view word, const Services& services) {
  std::string time = compact_utc(services.clock->now_us());
  std::replace(time.begin(), time.end(), '-', '_');
  const std::string suffix = fmt::format("_{}_{}", word, time);
  return name.substr(0, 63 - suffix.size()) + suffix;
}

Result<int64_t> others_in(Database& database) {
  ASSIGN_OR_RETURN(const auto rows,
                   database.rows("SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = "
                                 "pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid() AND "
                                 "backend_type = 'client backend'"));
  return std::stoll(rows.at(0).at(0).value_or("0"));
}

// Where the target can be renamed from: a session of another database.
Result<std::unique_ptr<Database>> beside(const Target& target, const Services& services) {
  StoreEndpoint endpoint = target.endpoint;
  endpoint.database = "postgres";
  auto database = open_database(endpoint, services.cancel);
  if (database.ok() || database.error().sqlstate != "3D000") return database;
  endpoint.database = "template1";
  return open_database(endpoint, services.cancel);
}

void tell_steps(RestorePlan& plan) {
  const bool sqlite = plan.manifest.kind == "sqlite";
  plan.steps = {
      fmt::format("check the SHA-256 of {}", plan.manifest.path),
      fmt::format("restore it into the new {} {}", sqlite ? "file" : "database", plan.into),
      fmt::format("compare {} table(s) and their rows with the manifest", plan.manifest.tables.size())};
  if (plan.kept_as.empty()) return;
  if (plan.others > 0) plan.steps.push_back(fmt::format("end {} session(s) of others", plan.others));
  plan.steps.push_back(
      fmt::format("rename {} to {}, and {} to {}", plan.database, plan.kept_as, plan.into, plan.database));
}

Status plan_postgres(const Target& target, const Services& services, const RestoreRequest& request,
                     RestorePlan& plan) {
  ASSIGN_OR_RETURN(const auto database, open_database(target.endpoint, services.cancel));
  plan.database = database->name();
  plan.into = request.into.empty() ? with_time(plan.database, "restore", services) : request.into;
  RETURN_IF_ERROR(check_name(plan.into));
  if (!request.swap) return {};
  plan.kept_as = with_time(plan.database, "before", services);
  ASSIGN_OR_RETURN(plan.others, others_in(*database));
  if (plan.others == 0 || request.force) return {};
  return make_error(ErrorKind::locked,
                    fmt::format("{} session(s) of others are connected to {}: it cannot be renamed",
                                plan.others, plan.database),
                    "stop them, or end them with --force");
}

Status swap_postgres(const Target& target, const Services& services, const RestoreRequest& request,
                     const RestorePlan& plan) {
  ASSIGN_OR_RETURN(const auto database, beside(target, services));
  if (request.force) {
    ASSIGN_OR_RETURN(
        const auto ended,
        database->rows("SELECT pg_catalog.pg_terminate_backend(pid, 5000) FROM "
                       "pg_catalog.pg_stat_activity WHERE datname = " +
                       quote_literal(plan.database) + " AND pid <> pg_catalog.pg_backend_pid()"));
    static_cast<void>(ended);  // who is still there makes the rename fail
  }
  // Both names change, or none.
  const Status renamed =
      database->run({"BEGIN",
                     fmt::format("ALTER DATABASE {} RENAME TO {}", quote_identifier(plan.database),
                                 quote_identifier(plan.kept_as)),
                     fmt::format("ALTER DATABASE {} RENAME TO {}", quote_identifier(plan.into),
                                 quote_identifier(plan.database)),
                     "COMMIT"});
  if (renamed.ok()) return {};
  return wrap(renamed.error(),
              fmt::format("the names were not exchanged: {} is as it was, the backup stands in {}",
                          plan.database, plan.into));
}

Status restore_postgres(const Target& target, const Services& services, const RestoreRequest& request,
                        const RestorePlan& plan) {
  ASSIGN_OR_RETURN(const Secret key, backup_key(target, services));
  StoreEndpoint into = target.endpoint;
  into.database = plan.into;
  const auto fill = [&]() -> Status {
    RETURN_IF_ERROR(fill_postgres(plan.manifest, into, target, services, key));
    ASSIGN_OR_RETURN(
        const auto session,
        connect::postgres::open_session(into, connect::postgres::read_only_options(into, services.cancel)));
    ASSIGN_OR_RETURN(const auto tables, count_tables(*session, false));
    const auto different = differences(tables, plan.manifest.tables);
    if (different.empty()) return {};
    return make_error(ErrorKind::failed,
                      "what was restored is not what the manifest says: " + join(different, "; "));
  };
  {
    ASSIGN_OR_RETURN(const auto database, beside(target, services));
    RETURN_IF_ERROR(
        database->run({fmt::format("CREATE DATABASE {} TEMPLATE template0", quote_identifier(plan.into))}));
  }
  const Status filled = fill();
  if (filled.ok()) return request.swap ? swap_postgres(target, services, request, plan) : Status();
  Services uncancelled = services;  // what was begun is cleared away in any case
  uncancelled.cancel = nullptr;
  auto again = beside(target, uncancelled);
  if (again.ok()) {
    // Whether it can be dropped changes nothing about why the restore failed.
    static_cast<void>(
        (*again)->run({"DROP DATABASE IF EXISTS " + quote_identifier(plan.into) + " WITH (FORCE)"}));
  }
  return filled;
}

Status restore_sqlite(const Target& target, const Services& services, const RestoreRequest& request,
                      const RestorePlan& plan) {
  ASSIGN_OR_RETURN(const Secret key, backup_key(target, services));
  Status filled = fill_sqlite(plan.manifest, plan.into, key);
  if (filled.ok()) {
    ASSIGN_OR_RETURN(const auto tables, count_sqlite_tables(plan.into));
    const auto different = differences(tables, plan.manifest.tables);
    if (!different.empty()) {
      filled = make_error(ErrorKind::failed,
                          "what was restored is not what the manifest says: " + join(different, "; "));
    }
  }
  if (!filled.ok()) {
    RETURN_IF_ERROR(os::remove_all(plan.into));
    return filled;
  }
  if (!request.swap) return {};
  if (os::exists(plan.database)) {
    for (const char* suffix : {"-wal", "-journal"}) {
      if (os::exists(plan.database + suffix))
        return make_error(ErrorKind::locked,
                          plan.database + " is in use: there is a " + suffix + " file beside it",
                          "stop what uses it");
    }
    RETURN_IF_ERROR(os::sync_and_rename(plan.database, plan.kept_as));
  }
  return os::sync_and_rename(plan.into, plan.database);
}

}  // namespace

Result<RestorePlan> plan_restore(const Target& target, const Services& services,
                                 const RestoreRequest& request) {
  RestorePlan plan;
  ASSIGN_OR_RETURN(plan.manifest, read_manifest(os::absolute_path(request.file)));
  if (plan.manifest.kind != target.endpoint.kind) {
    return make_error(ErrorKind::usage, fmt::format("the backup is of kind {}, the database of kind {}",
                                                    plan.manifest.kind, target.endpoint.kind));
  }
  if (target.endpoint.read_only)
    return make_error(ErrorKind::gate, fmt::format("environment {} is read-only", target.environment));
  RETURN_IF_ERROR(check_sha256(plan.manifest));
  if (target.endpoint.kind == "sqlite") {
    plan.database = target.endpoint.path;
    plan.into = request.into.empty() ? plan.database + ".restore-" + compact_utc(services.clock->now_us())
                                     : os::absolute_path(request.into);
    if (request.swap) plan.kept_as = plan.database + ".before-" + compact_utc(services.clock->now_us());
  } else {
    RETURN_IF_ERROR(plan_postgres(target, services, request, plan));
  }
  tell_steps(plan);
  return plan;
}

Status execute_restore(const Target& target, const Services& services, const RestoreRequest& request,
                       const RestorePlan& plan) {
  return plan.manifest.kind == "sqlite" ? restore_sqlite(target, services, request, plan)
                                        : restore_postgres(target, services, request, plan);
}

}  // namespace godwit::schema
