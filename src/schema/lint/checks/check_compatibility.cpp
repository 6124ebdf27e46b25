#include "base/text.h"
#include "schema/lint/checks/checks.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::schema::lint {

namespace {

using nlohmann::json;

void renamed(Look& look, const json& rename) {
  const std::string kind = sql::text_of(rename, "renameType");
  const std::string table = sql::relation_name(sql::child(rename, "relation"));
  const std::string to = sql::text_of(rename, "newname");
  if (kind == "OBJECT_SCHEMA") {
    look.report("rename-schema",
                fmt::format("running code knows the schema as {}", sql::text_of(rename, "subname")));
    return;
  }
  if (table.empty() || look.scene.is_new(table)) return;
  if (kind == "OBJECT_TABLE") {
    look.report("rename-table", fmt::format("running code knows the table as {}", table),
                fmt::format("BEGIN;\n{};\nCREATE VIEW {} AS SELECT * FROM {};\nCOMMIT;", look.statement.text,
                            table, sql::qualified({to})));
  }
  const std::string column = sql::text_of(rename, "subname");
  if (kind == "OBJECT_COLUMN" && sql::text_of(rename, "relationType") != "OBJECT_VIEW" &&
      !look.scene.is_new(table, column)) {
    look.report(
        "rename-column", fmt::format("running code knows the column as {}.{}", table, column),
        fmt::format("ALTER TABLE {} ADD COLUMN {} …;\n-- write both, fill the new one in batches, switch the "
                    "readers,\n-- and a release later:\nALTER TABLE {} DROP COLUMN {};",
                    table, sql::qualified({to}), table, sql::qualified({column})));
  }
}

void dropped(Look& look, const json& drop) {
  const std::string kind = sql::text_of(drop, "removeType");
  bool all_new = kind == "OBJECT_TABLE";
  std::vector<std::string> names;
  for (const json& object : sql::items_of(drop, "objects")) {
    names.push_back(sql::qualified(sql::names_of(object)));
    all_new = all_new && look.scene.is_new(names.back());
  }
  if (all_new) return;
  const std::string named = join(names, ", ");
  if (kind == "OBJECT_TABLE")
    look.report(
        "drop-table", fmt::format("{} and its rows are gone", named),
        fmt::format("ALTER TABLE {0} RENAME TO {0}_unused;\n-- a release later:\nDROP TABLE {0}_unused;",
                    names[0]));
  if (kind == "OBJECT_SCHEMA")
    look.report("drop-schema", fmt::format("{} and all that is in it are gone", named));
  if (sql::text_of(drop, "behavior") == "DROP_CASCADE") {
    const std::string bare =
        std::string(look.statement.text.substr(0, to_lower_ascii(look.statement.text).rfind("cascade")));
    look.report("drop-cascade", fmt::format("what depends on {} goes too, and nobody named it", named),
                std::string(trim(bare)) + ";");
  }
}

void altered(Look& look) {
  const std::string table = look.altered_table();
  for (const AlterCommand& command : look.alter_commands()) {
    if (look.scene.is_new(table)) continue;
    const bool column = command.form == "AT_DropColumn";
    if (column && !look.scene.is_new(table, command.name)) {
      look.report("drop-column", fmt::format("{}.{} and its values are gone", table, command.name),
                  "-- a release after the last code that names it");
    }
    if (command.form == "AT_DropConstraint" &&
        !look.scene.droppable.contains(column_key(table, command.name)))
      look.report("drop-foreign-key", fmt::format("nothing enforces {} from now on", command.name));
    if (command.form == "AT_DropNotNull" && !look.scene.is_new(table, command.name))
      look.report("drop-not-null", fmt::format("{}.{} may be NULL from now on", table, command.name));
    if (command.cascades)
      look.report("drop-cascade",
                  fmt::format("what depends on {}.{} goes too, and nobody named it", table, command.name));
  }
}

}  // namespace

void check_compatibility(Look& look) {
  const json& value = *look.node.value;
  const std::string& type = look.node.type;
  if (type == "RenameStmt") renamed(look, value);
  if (type == "DropStmt") dropped(look, value);
  if (type == "AlterTableStmt") altered(look);
  if (type == "DropdbStmt")
    look.report("drop-database", fmt::format("{} is gone", sql::text_of(value, "dbname")));
  if (type == "AlterEnumStmt" && !sql::text_of(value, "oldVal").empty())
    look.report("rename-enum-value",
                fmt::format("running code knows it as '{}'", sql::text_of(value, "oldVal")));
  if (type == "CreateStmt") {
    const std::string table = sql::relation_name(sql::child(value, "relation"));
    if (look.scene.dropped.contains("TABLE " + table_key(table)))
      look.report("drop-if-exists-then-create", fmt::format("where {} existed, its rows are gone", table),
                  with_word_after(look.statement.text, "table", "IF NOT EXISTS"));
  }
}

}  // namespace godwit::schema::lint
