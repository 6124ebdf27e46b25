#include "schema/lint/checks/checks.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::schema::lint {

namespace {

using nlohmann::json;

bool can_be_run_twice(const Look& look) {
  const json& value = *look.node.value;
  const std::string& type = look.node.type;
  if (type == "CreateStmt" || type == "IndexStmt" || type == "CreateSeqStmt" || type == "CreateSchemaStmt")
    return sql::flag(value, "if_not_exists");
  if (type == "CreateEnumStmt" || type == "CreateDomainStmt" || type == "CompositeTypeStmt") return false;
  if (type == "ViewStmt") return sql::flag(value, "replace");
  if (type == "DropStmt") return sql::flag(value, "missing_ok");
  if (type == "AlterEnumStmt") return sql::flag(value, "skipIfNewValExists");
  if (type == "RenameStmt") return false;
  if (type != "AlterTableStmt") return true;
  for (const json& wrapped : sql::items_of(value, "cmds")) {
    const json& command = sql::child(wrapped, "AlterTableCmd");
    const std::string form = sql::text_of(command, "subtype");
    const bool named = form == "AT_AddColumn" || form == "AT_DropColumn" || form == "AT_DropConstraint";
    if (form == "AT_AddConstraint" || (named && !sql::flag(command, "missing_ok"))) return false;
  }
  return true;
}

void set(Look& look, const json& value) {
  const std::string kind = sql::text_of(value, "kind");
  if (kind != "VAR_SET_VALUE" || !look.facts.changes_session) return;
  look.report("set-without-local",
              fmt::format("{} stays set for what runs next", sql::text_of(value, "name")),
              look.in_transaction ? with_word_after(look.statement.text, "set", "LOCAL") + ";" : "");
}

void dropped(Look& look, const json& drop) {
  const std::string kind = sql::text_of(drop, "removeType");
  if (kind != "OBJECT_TABLE" && kind != "OBJECT_INDEX" && kind != "OBJECT_VIEW") return;
  for (const json& object : sql::items_of(drop, "objects")) {
    const std::string name = sql::qualified(sql::names_of(object));
    if (look.scene.created.contains(kind.substr(7) + " " + table_key(name)))
      look.report("created-and-dropped", fmt::format("{} was created in this file", name));
  }
}

}  // namespace

void check_script(Look& look) {
  const json& value = *look.node.value;
  if (look.node.type == "VariableSetStmt") set(look, value);
  if (look.node.type == "DropStmt") dropped(look, value);
  if (!look.in_transaction && look.of > 1 && !can_be_run_twice(look))
    look.report("not-idempotent", "the file has no transaction, and this fails the second time");
}

}  // namespace godwit::schema::lint
