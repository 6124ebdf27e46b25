#include "schema/gate/receipt_gate.h"

#include "base/text.h"
#include "base/time.h"
#include "schema/database/database.h"
#include "schema/folder.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

constexpr int64_t hour_us = 3'600'000'000;
constexpr int64_t clock_skew_us = 5 * 60 * 1'000'000LL;

Result<std::string> signature_problem(const ReceiptGate& gate, const Receipt& receipt) {
  if (receipt.signature.empty()) return std::string("it is not signed");
  if (gate.trusted_keys.empty()) return std::string("no key is trusted here (receipt_keys)");
  for (const std::string& written : gate.trusted_keys) {
    auto trusted = crypto::public_key_of(written);
    if (!trusted.ok()) return wrap(trusted.error(), "receipt_keys");
    if (*trusted != receipt.public_key) continue;
    ASSIGN_OR_RETURN(const bool good, crypto::is_signed(*trusted, receipt.document, receipt.signature));
    return good ? std::string() : std::string("its signature is wrong: it was changed after it was signed");
  }
  return std::string("it is signed with a key that is not trusted here");
}

std::string age_problem(const ReceiptGate& gate, const Receipt& receipt, int64_t now_us) {
  if (receipt.made_us > now_us + clock_skew_us)
    return fmt::format("it is of the future ({}): a clock is wrong", iso_utc(receipt.made_us));
  if (receipt.made_us + gate.hours_max * hour_us < now_us)
    return fmt::format("it is too old: made at {}, and {} hours are allowed", iso_utc(receipt.made_us),
                       gate.hours_max);
  return {};
}

Status refusal(const std::vector<std::string>& problems, const std::string& database,
               const std::string& environment) {
  if (problems.empty()) return {};
  return make_error(
      ErrorKind::gate, "the receipt does not count: " + join(problems, "; "),
      fmt::format("rehearse this plan: godwit db rehearse --database {} --env {}", database, environment));
}

// `known` need not say which way back it was.
bool same_files(const RehearsedFiles& known, const RehearsedFiles& now) {
  return known.revision == now.revision && known.sha256 == now.sha256 &&
         known.down_sha256.value_or(now.down_sha256.value_or("")) == now.down_sha256.value_or("");
}

Status itself(const ReceiptGate& gate, const Receipt& receipt, int64_t now_us,
              std::vector<std::string>& problems) {
  ASSIGN_OR_RETURN(const std::string signature, signature_problem(gate, receipt));
  for (const std::string& problem : {signature, age_problem(gate, receipt, now_us)}) {
    if (!problem.empty()) problems.push_back(problem);
  }
  if (!receipt.success) problems.emplace_back("the rehearsal found something wrong");
  return {};
}

}  // namespace

Status check_receipt_itself(const ReceiptGate& gate, const Receipt& receipt, int64_t now_us) {
  std::vector<std::string> problems;
  RETURN_IF_ERROR(itself(gate, receipt, now_us, problems));
  return refusal(problems, receipt.database, receipt.environment);
}

Status check_receipt_files(const Target& target, const Receipt& receipt) {
  ASSIGN_OR_RETURN(const auto history, history_of(target));
  const auto dialect = dialect_of(target.endpoint);
  ASSIGN_OR_RETURN(const MigrationFolder folder, read_migrations(*history, target.directory, dialect));
  std::vector<std::string> problems;
  for (const auto& rehearsed : receipt.migrations) {
    const bool same =
        std::any_of(folder.migrations.begin(), folder.migrations.end(), [&](const Migration& migration) {
          return same_files(rehearsed, {migration.revision, migration.raw_sha256, migration.down_sha256});
        });
    if (!same) problems.push_back("the folder does not hold " + rehearsed.revision + " as it was rehearsed");
  }
  return refusal(problems, receipt.database, receipt.environment);
}

Status check_receipt(const ReceiptGate& gate, const Receipt& receipt, const ReceiptQuestion& question) {
  std::vector<std::string> problems;
  RETURN_IF_ERROR(itself(gate, receipt, question.now_us, problems));
  const auto demand = [&](bool holds, const char* problem) {
    if (!holds) problems.emplace_back(problem);
  };
  demand(receipt.database == question.database && receipt.environment == question.environment,
         "it is of another database or environment");
  demand(receipt.plan_hash == question.plan_hash, "it is of another plan");
  demand(std::equal(receipt.migrations.begin(), receipt.migrations.end(), question.migrations.begin(),
                    question.migrations.end(), same_files),
         "the files are not those that were rehearsed");
  demand(receipt.server_major == question.server_major,
         "it was rehearsed on another major version of the server");
  demand(receipt.start == question.live_fingerprint,
         "the structure of the database is not the one that the rehearsal began with");
  return refusal(problems, question.database, question.environment);
}

Status check_way_back(const ReceiptGate& gate, const Receipt& receipt, const ReceiptQuestion& question) {
  std::vector<std::string> problems;
  ASSIGN_OR_RETURN(const std::string signature, signature_problem(gate, receipt));
  if (!signature.empty()) problems.push_back(signature);
  if (!receipt.success) problems.emplace_back("the rehearsal found something wrong");
  if (receipt.database != question.database || receipt.environment != question.environment)
    problems.emplace_back("it is of another database or environment");
  if (!receipt.went_back) problems.emplace_back("its rehearsal went no way back");
  for (const RehearsedFiles& now : question.migrations) {
    // Where the way back is a file of its own, its bytes must have been rehearsed.
    const bool same =
        std::any_of(receipt.migrations.begin(), receipt.migrations.end(), [&](const RehearsedFiles& known) {
          return same_files(known, now) && (known.down_sha256 || now.down_sha256.value_or("").empty());
        });
    if (!same) problems.push_back(now.revision + " and its way back are not those that were rehearsed");
  }
  if (problems.empty()) return {};
  return make_error(ErrorKind::gate, "the receipt does not count: " + join(problems, "; "));
}

}  // namespace godwit::schema
