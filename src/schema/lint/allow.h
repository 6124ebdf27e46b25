// Allowances: comments that let a rule be broken where they stand, and say why. Internal to src/schema/lint.
//
//   -- godwit:allow RULE: REASON        on the lines directly above a statement
//   -- godwit:allow-file RULE: REASON   before the first statement of the file
#pragma once

#include "sql/script.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::schema::lint {

struct Allowance {
  std::string rule;    // as written
  std::string reason;  // empty: there is none, and it allows nothing
  int line = 0;        // of the script, from 1; of the head: 0 and below
  int column = 1;
  std::optional<size_t> statement;  // its place among the statements; nullopt: the whole file
  bool misplaced = false;           // above nothing, or for the file behind its first statement
  bool used = false;
};

// `head`: what stands in the file above the script.
[[nodiscard]] std::vector<Allowance> read_allowances(std::string_view head, std::string_view script,
                                                     const std::vector<sql::Statement>& statements);

}  // namespace godwit::schema::lint
