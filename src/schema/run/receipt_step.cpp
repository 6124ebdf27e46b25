// The receipt of a rehearsal, before the first change and after the last one.
#include "base/time.h"
#include "os/files.h"
#include "schema/catalog/snapshot.h"
#include "schema/gate/receipt_gate.h"
#include "schema/run/migration_run.h"

#include <fmt/format.h>

namespace godwit::schema {

// The file that was named, or the newest of this plan in the ledger.
Result<std::pair<std::string, std::string>> MigrationRun::find_receipt(const Plan& plan) {
  const std::string& file = options_.receipt_file;
  if (!file.empty()) {
    ASSIGN_OR_RETURN(auto text, os::read_file_if_exists(file));
    if (!text) return make_error(ErrorKind::gate, fmt::format("there is no receipt {}", file));
    return std::pair(file, std::move(*text));
  }
  ASSIGN_OR_RETURN(ledger::Ledger * ledger, services_.ledger());
  ASSIGN_OR_RETURN(const auto receipts, ledger->receipts(plan.hash));
  for (const ledger::ReceiptRecord& one : receipts) {
    if (one.database == target_.database && one.environment == target_.environment)
      return std::pair(std::string("the ledger"), one.document);
  }
  return make_error(ErrorKind::gate,
                    fmt::format("{} requires a rehearsal of plan {}, and there is no receipt of one",
                                target_.environment, plan.hash),
                    command("rehearse") + "; a receipt that was made elsewhere: upgrade --receipt FILE");
}

Status MigrationRun::check_rehearsed(const Plan& plan) {
  const bool wanted = target_.receipt_gate.required || !options_.receipt_file.empty();
  if (!wanted) return {};
  if (options_.direction == Direction::down) return check_way_back_rehearsed(plan);
  if (options_.skip_validation) {
    return make_error(
        ErrorKind::gate,
        "where a receipt is asked for, what came of the upgrade is compared with it: validation "
        "cannot be skipped",
        "run it without --skip-validation");
  }
  ASSIGN_OR_RETURN(const auto found, find_receipt(plan));
  auto receipt = read_receipt(found.second);
  if (!receipt.ok()) return make_error(ErrorKind::gate, found.first + ": " + receipt.error().message);
  ReceiptQuestion question;
  question.database = target_.database;
  question.environment = target_.environment;
  question.plan_hash = plan.hash;
  for (const Step& step : plan.steps) {
    const Migration& migration = state_.folder.migrations[step.migration];
    question.migrations.push_back({migration.revision, migration.raw_sha256, migration.down_sha256});
  }
  ASSIGN_OR_RETURN(const Snapshot live, take_snapshot(*database_, history_));
  question.live_fingerprint = live.fingerprint();
  question.server_major = server_major_of(*database_);
  question.now_us = services_.clock->now_us();
  RETURN_IF_ERROR(check_receipt(target_.receipt_gate, *receipt, question));
  report_.receipt = SchemaReceipt{found.first,    receipt->public_key, iso_utc(receipt->made_us),
                                  receipt->start, receipt->end,        ""};
  return {};
}

// The file that was named, or what the ledger has of the plan by which the migration was applied.
Result<std::vector<Receipt>> MigrationRun::receipts_of(const Migration& migration) {
  std::vector<Receipt> receipts;
  if (!options_.receipt_file.empty()) {
    ASSIGN_OR_RETURN(const auto found, find_receipt(Plan()));
    auto receipt = read_receipt(found.second);
    if (!receipt.ok()) return make_error(ErrorKind::gate, found.first + ": " + receipt.error().message);
    receipts.push_back(std::move(*receipt));
    return receipts;
  }
  const auto mark = state_.marks.last.find(migration.revision);
  if (mark == state_.marks.last.end()) return receipts;
  ASSIGN_OR_RETURN(ledger::Ledger * ledger, services_.ledger());
  ASSIGN_OR_RETURN(const auto run, ledger->run(mark->second.run));
  if (!run) return receipts;
  ASSIGN_OR_RETURN(const auto records, ledger->receipts(run->plan_hash));
  for (const ledger::ReceiptRecord& record : records) {
    auto receipt = read_receipt(record.document);
    if (receipt.ok()) receipts.push_back(std::move(*receipt));
  }
  return receipts;
}

// A rehearsal goes down as well: what its receipt covers may be taken back.
Status MigrationRun::check_way_back_rehearsed(const Plan& plan) {
  ReceiptQuestion question;
  question.database = target_.database;
  question.environment = target_.environment;
  for (const Step& step : plan.steps) {
    const Migration& migration = state_.folder.migrations[step.migration];
    question.migrations = {{migration.revision, migration.raw_sha256, migration.down_sha256}};
    ASSIGN_OR_RETURN(const std::vector<Receipt> receipts, receipts_of(migration));
    std::string why = "the ledger has no receipt of the plan that applied it";
    bool covered = false;
    for (const Receipt& receipt : receipts) {
      const Status checked = check_way_back(target_.receipt_gate, receipt, question);
      covered = covered || checked.ok();
      if (!checked.ok()) why = checked.error().message;
    }
    if (covered) continue;
    return make_error(
        ErrorKind::gate,
        fmt::format("{} requires rehearsals, and the way back of {} was not rehearsed as it stands: {}",
                    target_.environment, migration.revision, why),
        "bring the files back to what was rehearsed, name its receipt (downgrade --receipt FILE), or write a "
        "migration that undoes it: that one can be rehearsed and applied");
  }
  return {};
}

// What the rehearsal ended at is what the database must be now.
Status MigrationRun::compare_with_receipt() {
  if (!report_.receipt) return {};
  ASSIGN_OR_RETURN(const Snapshot now, take_snapshot(*database_, history_));
  report_.receipt->found = now.fingerprint();
  if (report_.receipt->found == report_.receipt->end) return {};
  return make_error(ErrorKind::partial,
                    "the migrations are applied, but the structure of the database is not the one that the "
                    "rehearsal ended at",
                    "nothing is lost: compare " + command("rehearse --json") +
                        " with the database, and repeat what differs on purpose");
}

}  // namespace godwit::schema
