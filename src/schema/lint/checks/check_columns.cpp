#include "base/text.h"
#include "schema/lint/checks/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace godwit::schema::lint {

namespace {

using nlohmann::json;

// Functions of the server that are known to be volatile, and those that are known not to be. Of others nobody
// can tell from the script: a function is volatile unless it says otherwise.
const std::set<std::string>& volatile_functions() {
  static const std::set<std::string> names = {
      "random",  "gen_random_uuid",  "clock_timestamp",  "timeofday",
      "nextval", "uuid_generate_v1", "uuid_generate_v4", "uuid_generate_v1mc",
      "currval", "setval",           "lastval",          "gen_random_bytes"};
  return names;
}
const std::set<std::string>& steady_functions() {
  static const std::set<std::string> names = {"now",
                                              "transaction_timestamp",
                                              "statement_timestamp",
                                              "lower",
                                              "upper",
                                              "concat",
                                              "md5",
                                              "to_char",
                                              "date_trunc",
                                              "coalesce",
                                              "current_setting",
                                              "timezone",
                                              "length",
                                              "array",
                                              "jsonb_build_object",
                                              "json_build_object",
                                              "to_timestamp",
                                              "make_date",
                                              "abs",
                                              "round",
                                              "floor",
                                              "greatest",
                                              "jsonb_build_array",
                                              "make_interval"};
  return names;
}

enum class Volatility { none, perhaps, certain };

Volatility volatility_of(const json& expression) {
  Volatility worst = Volatility::none;
  const bool certain = sql::any_object({"", &expression}, [&](const std::string& key, const json& call) {
    if (key != "FuncCall") return false;
    const std::vector<std::string> parts = sql::names_of(sql::items_of(call, "funcname"));
    const std::string name = parts.empty() ? std::string() : parts.back();
    if (volatile_functions().contains(name)) {
      worst = Volatility::certain;
    } else if (!steady_functions().contains(name)) {
      worst = std::max(worst, Volatility::perhaps);
    }
    return worst == Volatility::certain;
  });
  return certain ? Volatility::certain : worst;
}

// Add the column bare, say what later rows get, fill the earlier ones in batches.
std::string in_three_steps(const Look& look, const AlterCommand& command, const json& column) {
  const std::string table = look.altered_table();
  const std::string name = sql::qualified({sql::text_of(column, "colname")});
  const std::string lower = to_lower_ascii(command.text);
  const size_t at = lower.find(" default ");
  if (at == std::string::npos || constraints_of(column).size() != 1) return {};
  return fmt::format(
      "{0}ALTER TABLE {1} {2};\nALTER TABLE {1} ALTER COLUMN {3} SET{4};\n-- in a later migration, in "
      "batches by key:\n"
      "UPDATE {1} SET {3} ={5} WHERE {3} IS NULL AND …;",
      look.others_than(command), table, command.text.substr(0, at), name, command.text.substr(at),
      command.text.substr(at + 8));
}

bool is_serial(const std::string& type) {
  return type == "serial" || type == "bigserial" || type == "smallserial" || type == "serial4" ||
         type == "serial8" || type == "serial2";
}

void added(Look& look, const AlterCommand& command, const std::string& table) {
  const json& column = sql::child(*command.definition, "ColumnDef");
  const std::string name = sql::text_of(column, "colname");
  const json* value = find_constraint(column, "CONSTR_DEFAULT");
  const bool generated = find_constraint(column, "CONSTR_GENERATED") != nullptr;
  const bool numbered = is_serial(type_name(column)) || find_constraint(column, "CONSTR_IDENTITY") != nullptr;
  const bool has_default =
      value != nullptr && !sql::child(sql::child(*value, "raw_expr"), "A_Const").contains("isnull");
  if (look.scene.is_new(table)) return;
  const bool required = find_constraint(column, "CONSTR_NOTNULL") != nullptr ||
                        find_constraint(column, "CONSTR_PRIMARY") != nullptr;
  if (required && !has_default && !generated && !numbered) {
    look.report("add-required-column",
                fmt::format("rows of {} have no value for {}, and running code gives none", table, name),
                command.text.empty()
                    ? ""
                    : fmt::format("{}ALTER TABLE {} {} DEFAULT …;  -- a constant: kept in the catalog",
                                  look.others_than(command), table, command.text));
  }
  if (value != nullptr) {
    const Volatility volatility = volatility_of(sql::child(*value, "raw_expr"));
    if (volatility != Volatility::none) {
      look.report(
          "add-column-volatile-default",
          fmt::format(
              "every row of {} is written again{}", table,
              volatility == Volatility::perhaps ? ", unless the function is STABLE or IMMUTABLE" : ""),
          in_three_steps(look, command, column), volatility == Volatility::perhaps);
    }
  }
  if (generated) look.report("add-generated-column", fmt::format("every row of {} is written again", table));
  if (numbered) look.report("add-serial-column", fmt::format("every row of {} gets its number", table));
}

struct TypeWords {
  std::string name;
  std::vector<int64_t> modifiers;
};

TypeWords words_of(const json& column) {
  TypeWords type{type_name(column), {}};
  const json& type_node = sql::child(column, "typeName");
  for (const json& modifier : sql::items_of(type_node, "typmods")) {
    const json& number = sql::child(sql::child(sql::child(modifier, "A_Const"), "ival"), "ival");
    type.modifiers.push_back(number.is_number_integer() ? number.get<int64_t>() : 0);
  }
  if (!sql::items_of(type_node, "arrayBounds").empty()) type.name += "[]";
  return type;
}

// "character varying(50)", as format_type() prints it.
TypeWords words_of_live(std::string_view printed) {
  TypeWords type;
  const size_t open = printed.find('(');
  type.name = trim(printed.substr(0, open));
  if (open != std::string_view::npos) {
    const size_t close = printed.find(')', open);
    for (const std::string& number : split(printed.substr(open + 1, close - open - 1), ','))
      type.modifiers.push_back(std::atoll(number.c_str()));
    type.name += printed.substr(std::min(close + 1, printed.size()));
  }
  if (type.name == "character varying") type.name = "varchar";
  if (type.name == "bit varying") type.name = "varbit";
  return type;
}

// Changes that keep every stored byte: PostgreSQL 15, ATColumnChangeRequiresRewrite and the types' support
// functions.
bool keeps_bytes(const TypeWords& from, const TypeWords& to) {
  const bool text_like = from.name == "varchar" || from.name == "text";
  if (text_like && to.name == "text") return true;
  if (text_like && to.name == "varchar" && to.modifiers.empty()) return true;
  if (from.name != to.name) return from.name == "cidr" && to.name == "inet";
  if (from.modifiers == to.modifiers || to.modifiers.empty()) return true;
  if (from.modifiers.empty()) return false;
  if (to.name == "varchar" || to.name == "varbit") return to.modifiers[0] >= from.modifiers[0];
  const auto scale = [](const TypeWords& type) { return type.modifiers.size() > 1 ? type.modifiers[1] : 0; };
  return to.name == "numeric" && scale(from) == scale(to) && to.modifiers[0] >= from.modifiers[0];
}

void changed_type(Look& look, const AlterCommand& command, const std::string& table) {
  if (look.scene.is_new(table, command.name)) return;
  const json& column = sql::child(*command.definition, "ColumnDef");
  const TypeWords to = words_of(column);
  const LiveTable* live = look.live(table);
  const bool converts = column.contains("raw_default");
  if (live != nullptr && !converts) {
    const auto known = live->columns.find(command.name);
    if (known != live->columns.end() && keeps_bytes(words_of_live(known->second), to)) return;
  }
  const bool widest = !converts && (to.name == "text" || (to.name == "varchar" && to.modifiers.empty()));
  const bool doubtful = live == nullptr && widest;
  look.report(
      "change-column-type",
      fmt::format("every row of {} is written again{}", table,
                  doubtful ? ", unless the column is varchar or text today" : ""),
      fmt::format(
          "ALTER TABLE {0} ADD COLUMN {1}_new …;\n-- write both columns, fill {1}_new in batches by key, "
          "switch the readers,\n-- and a release later:\nALTER TABLE {0} DROP COLUMN {1};",
          table, command.name),
      doubtful);
}

}  // namespace

void check_columns(Look& look) {
  const std::string table = look.altered_table();
  for (const AlterCommand& command : look.alter_commands()) {
    if (command.form == "AT_AddColumn") added(look, command, table);
    if (command.form == "AT_AlterColumnType") changed_type(look, command, table);
    const bool copies = command.form == "AT_SetTableSpace" || command.form == "AT_SetLogged" ||
                        command.form == "AT_SetUnLogged" || command.form == "AT_SetAccessMethod";
    if (copies && !look.scene.is_new(table))
      look.report("rewrite-table", fmt::format("nobody can read {} until it is copied", table));
  }
}

}  // namespace godwit::schema::lint
