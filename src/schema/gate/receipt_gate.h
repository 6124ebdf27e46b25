// Whether the receipt of a rehearsal opens the way for an upgrade.
#pragma once

#include "base/result.h"
#include "config/database_care.h"
#include "schema/rehearse/receipt.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace godwit::schema {

// What is about to be done, and to what.
struct ReceiptQuestion {
  std::string database, environment, plan_hash;
  std::vector<RehearsedFiles> migrations;  // in order
  std::string live_fingerprint;
  int64_t server_major = 0;
  int64_t now_us = 0;
};

// Whose word it is, what it says, and how old it is: what can be checked without a database. ErrorKind::gate
// names everything that is wrong; ErrorKind::config when a trusted key is no key.
[[nodiscard]] Status check_receipt_itself(const ReceiptGate& gate, const Receipt& receipt, int64_t now_us);

// That the target's folder holds every migration of the receipt, as it was. ErrorKind::gate names those that
// are not; ErrorKind::io.
[[nodiscard]] Status check_receipt_files(const Target& target, const Receipt& receipt);

// All of that, and that it is about exactly this. ErrorKind::gate names everything that is wrong.
[[nodiscard]] Status check_receipt(const ReceiptGate& gate, const Receipt& receipt,
                                   const ReceiptQuestion& question);

// That the way back of each migration of the question is what this receipt's rehearsal went. Of no age: what
// was applied by it may be taken back by it. ErrorKind::gate names everything that is wrong.
[[nodiscard]] Status check_way_back(const ReceiptGate& gate, const Receipt& receipt,
                                    const ReceiptQuestion& question);

}  // namespace godwit::schema
