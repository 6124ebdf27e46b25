// The receipt of a rehearsal: one JSON document (docs/FORMATS.md, "Receipts") that says what was rehearsed,
// from which structure to which, and how it went. Signed with Ed25519 over the canonical form of RFC 8785.
#pragma once

#include "base/result.h"
#include "crypto/signature.h"
#include "schema/engine.h"
#include "schema/rehearse/rehearsal.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace godwit::schema {

// The files of one migration.
struct RehearsedFiles {
  std::string revision, sha256;
  // Of the way back, where that is a file of its own; empty = it has none; nullopt = the receipt is older
  // than this and does not say.
  std::optional<std::string> down_sha256;
};

// What gates look at of a receipt.
struct Receipt {
  std::string database, environment, plan_hash;
  std::vector<RehearsedFiles> migrations;
  std::string start, end;  // fingerprints of the structures
  int64_t server_major = 0;
  int64_t made_us = 0;
  bool success = false;    // the rehearsal found nothing wrong
  bool went_back = false;  // down and up again were rehearsed, too
  std::string public_key;  // as crypto::public_key_of gives it; empty = not signed
  std::string signature;
  std::string document;  // canonical, without the signature: what was signed
};

// The document, not signed: `signature` is null.
[[nodiscard]] std::string document_of(const Rehearsal& rehearsal, const Target& target,
                                      const Services& services);
[[nodiscard]] Result<std::string> sign_receipt(const std::string& document, const crypto::SigningKey& key);
// ErrorKind::failed for a text that is no receipt. Says nothing about who signed it.
[[nodiscard]] Result<Receipt> read_receipt(const std::string& text);

// The key that the target's receipts are signed with; nullopt when none is configured.
[[nodiscard]] Result<std::optional<crypto::SigningKey>> receipt_key(const Target& target,
                                                                    const Services& services);

}  // namespace godwit::schema
