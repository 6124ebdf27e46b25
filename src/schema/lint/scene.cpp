#include "schema/lint/scene.h"

#include "schema/lint/checks/checks.h"

#include <nlohmann/json.hpp>

namespace godwit::schema::lint {

namespace {

using nlohmann::json;

void note_keys(const json& definition, const std::string& table, std::string_view column, Scene& scene) {
  for (const json* constraint : constraints_of(definition)) {
    const std::string kind = sql::text_of(*constraint, "contype");
    if (kind != "CONSTR_PRIMARY" && kind != "CONSTR_UNIQUE") continue;
    if (kind == "CONSTR_PRIMARY") scene.with_primary_key.insert(table_key(table));
    const std::vector<std::string> columns = sql::names_of(sql::items_of(*constraint, "keys"));
    scene.indexed.insert(column_key(table, columns.empty() ? column : std::string_view(columns[0])));
  }
}

void note_created(const json& relation, Scene& scene) {
  const std::string table = sql::relation_name(relation);
  scene.new_tables.insert(table_key(table));
  scene.created.insert("TABLE " + table_key(table));
}

void note_table(const json& create, Scene& scene) {
  note_created(sql::child(create, "relation"), scene);
  const std::string table = sql::relation_name(sql::child(create, "relation"));
  note_keys(create, table, "", scene);
  for (const json& element : sql::items_of(create, "tableElts")) {
    const json& column = sql::child(element, "ColumnDef");
    if (column.is_object()) note_keys(column, table, sql::text_of(column, "colname"), scene);
  }
}

void note_index(const json& index, Scene& scene) {
  const std::string table = sql::relation_name(sql::child(index, "relation"));
  const json& columns = sql::items_of(index, "indexParams");
  if (!columns.empty() && !index.contains("whereClause"))
    scene.indexed.insert(column_key(table, column_name(columns[0])));
  const std::string name = sql::text_of(index, "idxname");
  if (name.empty()) return;
  scene.created.insert("INDEX " + name);
  if (scene.is_new(table)) scene.new_indexes.insert(name);
}

void note_constraint(const json& constraint, const std::string& table, Scene& scene) {
  const std::string key = column_key(table, constraint_name(constraint, table, ""));
  scene.droppable.insert(key);
  const bool check = sql::text_of(constraint, "contype") == "CONSTR_CHECK";
  if (check) scene.checked.insert(table_key(table));
  const std::string column = check ? proves_not_null(constraint) : std::string();
  if (sql::flag(constraint, "skip_validation")) {
    scene.not_valid[key] = sql::text_of(constraint, "contype") == "CONSTR_FOREIGN"
                               ? sql::LockMode::share_row_exclusive
                               : sql::LockMode::access_exclusive;
    if (!column.empty()) scene.null_checks[key] = column_key(table, column);
  } else if (!column.empty()) {
    scene.never_null.insert(column_key(table, column));
  }
}

void note_altered(const json& alter, Scene& scene) {
  const std::string table = sql::relation_name(sql::child(alter, "relation"));
  for (const json& wrapped : sql::items_of(alter, "cmds")) {
    const json& command = sql::child(wrapped, "AlterTableCmd");
    const std::string form = sql::text_of(command, "subtype");
    const std::string key = column_key(table, sql::text_of(command, "name"));
    const json& column = sql::child(sql::child(command, "def"), "ColumnDef");
    const json& constraint = sql::child(sql::child(command, "def"), "Constraint");
    if (form == "AT_AddColumn") {
      const std::string name = sql::text_of(column, "colname");
      scene.new_columns.insert(column_key(table, name));
      note_keys(column, table, name, scene);
    }
    if (form == "AT_AddConstraint") {
      note_keys(json{{"constraints", json::array({{{"Constraint", constraint}}})}}, table, "", scene);
      note_constraint(constraint, table, scene);
    }
    if (form == "AT_ValidateConstraint") {
      const auto check = scene.null_checks.find(key);
      if (check != scene.null_checks.end()) scene.never_null.insert(check->second);
    }
  }
}

void note_dropped(const json& drop, Scene& scene) {
  const std::string kind = sql::text_of(drop, "removeType");
  for (const json& object : sql::items_of(drop, "objects")) {
    const std::vector<std::string> names = sql::names_of(object);
    if (names.empty()) continue;
    if (kind == "OBJECT_TABLE") scene.dropped.insert("TABLE " + table_key(sql::qualified(names)));
    if (kind == "OBJECT_INDEX") scene.dropped_indexes.insert(names.back());
  }
}

// A new table is new under its later name too.
void note_renamed(const json& rename, Scene& scene) {
  const json& relation = sql::child(rename, "relation");
  const std::string table = sql::relation_name(relation);
  if (sql::text_of(rename, "renameType") != "OBJECT_TABLE" || !scene.is_new(table)) return;
  const std::string schema = sql::text_of(relation, "schemaname");
  const std::string to = sql::text_of(rename, "newname");
  scene.new_tables.insert(table_key(schema.empty() ? sql::qualified({to}) : sql::qualified({schema, to})));
}

void note_words(const sql::StatementFacts& facts, std::string_view text, Scene& scene) {
  const std::vector<std::string> words = words_of(text);
  const auto name_behind = [&](size_t at) {
    while (at < words.size() && (words[at] == "if" || words[at] == "not" || words[at] == "exists"))
      ++at;
    return at < words.size() ? words[at] : std::string();
  };
  if (facts.command == "CREATE TABLE")
    scene.new_tables.insert(name_behind(words.size() > 1 && words[1] == "table" ? 2 : 3));
  if (facts.command == "DROP TABLE") scene.dropped.insert("TABLE " + name_behind(2));
  if (facts.command == "ALTER TABLE" && words.size() > 5 && words[3] == "rename" && words[4] == "to" &&
      scene.new_tables.contains(words[2])) {
    scene.new_tables.insert(words[5]);
    scene.dropped.erase("TABLE " + words[5]);
  }
  if (facts.command == "INSERT" && words.size() > 2 && scene.new_tables.contains(words[2])) {
    for (size_t at = 3; at + 1 < words.size(); ++at)
      if (words[at] == "from") scene.copied_from.insert(words[at + 1]);
  }
  if (facts.command == "PRAGMA" && words.size() > 2 && words[1] == "foreign_keys")
    scene.foreign_keys_off = words[2] == "off" || words[2] == "0" || words[2] == "false";
}

void note_locks(const sql::StatementFacts& facts, Scene& scene) {
  for (const sql::TableLock& lock : facts.tables) {
    if (scene.is_new(lock.table)) continue;
    if (lock.mode >= sql::LockMode::share) scene.strong_seen = true;
    if (lock.mode == sql::LockMode::access_exclusive) scene.locked.push_back(table_key(lock.table));
  }
}

}  // namespace

std::string table_key(std::string_view name) {
  return std::string(name.starts_with("public.") ? name.substr(7) : name);
}

std::string column_key(std::string_view table, std::string_view column) {
  return table_key(table) + "." + std::string(column);
}

void Scene::end_transaction() {
  not_valid.clear();
  new_values.clear();
  locked.clear();
}

void Scene::end_file(bool together) {
  end_transaction();
  begun = false;
  lock_timeout = statement_timeout = strong_seen = foreign_keys_off = false;
  created.clear();
  dropped.clear();
  copied_from.clear();
  if (together) return;
  // A constraint that an earlier file added and validated is there, whenever that was; a table is no longer
  // empty.
  new_tables.clear();
  new_columns.clear();
  new_types.clear();
  new_indexes.clear();
  dropped_indexes.clear();
}

void note_statement(const sql::StatementFacts& facts, const sql::Node& node, std::string_view text,
                    Scene& scene) {
  note_locks(facts, scene);
  const json& value = *node.value;
  const std::string& type = node.type;
  if (type.empty()) return note_words(facts, text, scene);
  if (type == "CreateStmt") note_table(value, scene);
  if (type == "CreateTableAsStmt") note_created(sql::child(sql::child(value, "into"), "rel"), scene);
  if (type == "ViewStmt")
    scene.created.insert("VIEW " + table_key(sql::relation_name(sql::child(value, "view"))));
  if (type == "IndexStmt") note_index(value, scene);
  if (type == "AlterTableStmt") note_altered(value, scene);
  if (type == "DropStmt") note_dropped(value, scene);
  if (type == "RenameStmt") note_renamed(value, scene);
  if (type == "CreateEnumStmt")
    scene.new_types.insert(sql::qualified(sql::names_of(sql::child(value, "typeName"))));
  if (type == "AlterEnumStmt" && sql::text_of(value, "oldVal").empty() &&
      !scene.new_types.contains(sql::qualified(sql::names_of(sql::child(value, "typeName")))))
    scene.new_values.insert(sql::text_of(value, "newVal"));
  if (type == "VariableSetStmt") {
    const std::string name = sql::text_of(value, "name");
    if (name == "lock_timeout") scene.lock_timeout = true;
    if (name == "statement_timeout") scene.statement_timeout = true;
  }
}

}  // namespace godwit::schema::lint
