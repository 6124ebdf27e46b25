// godwit db rehearse: the pending migrations on a copy of the structure, and the receipt of it.
#include "base/text.h"
#include "base/time.h"
#include "cli/db/commands.h"
#include "os/files.h"
#include "schema/rehearse/rehearsal.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::cli {

namespace {

using Json = nlohmann::ordered_json;

Json statement_json(const schema::StatementEvidence& one) {
  Json locks = Json::array();
  for (const schema::ObservedLock& lock : one.locks)
    locks.push_back({{"table", lock.table}, {"mode", lock.mode}});
  return {{"revision", one.revision},      {"file", one.file},           {"line", one.line},
          {"statement", one.statement},    {"command", one.command},     {"locks", locks},
          {"observed", one.observed},      {"rewritten", one.rewritten}, {"wal_bytes", one.wal_bytes},
          {"duration_us", one.duration_us}};
}

Json rehearsal_json(const schema::Rehearsal& rehearsal, const schema::Target& target, int64_t made_us) {
  Json json = {{"version", 1},
               {"success", rehearsal.findings.empty()},
               {"database", target.database},
               {"environment", target.environment},
               {"plan_hash", rehearsal.plan_hash},
               {"made_at", iso_utc(made_us)},
               {"where", rehearsal.where},
               {"server", rehearsal.server},
               {"migrations", Json::array()},
               {"start_from", rehearsal.replayed ? "replay" : "live structure"},
               {"why_not_replayed", rehearsal.why_not_replayed},
               {"start_differs", rehearsal.start_differs},
               {"live_fingerprint", rehearsal.live},
               {"start_fingerprint", rehearsal.start},
               {"end_fingerprint", rehearsal.end},
               {"after_down_fingerprint", rehearsal.after_down},
               {"after_up_again_fingerprint", rehearsal.after_up_again},
               {"irreversible", rehearsal.irreversible},
               {"statements", Json::array()},
               {"changes", Json::array()},
               {"kills", rehearsal.crash_points},
               {"not_converged", rehearsal.not_converged},
               {"findings", rehearsal.findings},
               {"signature", nullptr}};
  for (size_t i = 0; i < rehearsal.migrations.size(); ++i)
    json["migrations"].push_back(
        {{"revision", rehearsal.migrations[i]}, {"sha256", rehearsal.file_hashes[i]}});
  for (const schema::StatementEvidence& one : rehearsal.statements)
    json["statements"].push_back(statement_json(one));
  for (const schema::CatalogChange& change : rehearsal.changes) {
    json["changes"].push_back({{"what", schema::word_of(change.what)},
                               {"kind", change.kind},
                               {"name", change.name},
                               {"sql", change.sql},
                               {"destructive", change.destructive}});
  }
  return json;
}

std::string statement_text(const schema::StatementEvidence& one) {
  std::string text = fmt::format("  {}:{} {}  {}, {} of WAL\n", one.file, one.line, one.command,
                                 human_duration(one.duration_us), human_bytes(one.wal_bytes));
  for (const schema::ObservedLock& lock : one.locks)
    text += fmt::format("    {} on {}{}\n", lock.mode, lock.table, one.observed ? "" : " (by its text)");
  for (const std::string& table : one.rewritten)
    text += fmt::format("    rewrites {}\n", table);
  return text;
}

std::string way_text(const schema::Rehearsal& rehearsal) {
  if (!rehearsal.irreversible.empty()) return "no way down: " + join(rehearsal.irreversible, ", ") + "\n";
  return fmt::format("up, down, up: {}\n",
                     rehearsal.after_down == rehearsal.start && rehearsal.after_up_again == rehearsal.end
                         ? "the same structure each time"
                         : "NOT the same structure");
}

std::string rehearsal_text(const schema::Rehearsal& rehearsal, const std::string& receipt) {
  std::string text =
      fmt::format("Rehearsed {} migration(s) in {} ({})\nstart: {}\n", rehearsal.migrations.size(),
                  rehearsal.where, rehearsal.server,
                  rehearsal.replayed ? "the folder, replayed: the live structure"
                                     : "a copy of the live structure; " + rehearsal.why_not_replayed);
  for (const std::string& object : rehearsal.start_differs)
    text += fmt::format("  differs from live: {}\n", object);
  for (const schema::StatementEvidence& one : rehearsal.statements)
    text += statement_text(one);
  text += way_text(rehearsal);
  text += fmt::format("killed at {} points: {} did not end at the same structure\n", rehearsal.crash_points,
                      rehearsal.not_converged.size());
  for (const std::string& one : rehearsal.not_converged)
    text += "  " + one + "\n";
  text += "change of the structure:\n";
  for (const schema::CatalogChange& change : rehearsal.changes)
    text += fmt::format("  {:<8} {} {}\n", schema::word_of(change.what), change.kind, change.name);
  return text + "Receipt (not signed): " + receipt + "\n";
}

Result<std::string> server_of(Application& app) {
  const std::string& written = app.arguments().db.server;
  if (!written.starts_with("${env:")) {
    const size_t at = written.find('@');
    const size_t start = written.find("://");
    if (at != std::string::npos && start != std::string::npos && written.find(':', start + 3) < at) {
      return make_error(ErrorKind::usage, "a password stands on the command line",
                        "put the URL into the environment: --server '${env:NAME}'");
    }
    return written;
  }
  const auto value = app.world().environment(written.substr(6, written.size() - 7));
  if (!value) return make_error(ErrorKind::missing_secret, written + " is not set");
  return *value;
}

}  // namespace

Status db_rehearse(Application& app, const schema::Target& target) {
  schema::RehearsalOptions options;
  options.target = app.arguments().db.revision;
  options.temporary_folder = app.world().temporary_folder;
  ASSIGN_OR_RETURN(options.server, server_of(app));
  ASSIGN_OR_RETURN(const schema::Rehearsal rehearsal,
                   schema::Engine(target, db_services(app, nullptr)).rehearse(options));
  const Json json = rehearsal_json(rehearsal, target, app.world().clock->now_us());
  const std::string document = json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::string receipt;
  if (!rehearsal.migrations.empty()) {
    const std::string folder = os::parent_folder(app.runs_folder()) + "/receipts";
    RETURN_IF_ERROR(os::make_folder(folder));
    receipt = folder + "/" + rehearsal.plan_hash + ".json";
    RETURN_IF_ERROR(os::write_file(receipt, document));
  }
  if (app.arguments().json) {
    app.print_json(document);
  } else {
    app.print(rehearsal.migrations.empty() ? "Nothing is pending: there is nothing to rehearse\n"
                                           : rehearsal_text(rehearsal, receipt));
  }
  if (rehearsal.findings.empty()) return {};
  return make_error(ErrorKind::findings, join(rehearsal.findings, "\n"), "the receipt says where");
}

}  // namespace godwit::cli
