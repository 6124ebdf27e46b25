#include "schema/rehearse/receipt.h"

#include "base/time.h"
#include "secrets/resolve.h"

#include <nlohmann/json.hpp>
#include <type_traits>

namespace godwit::schema {

namespace {

using Json = nlohmann::ordered_json;

Json statement_json(const StatementEvidence& one) {
  Json locks = Json::array();
  for (const ObservedLock& lock : one.locks)
    locks.push_back({{"table", lock.table}, {"mode", lock.mode}});
  return {{"revision", one.revision},      {"file", one.file},           {"line", one.line},
          {"statement", one.statement},    {"command", one.command},     {"locks", locks},
          {"observed", one.observed},      {"rewritten", one.rewritten}, {"wal_bytes", one.wal_bytes},
          {"duration_us", one.duration_us}};
}

Json migrations_json(const Rehearsal& rehearsal) {
  Json list = Json::array();
  for (const RehearsedMigration& one : rehearsal.migrations)
    list.push_back({{"revision", one.revision},
                    {"file", one.file},
                    {"sha256", one.sha256},
                    {"down_sha256", one.down_sha256}});
  return list;
}

void add_evidence(const Rehearsal& rehearsal, Json& json) {
  json["statements"] = Json::array();
  for (const StatementEvidence& one : rehearsal.statements)
    json["statements"].push_back(statement_json(one));
  json["changes"] = Json::array();
  for (const CatalogChange& change : rehearsal.changes) {
    json["changes"].push_back({{"what", word_of(change.what)},
                               {"kind", change.kind},
                               {"name", change.name},
                               {"sql", change.sql},
                               {"destructive", change.destructive}});
  }
  json["kills"] = rehearsal.crash_points;
  json["not_converged"] = rehearsal.not_converged;
  json["findings"] = rehearsal.findings;
}

std::string written(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

// Keys sorted, no blanks, and no numbers but integers: the form of RFC 8785.
std::string canonical(const Json& json) {
  return nlohmann::json::parse(json.dump()).dump();
}

template <typename Value>
Status take(const Json& json, const char* key, Value& out) {
  const auto found = json.find(key);
  // The library would make a number of anything that looks like one.
  const bool integer = !std::is_same_v<Value, int64_t> || (found != json.end() && found->is_number_integer());
  if (found != json.end() && integer) {
    try {
      out = found->get<Value>();
      return {};
    } catch (const nlohmann::json::exception&) {  // another type: told like a missing one
    }
  }
  return make_error(ErrorKind::failed, std::string("this is no receipt: it has no ") + key);
}

}  // namespace

std::string document_of(const Rehearsal& rehearsal, const Target& target, const Services& services) {
  const int64_t now_us = services.clock->now_us();
  Json json = {{"version", 1},
               {"success", rehearsal.findings.empty()},
               {"database", target.database},
               {"environment", target.environment},
               {"plan_hash", rehearsal.plan_hash},
               {"made_at", iso_utc(now_us)},
               {"made_us", now_us},
               {"actor", services.actor},
               {"commit", services.commit},
               {"godwit_version", services.version},
               {"where", rehearsal.where},
               {"server", rehearsal.server},
               {"server_major", rehearsal.server_major},
               {"migrations", migrations_json(rehearsal)},
               {"start_from", rehearsal.replayed ? "replay" : "live structure"},
               {"why_not_replayed", rehearsal.why_not_replayed},
               {"start_differs", rehearsal.start_differs},
               {"live_fingerprint", rehearsal.live},
               {"start_fingerprint", rehearsal.start},
               {"end_fingerprint", rehearsal.end},
               {"after_down_fingerprint", rehearsal.after_down},
               {"after_up_again_fingerprint", rehearsal.after_up_again},
               {"irreversible", rehearsal.irreversible}};
  add_evidence(rehearsal, json);
  json["public_key"] = nullptr;
  json["signature"] = nullptr;
  return written(json);
}

Result<std::string> sign_receipt(const std::string& document, const crypto::SigningKey& key) {
  Json json = Json::parse(document);
  json["public_key"] = key.public_key();
  Json unsigned_part = json;
  unsigned_part.erase("signature");
  ASSIGN_OR_RETURN(json["signature"], key.sign(canonical(unsigned_part)));
  return written(json);
}

Result<Receipt> read_receipt(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  int64_t version = 0;
  if (!json.is_object()) return make_error(ErrorKind::failed, "this is no receipt: it is no JSON object");
  RETURN_IF_ERROR(take(json, "version", version));
  if (version != 1)
    return make_error(ErrorKind::failed, "this receipt is of a version that is not known here",
                      "use the godwit that made it, or a newer one, or rehearse again");
  Receipt receipt;
  RETURN_IF_ERROR(take(json, "database", receipt.database));
  RETURN_IF_ERROR(take(json, "environment", receipt.environment));
  RETURN_IF_ERROR(take(json, "plan_hash", receipt.plan_hash));
  RETURN_IF_ERROR(take(json, "start_fingerprint", receipt.start));
  RETURN_IF_ERROR(take(json, "end_fingerprint", receipt.end));
  RETURN_IF_ERROR(take(json, "server_major", receipt.server_major));
  RETURN_IF_ERROR(take(json, "made_us", receipt.made_us));
  RETURN_IF_ERROR(take(json, "success", receipt.success));
  std::string after_down;
  RETURN_IF_ERROR(take(json, "after_down_fingerprint", after_down));
  receipt.went_back = !after_down.empty();
  std::vector<Json> migrations;
  RETURN_IF_ERROR(take(json, "migrations", migrations));
  for (const Json& one : migrations) {
    RehearsedFiles& files = receipt.migrations.emplace_back();
    RETURN_IF_ERROR(take(one, "revision", files.revision));
    RETURN_IF_ERROR(take(one, "sha256", files.sha256));
    if (one.contains("down_sha256")) RETURN_IF_ERROR(take(one, "down_sha256", files.down_sha256.emplace()));
  }
  if (!json.contains("signature") || json["signature"].is_null()) return receipt;
  RETURN_IF_ERROR(take(json, "public_key", receipt.public_key));
  RETURN_IF_ERROR(take(json, "signature", receipt.signature));
  json.erase("signature");
  receipt.document = canonical(json);
  return receipt;
}

Result<std::optional<crypto::SigningKey>> receipt_key(const Target& target, const Services& services) {
  if (target.receipt_key.empty()) return std::optional<crypto::SigningKey>();
  ASSIGN_OR_RETURN(const Secret text, resolve_secret(target.receipt_key, services.variable));
  auto key = crypto::SigningKey::parse(text);
  if (key.ok()) return std::optional<crypto::SigningKey>(std::move(key).value());
  Error error = wrap(key.error(), "keys.receipt");
  error.where = target.receipt_key.where;
  return error;
}

}  // namespace godwit::schema
