#include "schema/health/checks.h"

#include "base/check.h"
#include "base/text.h"
#include "os/files.h"
#include "os/process.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

struct Definition {
  std::string_view name, title, severity;
  double limit;
};

// The names are part of the interface: docs/CLI_JSON.md, and the keys of databases.NAME.health.
constexpr Definition definitions[] = {
    {"connect", "Database Connection", "error", 0},
    {"tls", "TLS", "error", 0},
    {"credentials", "Credentials", "error", 0},
    {"server_version", "Server Version", "error", 13},
    {"recovery", "Recovery Mode", "error", 0},
    {"privileges", "Privileges", "error", 0},
    {"long_transactions", "Long Transactions", "warning", 300},
    {"locks", "Locks", "warning", 0},
    {"replication_lag", "Replication Lag", "warning", 30},
    {"connections", "Connection Headroom", "error", 3},
    {"integrity", "Integrity", "error", 0},
    {"journal", "Journal", "warning", 0},
    {"disk_space", "Disk Space", "error", 1},
    {"server_disk", "Server Disk", "warning", 1},
    {"history", "Migration History", "error", 0},
    {"extensions", "Extensions", "error", 0},
};

const Definition& definition(std::string_view name) {
  const auto* found = std::find_if(std::begin(definitions), std::end(definitions),
                                   [&](const Definition& one) { return one.name == name; });
  CHECK(found != std::end(definitions));
  return *found;
}

}  // namespace

CheckLimits CheckList::limits(std::string_view name) const {
  CheckLimits limits{settings_.timeout_ms, definition(name).limit};
  if (const auto own = settings_.checks.find(std::string(name)); own != settings_.checks.end()) {
    limits.timeout_ms = own->second.timeout_ms.value_or(limits.timeout_ms);
    limits.limit = own->second.limit.value_or(limits.limit);
  }
  return limits;
}

void CheckList::make(std::string_view name, const std::function<Result<Found>(const CheckLimits&)>& check) {
  const Definition& known = definition(name);
  SchemaHealthCheck told;
  told.name = known.name;
  told.check = known.title;
  told.severity = known.severity;
  if (const auto own = settings_.checks.find(told.name); own != settings_.checks.end()) {
    if (own->second.severity == "off") return;
    if (!own->second.severity.empty()) told.severity = own->second.severity;
  }
  const int64_t begun_us = clock_.monotonic_us();
  const Result<Found> found = check(limits(name));
  told.duration_us = clock_.monotonic_us() - begun_us;
  if (!found.ok()) {
    told.state = "failed";
    told.message = found.error().sqlstate == "57014"
                       ? fmt::format("no answer within {} ms", limits(name).timeout_ms)
                       : found.error().text();
  } else {
    told.state = !found->ok ? "skipped" : (*found->ok ? "ok" : "failed");
    told.message = found->message;
    told.measured = found->measured;
    told.threshold = found->threshold;
  }
  health_.checks.push_back(std::move(told));
}

void CheckList::ask(std::string_view name, Database& database,
                    const std::function<Result<Found>(const CheckLimits&)>& check) {
  make(name, [&](const CheckLimits& limits) -> Result<Found> {
    if (!database.pooled()) {
      RETURN_IF_ERROR(database.run({fmt::format("SET statement_timeout = {}", limits.timeout_ms)}));
      return check(limits);
    }
    // The session is shared out by transactions, so that one keeps the setting and the check together. The
    // check of the history goes on after a refusal, which would end it.
    if (name == "history") return check(limits);
    RETURN_IF_ERROR(
        database.run({"BEGIN", fmt::format("SET LOCAL statement_timeout = {}", limits.timeout_ms)}));
    Result<Found> found = check(limits);
    static_cast<void>(database.run({"ROLLBACK"}));  // nothing was changed
    return found;
  });
}

void CheckList::skip(std::string_view name, const std::string& reason) {
  make(name, [&](const CheckLimits&) -> Result<Found> { return Found{std::nullopt, reason, "", ""}; });
}

Result<Found> enough_disk(const std::string& folder, int64_t database_bytes, double factor) {
  std::string there = folder;
  while (!os::exists(there) && there.size() > 1)
    there = os::parent_folder(there);
  ASSIGN_OR_RETURN(const int64_t free_bytes, os::free_disk_bytes(there));
  const auto wanted = static_cast<int64_t>(static_cast<double>(database_bytes) * factor);
  Found found;
  found.ok = free_bytes >= wanted;
  found.measured = human_bytes(free_bytes);
  found.threshold = fmt::format("{} ({} x {})", human_bytes(wanted), factor, human_bytes(database_bytes));
  found.message = fmt::format("{} free in {}, {} wanted", found.measured, there, found.threshold);
  return found;
}

Result<Found> history_in_order(const Result<Overview>& overview) {
  if (!overview.ok()) return overview.error();
  const size_t applied = overview->state.applied.size();
  const size_t pending = overview->plan.steps.size();
  std::vector<std::string> wrong;
  for (const Finding& finding : overview->plan.findings) {
    if (finding.severity == Finding::Severity::refusal) wrong.push_back(finding.message);
  }
  for (const Progress& unfinished : overview->state.marks.unfinished) {
    wrong.push_back(fmt::format("{} was begun and stopped after statement {} of {}", unfinished.revision,
                                unfinished.statements_done, unfinished.statements_total));
  }
  Found found;
  found.ok = !overview->plan.refused();
  found.measured = fmt::format("{} applied, {} pending", applied, pending);
  found.message =
      fmt::format("{}: {}", overview->table,
                  overview->state.recorded.exists ? found.measured : "not there yet (first migration)");
  if (!wrong.empty()) found.message += "; " + join(wrong, "; ");
  return found;
}

}  // namespace godwit::schema
