#include "sql/facts/effects.h"

#include "sql/facts/relations.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace godwit::sql {
namespace {

using nlohmann::json;

bool has_option(const json& statement, const char* options, std::string_view name) {
  const json* found = option(child(statement, options), name);
  return found != nullptr && means_true(*found);
}

// A boolean option that is true, or false, when nobody says.
bool option_or(const json& statement, std::string_view name, bool otherwise) {
  const json* found = option(child(statement, "options"), name);
  return found == nullptr ? otherwise : means_true(*found);
}

std::string reindex_reason(const json& reindex) {
  const std::string kind = text_of(reindex, "kind");
  if (kind == "REINDEX_OBJECT_SCHEMA") return "REINDEX SCHEMA";
  if (kind == "REINDEX_OBJECT_DATABASE") return "REINDEX DATABASE";
  if (kind == "REINDEX_OBJECT_SYSTEM") return "REINDEX SYSTEM";
  return has_option(reindex, "params", "concurrently") ? "REINDEX CONCURRENTLY" : "";
}

std::string alter_table_reason(const json& alter) {
  for (const json& command : items_of(alter, "cmds"))
    if (flag(child(child(child(command, "AlterTableCmd"), "def"), "PartitionCmd"), "concurrent"))
      return "ALTER TABLE … DETACH PARTITION CONCURRENTLY";
  return "";
}

// A slot is made on the publisher unless nothing connects to it.
std::string create_subscription_reason(const json& create) {
  const bool connects = option_or(create, "connect", true);
  return option_or(create, "create_slot", connects) ? "CREATE SUBSCRIPTION with a replication slot" : "";
}

std::string alter_subscription_reason(const json& alter) {
  const std::string kind = text_of(alter, "kind");
  if (kind == "ALTER_SUBSCRIPTION_REFRESH") return "ALTER SUBSCRIPTION … REFRESH PUBLICATION";
  const bool publications = kind == "ALTER_SUBSCRIPTION_SET_PUBLICATION" ||
                            kind == "ALTER_SUBSCRIPTION_ADD_PUBLICATION" ||
                            kind == "ALTER_SUBSCRIPTION_DROP_PUBLICATION";
  return publications && option_or(alter, "refresh", true) ? "ALTER SUBSCRIPTION with a refresh" : "";
}

std::string transaction_reason(const json& statement) {
  const std::string kind = text_of(statement, "kind");
  if (kind == "TRANS_STMT_COMMIT_PREPARED") return "COMMIT PREPARED";
  return kind == "TRANS_STMT_ROLLBACK_PREPARED" ? "ROLLBACK PREPARED" : "";
}

std::string reason(const Node& statement, int server_version) {
  const std::string& type = statement.type;
  const json& value = *statement.value;
  if (type == "CreatedbStmt") return "CREATE DATABASE";
  if (type == "DropdbStmt") return "DROP DATABASE";
  if (type == "CreateTableSpaceStmt") return "CREATE TABLESPACE";
  if (type == "DropTableSpaceStmt") return "DROP TABLESPACE";
  if (type == "DropSubscriptionStmt") return "DROP SUBSCRIPTION with a replication slot";
  if (type == "AlterSystemStmt") return "ALTER SYSTEM";
  if (type == "AlterDatabaseStmt" && option(child(value, "options"), "tablespace") != nullptr)
    return "ALTER DATABASE … SET TABLESPACE";
  if (type == "VacuumStmt" && flag(value, "is_vacuumcmd")) return "VACUUM";
  if (type == "ClusterStmt" && !value.contains("relation")) return "CLUSTER of every table";
  if (type == "IndexStmt" && flag(value, "concurrent")) return "CREATE INDEX CONCURRENTLY";
  if (type == "DropStmt" && flag(value, "concurrent")) return "DROP INDEX CONCURRENTLY";
  if (type == "DiscardStmt" && text_of(value, "target") == "DISCARD_ALL") return "DISCARD ALL";
  if (type == "AlterEnumStmt" && server_version < 120000 && text_of(value, "oldVal").empty())
    return "ALTER TYPE … ADD VALUE before PostgreSQL 12";
  if (type == "ReindexStmt") return reindex_reason(value);
  if (type == "AlterTableStmt") return alter_table_reason(value);
  if (type == "CreateSubscriptionStmt") return create_subscription_reason(value);
  if (type == "AlterSubscriptionStmt") return alter_subscription_reason(value);
  return type == "TransactionStmt" ? transaction_reason(value) : "";
}

// Calls that a session remembers: set_config without is_local, and session advisory locks.
bool calls_into_session(const std::string& /*key*/, const json& call) {
  if (!call.contains("funcname")) return false;
  const std::vector<std::string> parts = names_of(call["funcname"]);
  const std::string name = parts.empty() ? std::string() : parts.back();
  if (name.starts_with("pg_advisory_lock") || name.starts_with("pg_try_advisory_lock")) return true;
  const json& arguments = items_of(call, "args");
  const bool local =
      arguments.size() == 3 && flag(child(child(arguments[2], "A_Const"), "boolval"), "boolval");
  return name == "set_config" && !local;
}

bool sets_session(const json& set) {
  return !flag(set, "is_local") && !text_of(set, "name").starts_with("TRANSACTION");
}

bool is_temporary(const json& relation) {
  return text_of(relation, "relpersistence") == "t";
}

constexpr int cursor_with_hold = 0x20;  // CURSOR_OPT_HOLD of parsenodes.h

bool alters_destructively(const json& alter) {
  for (const json& wrapped : items_of(alter, "cmds")) {
    const json& command = child(wrapped, "AlterTableCmd");
    if (text_of(command, "subtype") == "AT_DropColumn" || text_of(command, "behavior") == "DROP_CASCADE")
      return true;
  }
  return false;
}

bool drops_destructively(const json& drop) {
  static const std::set<std::string> holding = {"OBJECT_TABLE", "OBJECT_SCHEMA", "OBJECT_MATVIEW",
                                                "OBJECT_SEQUENCE", "OBJECT_FOREIGN_TABLE"};
  return text_of(drop, "behavior") == "DROP_CASCADE" || holding.contains(text_of(drop, "removeType"));
}

// A WITH may hide a DELETE, an EXPLAIN ANALYZE runs one.
bool writes_without_where(const std::string& key, const json& value) {
  return (key == "DeleteStmt" || key == "UpdateStmt") && !value.contains("whereClause");
}

}  // namespace

std::string why_not_transactional(const Node& statement, int server_version) {
  const std::string what = reason(statement, server_version);
  return what.empty() ? what : what + " cannot run inside a transaction";
}

bool changes_session(const Node& statement) {
  static const std::set<std::string> always = {"DeallocateStmt", "DiscardStmt", "ListenStmt",
                                               "LoadStmt",       "PrepareStmt", "UnlistenStmt"};
  const json& value = *statement.value;
  if (always.contains(statement.type)) return true;
  if (statement.type == "VariableSetStmt") return sets_session(value);
  if (statement.type == "DeclareCursorStmt") {
    const json& options = child(value, "options");
    return options.is_number_integer() && (options.get<int>() & cursor_with_hold) != 0;
  }
  if (statement.type == "CreateStmt") return is_temporary(child(value, "relation"));
  if (statement.type == "CreateSeqStmt") return is_temporary(child(value, "sequence"));
  if (statement.type == "ViewStmt") return is_temporary(child(value, "view"));
  if (statement.type == "CreateTableAsStmt" && is_temporary(child(child(value, "into"), "rel"))) return true;
  if (statement.type == "SelectStmt" && is_temporary(child(child(value, "intoClause"), "rel"))) return true;
  static const std::set<std::string> run = {"SelectStmt", "InsertStmt", "UpdateStmt",       "DeleteStmt",
                                            "MergeStmt",  "CallStmt",   "CreateTableAsStmt"};
  return run.contains(statement.type) && any_object(statement, calls_into_session);
}

bool is_destructive(const Node& statement) {
  const json& value = *statement.value;
  if (statement.type == "DropdbStmt" || statement.type == "TruncateStmt" ||
      statement.type == "DropOwnedStmt" || statement.type == "DropTableSpaceStmt")
    return true;
  if (statement.type == "DropStmt") return drops_destructively(value);
  if (statement.type == "AlterTableStmt") return alters_destructively(value);
  if (statement.type == "ExplainStmt" && !has_option(value, "options", "analyze")) return false;
  static const std::set<std::string> run = {"SelectStmt", "InsertStmt",  "UpdateStmt",       "DeleteStmt",
                                            "MergeStmt",  "ExplainStmt", "CreateTableAsStmt"};
  return run.contains(statement.type) && any_object(statement, writes_without_where);
}

std::optional<IndexName> concurrent_index(const Node& statement) {
  const json& value = *statement.value;
  if (!flag(value, "concurrent")) return std::nullopt;
  if (statement.type == "IndexStmt") {
    const json& relation = child(value, "relation");
    return IndexName{text_of(relation, "schemaname"), text_of(value, "idxname"), relation_name(relation)};
  }
  if (statement.type != "DropStmt" || items_of(value, "objects").size() != 1) return std::nullopt;
  const std::vector<std::string> names = names_of(items_of(value, "objects")[0]);
  if (names.empty()) return std::nullopt;
  IndexName index;
  index.name = names.back();
  if (names.size() > 1) index.schema = names[names.size() - 2];
  return index;
}

}  // namespace godwit::sql
