// A SQLite file, looked at from inside this process.
#include "os/files.h"
#include "schema/health/checks.h"

#include <fmt/format.h>

namespace godwit::schema {

namespace {

// The first complaint says enough; what it quotes are names of tables and pages.
Result<Found> sound(Database& database) {
  ASSIGN_OR_RETURN(const auto rows, database.rows("PRAGMA quick_check(1)"));
  const std::string said = rows.empty() ? "" : rows[0][0].value_or("");
  return Found{said == "ok", "quick_check: " + said, said, "ok"};
}

Result<Found> durable_journal(Database& database) {
  ASSIGN_OR_RETURN(const auto rows, database.rows("PRAGMA journal_mode"));
  const std::string mode = rows.empty() ? "" : rows[0][0].value_or("");
  return Found{mode != "off" && mode != "memory", "journal_mode is " + mode, mode, "not off, not memory"};
}

}  // namespace

void look_at_sqlite(const Target& target, const Services& services, const History& history, CheckList& checks,
                    Status& reached) {
  const std::string& path = target.endpoint.path;
  std::unique_ptr<Database> database;
  const bool there = os::exists(path);
  checks.make("connect", [&](const CheckLimits&) -> Result<Found> {
    if (!there) {
      const std::string folder = os::parent_folder(path);
      return Found{os::exists(folder),
                   fmt::format("there is no file {} yet{}", path,
                               os::exists(folder) ? ": the first migration makes it" : ", nor its folder"),
                   "", ""};
    }
    auto opened = open_database(target.endpoint, services.cancel);
    if (!opened.ok()) {
      reached = opened.error();
      return opened.error();
    }
    database = std::move(opened).value();
    return Found{true, "Database connection successful", database->server_version(), ""};
  });
  const std::string reason = there ? "no connection" : "there is no file yet";
  if (database == nullptr) {
    for (const char* name : {"integrity", "journal", "history"})
      checks.skip(name, reason);
  } else {
    checks.make("integrity", [&](const CheckLimits&) { return sound(*database); });
    checks.make("journal", [&](const CheckLimits&) { return durable_journal(*database); });
  }
  checks.make("disk_space", [&](const CheckLimits& limits) -> Result<Found> {
    if (target.gates.backup == "none")
      return Found{std::nullopt, "this environment takes no backups", "", ""};
    const auto bytes = there ? os::file_size(path) : Result<int64_t>(0);
    if (!bytes.ok()) return bytes.error();
    return enough_disk(target.backup_directory, *bytes, limits.limit);
  });
  if (database == nullptr) return;
  checks.make("history",
              [&](const CheckLimits&) { return history_in_order(overview_of(*database, history, target)); });
}

}  // namespace godwit::schema
