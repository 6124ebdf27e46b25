#include "schema/lint/checks/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace godwit::schema::lint {

namespace {

using nlohmann::json;

bool touches_what_is_there(const Look& look) {
  return std::ranges::any_of(look.facts.tables, [&](const sql::TableLock& lock) {
    return lock.mode >= sql::LockMode::share && !look.scene.is_new(lock.table);
  });
}

void alone_or_not(Look& look) {
  if (look.facts.transactional || look.facts.transaction_control) return;
  const std::string own = look.in_its_own_file(std::string(look.statement.text));
  if (look.scene.begun || look.script.transaction == TransactionMode::always) {
    look.report("concurrent-in-transaction", look.facts.why_not, own);
  } else if (look.of > 1) {
    look.report("non-transactional-beside-others",
                fmt::format("{}: {} other statement(s) of the file run without one too", look.facts.why_not,
                            look.of - 1),
                own);
  }
}

void timeouts(Look& look) {
  if (look.scene.strong_seen || !touches_what_is_there(look)) return;
  if (!look.scene.lock_timeout && look.options.lock_timeout_ms <= 0) {
    look.report("missing-lock-timeout", "while it waits for its lock, every later query waits behind it",
                fmt::format("SET LOCAL lock_timeout = '2s';\n{};", look.statement.text));
  }
  if (!look.scene.statement_timeout && look.options.statement_timeout_ms <= 0) {
    look.report("missing-statement-timeout", "nothing ends it, however long it holds its lock",
                fmt::format("SET LOCAL statement_timeout = '5s';\n{};", look.statement.text));
  }
}

void held_together(Look& look) {
  if (!look.in_transaction) return;
  std::vector<std::string> all = look.scene.locked;
  for (const sql::TableLock& lock : look.facts.tables) {
    const bool strong = lock.mode == sql::LockMode::access_exclusive && !look.scene.is_new(lock.table);
    if (strong && std::ranges::find(all, table_key(lock.table)) == all.end())
      all.push_back(table_key(lock.table));
  }
  if (look.scene.locked.size() < 2 && all.size() >= 2 && !look.facts.tables.empty())
    look.report("several-strong-locks",
                fmt::format("{} stays locked against readers meanwhile", all.front()));
}

bool writes_rows(const Look& look) {
  const json& value = *look.node.value;
  if (look.node.type == "UpdateStmt" || look.node.type == "DeleteStmt") return true;
  return look.node.type == "InsertStmt" &&
         !sql::child(sql::child(value, "selectStmt"), "SelectStmt").contains("valuesLists");
}

void backfill(Look& look) {
  if (!look.in_transaction || look.scene.locked.empty() || !writes_rows(look)) return;
  if (look.scene.is_new(sql::relation_name(sql::child(*look.node.value, "relation")))) return;
  Found& found = look.report(
      "backfill-after-strong-lock",
      fmt::format("{} stays locked against readers until all rows are written", look.scene.locked.front()),
      fmt::format("-- in the next migration:\n{};", look.statement.text));
  say_held(found, sql::LockMode::access_exclusive, look.scene.locked);
}

void enum_values(Look& look) {
  const json& value = *look.node.value;
  if (look.node.type == "AlterEnumStmt") {
    if (sql::text_of(value, "oldVal").empty() && sql::text_of(value, "newValNeighbor").empty())
      look.report("enum-value-without-position",
                  fmt::format("'{}' will sort last", sql::text_of(value, "newVal")));
    return;
  }
  if (look.scene.new_values.empty() || !look.in_transaction) return;
  std::string used;
  const bool found = sql::any_object(look.node, [&](const std::string& key, const json& constant) {
    if (key != "A_Const") return false;
    used = sql::text_of(sql::child(constant, "sval"), "sval");
    return look.scene.new_values.contains(used);
  });
  if (found) {
    look.report("enum-value-used-in-same-transaction",
                fmt::format("'{}' was added earlier in this transaction", used),
                fmt::format("-- in the next migration:\n{};", look.statement.text));
  }
}

}  // namespace

void check_transaction(Look& look) {
  alone_or_not(look);
  if (look.node.type == "LockStmt") look.report("lock-table", "the lock is held until the transaction ends");
  timeouts(look);
  held_together(look);
  backfill(look);
  enum_values(look);
}

}  // namespace godwit::schema::lint
