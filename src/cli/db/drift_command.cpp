// godwit db drift: what was changed beside the history.
#include "cli/db/commands.h"
#include "schema/catalog/drift.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::cli {

namespace {

using Json = nlohmann::ordered_json;

Json changes_json(const std::vector<schema::CatalogChange>& changes) {
  Json list = Json::array();
  for (const schema::CatalogChange& change : changes) {
    list.push_back({{"what", schema::word_of(change.what)},
                    {"kind", change.kind},
                    {"name", change.name},
                    {"before", change.before},
                    {"after", change.after},
                    {"sql", change.sql},
                    {"destructive", change.destructive}});
  }
  return list;
}

// Owners and privileges are no part of the fingerprint.
bool is_none(const schema::Drift& drift) {
  return drift.recorded == drift.live && drift.changes.empty();
}

Json drift_json(const schema::Drift& drift, const schema::Target& target) {
  return {{"version", 1},
          {"success", is_none(drift)},
          {"database", target.database},
          {"environment", target.environment},
          {"drift", !is_none(drift)},
          {"run", drift.run},
          {"taken_at", drift.taken_at},
          {"recorded_fingerprint", drift.recorded},
          {"live_fingerprint", drift.live},
          {"changes", changes_json(drift.changes)},
          {"back", changes_json(drift.back)}};
}

std::string drift_text(const schema::Drift& drift, const schema::Target& target) {
  if (is_none(drift)) {
    return fmt::format("No drift: {} ({}) is as {} left it\n  fingerprint {}\n", target.database,
                       target.environment, drift.run, drift.live);
  }
  std::string text = fmt::format("Drift: {} ({}) is not as {} left it ({})\n", target.database,
                                 target.environment, drift.run, drift.taken_at);
  for (const schema::CatalogChange& change : drift.changes)
    text += fmt::format("  {:<8} {} {}\n", schema::word_of(change.what), change.kind, change.name);
  return text + "\n-- what was done since, as SQL:\n" + schema::script_of(drift.changes) +
         "\n-- the way back:\n" + schema::script_of(drift.back);
}

}  // namespace

Status db_drift(Application& app, const schema::Target& target) {
  ASSIGN_OR_RETURN(const schema::Drift drift, schema::Engine(target, db_services(app, nullptr)).drift());
  if (app.arguments().json) {
    app.print_json(drift_json(drift, target).dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    app.print(drift_text(drift, target));
  }
  if (is_none(drift)) return {};
  return make_error(ErrorKind::findings, fmt::format("{} change(s) beside the history", drift.changes.size()),
                    "bring them into a migration, or undo them; the next run records what it finds");
}

}  // namespace godwit::cli
