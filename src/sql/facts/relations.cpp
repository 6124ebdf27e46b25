#include "sql/facts/relations.h"

#include "base/text.h"
#include "sql/facts/alter_table.h"

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace godwit::sql {
namespace {

using nlohmann::json;

bool is_relation(const json& value) {
  return value.is_object() && value.contains("relname") && value.contains("relpersistence");
}

std::string quoted_if_needed(const std::string& name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9'); };
  const bool bare =
      !name.empty() && std::ranges::all_of(name, plain) && !(name.front() >= '0' && name.front() <= '9');
  return bare ? name : quote_identifier(name);
}

class Locks {
 public:
  explicit Locks(StatementFacts& facts) : facts_(facts) {}

  void take(const json& relation, LockMode mode) {
    if (!is_relation(relation)) return;
    const bool names_query =
        text_of(relation, "schemaname").empty() && queries_.contains(text_of(relation, "relname"));
    if (!names_query) take(relation_name(relation), mode);
  }
  void take(const std::string& table, LockMode mode) {
    take_unnamed(mode);
    const auto found = std::ranges::find(facts_.tables, table, &TableLock::table);
    if (found == facts_.tables.end()) {
      facts_.tables.push_back({table, mode});
    } else {
      found->mode = std::max(found->mode, mode);
    }
  }
  void take_unnamed(LockMode mode) { facts_.lock = std::max(facts_.lock, mode); }

  // Every relation below, once its WITH queries are known; a statement inside a WITH as what it is. Not
  // recursive: a chain of operators is as deep as it is long.
  void take_query(const json& value, LockMode mode) { take_part({}, value, mode); }
  void take_part(const std::string& type, const json& value, LockMode mode) {
    waiting_.push_back({type, &value, mode});
    while (!waiting_.empty()) {
      const Part part = waiting_.back();
      waiting_.pop_back();
      if (is_relation(*part.value)) {
        take(*part.value, part.mode);
      } else if (part.value->is_array()) {
        for (const json& item : *part.value)
          waiting_.push_back({{}, &item, part.mode});
      } else if (part.value->is_object()) {
        take_object(part);
      }
    }
  }

 private:
  // What stands under the key `type` of the tree.
  struct Part {
    std::string type;
    const json* value;
    LockMode mode;
  };

  void take_object(const Part& part) {
    const json& value = *part.value;
    for (const json& query : items_of(child(value, "withClause"), "ctes"))
      queries_.insert(text_of(child(query, "CommonTableExpr"), "ctename"));
    const bool writes = part.type == "InsertStmt" || part.type == "UpdateStmt" || part.type == "DeleteStmt" ||
                        part.type == "MergeStmt";
    if (writes) take(child(value, "relation"), LockMode::row_exclusive);
    // FOR UPDATE and FOR SHARE are said once for the tables of FROM.
    const LockMode from = value.contains("lockingClause") ? LockMode::row_share : LockMode::access_share;
    for (const auto& [key, inner] : value.items()) {
      if (key == "intoClause" || (writes && key == "relation")) continue;
      waiting_.push_back({key, &inner, key == "fromClause" ? std::max(from, part.mode) : part.mode});
    }
  }

  std::vector<Part> waiting_;
  StatementFacts& facts_;
  std::set<std::string> queries_;
};

// The relations of a DROP; a trigger, rule or policy names its table before itself.
void lock_dropped(const json& drop, Locks& locks) {
  const std::string kind = text_of(drop, "removeType");
  if (text_of(drop, "behavior") == "DROP_CASCADE") locks.take_unnamed(LockMode::access_exclusive);
  if (kind == "OBJECT_INDEX") {
    locks.take_unnamed(flag(drop, "concurrent") ? LockMode::share_update_exclusive
                                                : LockMode::access_exclusive);
    return;
  }
  static const std::set<std::string> relations = {"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW",
                                                  "OBJECT_SEQUENCE", "OBJECT_FOREIGN_TABLE"};
  const bool part = kind == "OBJECT_TRIGGER" || kind == "OBJECT_RULE" || kind == "OBJECT_POLICY";
  if (!part && !relations.contains(kind)) return;
  for (const json& object : items_of(drop, "objects")) {
    std::vector<std::string> names = names_of(object);
    if (part && !names.empty()) names.pop_back();
    if (!names.empty()) locks.take(qualified(names), LockMode::access_exclusive);
  }
}

void lock_created(const json& create, Locks& locks) {
  const bool partition = create.contains("partbound");
  for (const json& parent : items_of(create, "inhRelations"))
    locks.take(child(parent, "RangeVar"),
               partition ? LockMode::access_exclusive : LockMode::share_update_exclusive);
  for (const json& element : items_of(create, "tableElts")) {
    locks.take(child(child(element, "TableLikeClause"), "relation"), LockMode::access_share);
    locks.take(child(child(element, "Constraint"), "pktable"), LockMode::share_row_exclusive);
    for (const json& constraint : items_of(child(element, "ColumnDef"), "constraints"))
      locks.take(child(child(constraint, "Constraint"), "pktable"), LockMode::share_row_exclusive);
  }
}

void lock_commented(const json& comment, Locks& locks) {
  const std::string kind = text_of(comment, "objtype");
  std::vector<std::string> names = names_of(child(comment, "object"));
  static const std::set<std::string> relations = {"OBJECT_TABLE",         "OBJECT_VIEW",     "OBJECT_MATVIEW",
                                                  "OBJECT_FOREIGN_TABLE", "OBJECT_SEQUENCE", "OBJECT_INDEX"};
  const bool part = kind == "OBJECT_COLUMN";
  if (part && !names.empty()) names.pop_back();
  if ((part || relations.contains(kind)) && !names.empty())
    locks.take(qualified(names), LockMode::share_update_exclusive);
}

// Not concurrently: each index is locked against readers, and planning a query asks for all of them.
void lock_reindexed(const json& reindex, Locks& locks) {
  const json* concurrently = option(child(reindex, "params"), "concurrently");
  const bool online = concurrently != nullptr && means_true(*concurrently);
  if (text_of(reindex, "kind") == "REINDEX_OBJECT_TABLE")
    locks.take(child(reindex, "relation"), online ? LockMode::share_update_exclusive : LockMode::share);
  locks.take_unnamed(online ? LockMode::share_update_exclusive : LockMode::access_exclusive);
}

void lock_vacuumed(const json& vacuum, Locks& locks) {
  const json* full = option(child(vacuum, "options"), "full");
  const LockMode mode =
      full != nullptr && means_true(*full) ? LockMode::access_exclusive : LockMode::share_update_exclusive;
  locks.take_unnamed(mode);
  locks.take_query(child(vacuum, "rels"), mode);
}

void lock_copied(const json& copy, Locks& locks) {
  locks.take(child(copy, "relation"),
             flag(copy, "is_from") ? LockMode::row_exclusive : LockMode::access_share);
  locks.take_query(child(copy, "query"), LockMode::access_share);
}

void lock_renamed(const json& rename, Locks& locks) {
  if (text_of(rename, "renameType") == "OBJECT_ATTRIBUTE") return;  // of a type
  const bool index = text_of(rename, "renameType") == "OBJECT_INDEX";
  locks.take(child(rename, "relation"),
             index ? LockMode::share_update_exclusive : LockMode::access_exclusive);
}

// The tables that use the domain: read through when it becomes stricter.
void lock_users_of_domain(const json& alter, Locks& locks) {
  const std::string form = text_of(alter, "subtype");
  const bool unchecked = flag(child(child(alter, "def"), "Constraint"), "skip_validation");
  const bool stricter = form == "C" || form == "O" || form == "V";
  if (stricter && !unchecked) locks.take_unnamed(LockMode::share);
}

void lock_clustered(const json& cluster, Locks& locks) {
  locks.take_unnamed(LockMode::access_exclusive);
  locks.take(child(cluster, "relation"), LockMode::access_exclusive);
}

void lock_unnamed(const json& /*statement*/, Locks& locks) {
  locks.take_unnamed(LockMode::access_exclusive);
}

void lock_listed(const json& lock, Locks& locks) {
  const json& mode = child(lock, "mode");
  locks.take_query(child(lock, "relations"), mode.is_number_integer() ? static_cast<LockMode>(mode.get<int>())
                                                                      : LockMode::access_exclusive);
}

void publish(const json& publication, Locks& locks) {
  locks.take_query(child(publication, "pubobjects"), LockMode::share_update_exclusive);
}

using Rule = std::function<void(const json&, Locks&)>;

// The relation under `key`, in one mode.
Rule relation(const char* key, LockMode mode) {
  return [key, mode](const json& statement, Locks& locks) { locks.take(child(statement, key), mode); };
}

// Every relation of the query under `key`, and nothing else.
Rule query(const char* key) {
  return [key](const json& statement, Locks& locks) {
    locks.take_query(child(statement, key), LockMode::access_share);
  };
}

const std::map<std::string, Rule>& rules() {
  static const std::map<std::string, Rule> all = {
      {"AlterObjectSchemaStmt", relation("relation", LockMode::access_exclusive)},
      {"AlterPolicyStmt", relation("table", LockMode::access_exclusive)},
      {"AlterPublicationStmt", publish},
      {"AlterSeqStmt", relation("sequence", LockMode::share_row_exclusive)},
      {"AlterDomainStmt", lock_users_of_domain},
      {"AlterTableMoveAllStmt", lock_unnamed},
      {"ClusterStmt", lock_clustered},
      {"CommentStmt", lock_commented},
      {"CopyStmt", lock_copied},
      {"CreatePublicationStmt", publish},
      {"CreatePolicyStmt", relation("table", LockMode::access_exclusive)},
      {"CreateStatsStmt",
       [](const json& statement, Locks& locks) {
         locks.take_query(child(statement, "relations"), LockMode::share_update_exclusive);
       }},
      {"CreateStmt", lock_created},
      {"CreateTableAsStmt", query("query")},
      {"CreateTrigStmt", relation("relation", LockMode::share_row_exclusive)},
      {"DeclareCursorStmt", query("query")},
      {"DropOwnedStmt", lock_unnamed},
      {"DropStmt", lock_dropped},
      {"ExplainStmt", query("query")},
      {"IndexStmt",
       [](const json& statement, Locks& locks) {
         locks.take(child(statement, "relation"),
                    flag(statement, "concurrent") ? LockMode::share_update_exclusive : LockMode::share);
       }},
      {"LockStmt", lock_listed},
      {"RefreshMatViewStmt",
       [](const json& statement, Locks& locks) {
         locks.take(child(statement, "relation"),
                    flag(statement, "concurrent") ? LockMode::exclusive : LockMode::access_exclusive);
       }},
      {"ReindexStmt", lock_reindexed},
      {"RenameStmt", lock_renamed},
      {"RuleStmt", relation("relation", LockMode::access_exclusive)},
      {"SecLabelStmt", lock_commented},
      {"TruncateStmt",
       [](const json& statement, Locks& locks) {
         locks.take_query(child(statement, "relations"), LockMode::access_exclusive);
       }},
      {"VacuumStmt", lock_vacuumed},
      {"ViewStmt",
       [](const json& statement, Locks& locks) {
         locks.take_query(child(statement, "query"), LockMode::access_share);
         if (flag(statement, "replace")) locks.take(child(statement, "view"), LockMode::access_exclusive);
       }},
  };
  return all;
}

}  // namespace

std::string qualified(const std::vector<std::string>& parts) {
  std::vector<std::string> quoted;
  for (const std::string& part : parts)
    quoted.push_back(quoted_if_needed(part));
  return join(quoted, ".");
}

std::string relation_name(const json& range_variable) {
  std::vector<std::string> parts;
  for (const char* key : {"catalogname", "schemaname", "relname"})
    if (std::string part = text_of(range_variable, key); !part.empty()) parts.push_back(std::move(part));
  return qualified(parts);
}

void find_locks(const Node& statement, StatementFacts& facts) {
  Locks locks(facts);
  if (statement.type == "AlterTableStmt") {
    for (const AlteredTable& altered : tables_altered_by(*statement.value))
      locks.take(*altered.relation, altered.mode);
    return;
  }
  const auto rule = rules().find(statement.type);
  if (rule != rules().end()) {
    rule->second(*statement.value, locks);
  } else if (statement.type == "SelectStmt" || statement.type == "InsertStmt" ||
             statement.type == "UpdateStmt" || statement.type == "DeleteStmt" ||
             statement.type == "MergeStmt") {
    locks.take_part(statement.type, *statement.value, LockMode::access_share);
  }
}

}  // namespace godwit::sql
