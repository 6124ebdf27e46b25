// What a load changes around the rows: triggers before it, sequences after it.
#pragma once

#include "connect/postgres/load/load_context.h"

#include <string>
#include <vector>

namespace godwit::connect::postgres {

struct SilencedTrigger {
  TableName table;
  std::string name;
  bool always = false;  // ENABLE ALWAYS, to be put back as it was
  const char* kind = "TRIGGER";
};

// Applies the policy to a table that is about to be loaded. `fail` refuses when a trigger would fire. Rules
// that rewrite an INSERT, UPDATE or DELETE count as triggers.
[[nodiscard]] Status apply_trigger_policy(pg::Session& session, const Table& target, TriggerPolicy policy,
                                          std::vector<SilencedTrigger>& silenced);
// After SET CONSTRAINTS ALL IMMEDIATE: a table with pending events cannot be altered.
[[nodiscard]] Status wake_triggers(pg::Session& session, const std::vector<SilencedTrigger>& silenced);
// Advances the sequences that feed the table to at least its greatest value; never backwards. Outside of any
// transaction's reach, as sequences are.
[[nodiscard]] Status advance_sequences(pg::Session& session, const Table& target);
// The same for every table that was loaded.
[[nodiscard]] Status advance_sequences(LoadContext& context);

}  // namespace godwit::connect::postgres
