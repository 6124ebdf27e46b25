// godwit db rehearse: the pending migrations on a copy of the structure, and the receipt of it.
#include "base/text.h"
#include "base/time.h"
#include "cli/db/commands.h"
#include "os/files.h"
#include "schema/gate/receipt_gate.h"
#include "schema/rehearse/receipt.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::cli {

namespace {

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
  return text + receipt + "\n";
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

// Its file, signed where there is a key; a signed one also in the ledger, where upgrades look for it.
Result<std::string> keep(Application& app, const std::optional<crypto::SigningKey>& key,
                         const schema::Rehearsal& rehearsal, std::string& document) {
  if (key) {
    ASSIGN_OR_RETURN(document, schema::sign_receipt(document, *key));
  }
  std::string path = app.arguments().db.receipt;
  if (path.empty()) {
    const std::string folder = os::parent_folder(app.runs_folder()) + "/receipts";
    RETURN_IF_ERROR(os::make_folder(folder));
    path = folder + "/" + rehearsal.plan_hash + ".json";
  }
  RETURN_IF_ERROR(os::write_file(path, document));
  if (!key) return "Receipt (not signed: keys.receipt is not set): " + path;
  ASSIGN_OR_RETURN(const schema::Receipt receipt, schema::read_receipt(document));
  ASSIGN_OR_RETURN(ledger::Ledger * ledger, app.open_ledger());
  RETURN_IF_ERROR(ledger->record_receipt(
      {receipt.plan_hash, receipt.database, receipt.environment, receipt.made_us, document}));
  return fmt::format("Receipt: {}, signed under {}", path, key->public_key());
}

// Signature, age and files: what a receipt says by itself.
Status verify_receipt(Application& app, const schema::Target& target) {
  const std::string& file = app.arguments().db.verify_receipt;
  ASSIGN_OR_RETURN(const auto text, os::read_file_if_exists(file));
  if (!text) return make_error(ErrorKind::usage, "there is no file " + file);
  auto receipt = schema::read_receipt(*text);
  if (!receipt.ok()) return make_error(ErrorKind::gate, file + ": " + receipt.error().message);
  RETURN_IF_ERROR(schema::check_receipt_itself(target.receipt_gate, *receipt, app.world().clock->now_us()));
  RETURN_IF_ERROR(schema::check_receipt_files(target, *receipt));
  const std::string made = iso_utc(receipt->made_us);
  if (app.arguments().json) {
    app.print_json(nlohmann::ordered_json{{"version", 1},
                                          {"success", true},
                                          {"database", receipt->database},
                                          {"environment", receipt->environment},
                                          {"plan_hash", receipt->plan_hash},
                                          {"made_at", made},
                                          {"public_key", receipt->public_key}}
                       .dump(1) +
                   "\n");
  } else {
    app.print(fmt::format("The receipt counts: {} in {}, plan {}, made at {}, signed under {}\n",
                          receipt->database, receipt->environment, receipt->plan_hash, made,
                          receipt->public_key));
  }
  return {};
}

}  // namespace

Status db_rehearse(Application& app, const schema::Target& target) {
  const DbArguments& arguments = app.arguments().db;
  if (!arguments.verify_receipt.empty()) return verify_receipt(app, target);
  if (!arguments.receipt.empty() && target.receipt_key.empty()) {
    return make_error(ErrorKind::config, "keys.receipt is not set: the receipt would not be signed",
                      "keys: {receipt: \"${file:KEYFILE}\"}, from: openssl genpkey -algorithm ed25519");
  }
  schema::RehearsalOptions options;
  options.target = arguments.revision;
  options.temporary_folder = app.world().temporary_folder;
  ASSIGN_OR_RETURN(options.server, server_of(app));
  const schema::Services services = db_services(app, nullptr);
  ASSIGN_OR_RETURN(const auto key, schema::receipt_key(target, services));
  ASSIGN_OR_RETURN(const schema::Rehearsal rehearsal, schema::Engine(target, services).rehearse(options));
  std::string document = schema::document_of(rehearsal, target, services);
  std::string kept = "no receipt";
  if (!rehearsal.migrations.empty()) {
    ASSIGN_OR_RETURN(kept, keep(app, key, rehearsal, document));
  }
  if (app.arguments().json) {
    app.print_json(document);
  } else {
    app.print(rehearsal.migrations.empty() ? "Nothing is pending: there is nothing to rehearse\n"
                                           : rehearsal_text(rehearsal, kept));
  }
  if (rehearsal.findings.empty()) return {};
  return make_error(ErrorKind::findings, join(rehearsal.findings, "\n"), "the receipt says where");
}

}  // namespace godwit::cli
