#include "base/text.h"
#include "schema/lint/checks/checks.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::schema::lint {

namespace {

using nlohmann::json;

// ADD CONSTRAINT … NOT VALID now, VALIDATE CONSTRAINT in a later transaction.
std::string in_two_steps(const Look& look, const AlterCommand& command, const std::string& name) {
  if (command.text.empty()) return {};
  const std::string table = look.altered_table();
  return fmt::format(
      "{0}ALTER TABLE {1} {2} NOT VALID;\n-- in a later migration:\nALTER TABLE {1} VALIDATE CONSTRAINT {3};",
      look.others_than(command), table, command.text, sql::qualified({name}));
}

std::string with_ready_index(const Look& look, const json& constraint, const std::string& name,
                             bool primary) {
  const std::string table = look.altered_table();
  std::vector<std::string> columns;
  for (const std::string& column : sql::names_of(sql::items_of(constraint, "keys")))
    columns.push_back(sql::qualified({column}));
  if (columns.empty()) return {};
  return look.in_its_own_file(fmt::format("CREATE UNIQUE INDEX CONCURRENTLY {} ON {} ({})",
                                          sql::qualified({name}), table, join(columns, ", "))) +
         fmt::format("\n-- in the next one:\nALTER TABLE {0} ADD CONSTRAINT {1} {2} USING INDEX {1};", table,
                     sql::qualified({name}), primary ? "PRIMARY KEY" : "UNIQUE");
}

// `fresh`: the table or the column comes with this very statement.
void foreign_key(Look& look, const json& constraint, const std::string& table, const std::string& column,
                 bool fresh) {
  const std::vector<std::string> columns = sql::names_of(sql::items_of(constraint, "fk_attrs"));
  const std::string first = columns.empty() ? column : columns[0];
  if (first.empty()) return;
  const LiveTable* live = look.live(table);
  // Without the database an index of a column that was there before may be there too.
  if (!fresh && !look.scene.is_new(table, first) && live == nullptr) return;
  if (live != nullptr && live->indexed.contains(first)) return;
  Found& found = look.report(
      "foreign-key-without-index", fmt::format("no index starts with {}.{}", table, first),
      look.scene.is_new(table) ? fmt::format("CREATE INDEX ON {} ({});", table, sql::qualified({first}))
                               : look.in_its_own_file(fmt::format("CREATE INDEX CONCURRENTLY ON {} ({})",
                                                                  table, sql::qualified({first}))));
  found.unless_indexed = column_key(table, first);
}

void unique_or_primary(Look& look, const json& constraint, const std::string& table) {
  if (constraint.contains("indexname")) return;
  const bool primary = sql::text_of(constraint, "contype") == "CONSTR_PRIMARY";
  const std::string name = constraint_name(constraint, table, "");
  look.report(primary ? "add-primary-key" : "add-unique-constraint",
              fmt::format("its index is built while nobody can read {}", table),
              with_ready_index(look, constraint, name, primary));
}

void added(Look& look, const AlterCommand& command, const json& constraint, const std::string& table) {
  const std::string kind = sql::text_of(constraint, "contype");
  const std::string name = constraint_name(constraint, table, "");
  const bool unvalidated = sql::flag(constraint, "skip_validation");
  if (kind == "CONSTR_FOREIGN") foreign_key(look, constraint, table, "", false);
  if (look.scene.is_new(table)) return;
  if (kind == "CONSTR_FOREIGN" && !unvalidated) {
    look.report("add-foreign-key-without-not-valid",
                fmt::format("nobody can write to {} and {} until every row was looked up", table,
                            sql::relation_name(sql::child(constraint, "pktable"))),
                in_two_steps(look, command, name));
  }
  if (kind == "CONSTR_CHECK" && !unvalidated) {
    look.report("add-check-without-not-valid",
                fmt::format("nobody can read {} until every row was checked", table),
                in_two_steps(look, command, name));
  }
  if (kind == "CONSTR_UNIQUE" || kind == "CONSTR_PRIMARY") unique_or_primary(look, constraint, table);
  if (kind == "CONSTR_EXCLUSION")
    look.report("add-exclusion-constraint",
                fmt::format("its index is built while nobody can read {}", table));
}

void set_not_null(Look& look, const AlterCommand& command, const std::string& table) {
  if (look.scene.is_new(table) || look.scene.never_null.contains(column_key(table, command.name))) return;
  const LiveTable* live = look.live(table);
  if (live != nullptr && live->never_null.contains(command.name)) return;
  const std::string column = sql::qualified({command.name});
  const std::string check = sql::qualified({command.name + "_not_null"});
  look.report(
      "set-not-null-without-check", fmt::format("nobody can read {} until every row was checked", table),
      fmt::format("{3}ALTER TABLE {0} ADD CONSTRAINT {2} CHECK ({1} IS NOT NULL) NOT VALID;\n-- in a later "
                  "migration:\nALTER TABLE {0} VALIDATE CONSTRAINT {2};\n-- and in one after that:\nALTER "
                  "TABLE {0} ALTER "
                  "COLUMN {1} SET NOT NULL;\nALTER TABLE {0} DROP CONSTRAINT {2};",
                  table, column, check, command.text.empty() ? "" : look.others_than(command)));
}

void altered(Look& look) {
  const std::string table = look.altered_table();
  for (const AlterCommand& command : look.alter_commands()) {
    const json& constraint = sql::child(*command.definition, "Constraint");
    if (command.form == "AT_AddConstraint") added(look, command, constraint, table);
    if (command.form == "AT_AddColumn") {
      const json& column = sql::child(*command.definition, "ColumnDef");
      if (const json* key = find_constraint(column, "CONSTR_FOREIGN"))
        foreign_key(look, *key, table, sql::text_of(column, "colname"), true);
    }
    if (command.form == "AT_SetNotNull") set_not_null(look, command, table);
    if (command.form == "AT_ValidateConstraint" && look.in_transaction &&
        look.scene.not_valid.contains(column_key(table, command.name)) && !look.scene.is_new(table)) {
      Found& found =
          look.report("validate-in-same-transaction",
                      fmt::format("the lock that ADD CONSTRAINT took on {} is held through the scan", table),
                      fmt::format("-- in a later migration:\nALTER TABLE {} VALIDATE CONSTRAINT {};", table,
                                  sql::qualified({command.name})));
      say_held(found, look.scene.not_valid.at(column_key(table, command.name)), {table});
    }
  }
}

void created(Look& look, const json& create) {
  const std::string table = sql::relation_name(sql::child(create, "relation"));
  for (const json* constraint : constraints_of(create))
    if (sql::text_of(*constraint, "contype") == "CONSTR_FOREIGN")
      foreign_key(look, *constraint, table, "", true);
  for (const json& element : sql::items_of(create, "tableElts")) {
    const json& column = sql::child(element, "ColumnDef");
    if (const json* key = find_constraint(column, "CONSTR_FOREIGN"))
      foreign_key(look, *key, table, sql::text_of(column, "colname"), true);
  }
}

}  // namespace

void check_constraints(Look& look) {
  if (look.node.type == "CreateStmt") created(look, *look.node.value);
  altered(look);
}

}  // namespace godwit::schema::lint
