#include "schema/catalog/difference.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace godwit::schema {

namespace {

using Key = std::pair<std::string, std::string>;
using Objects = std::map<Key, const CatalogObject*>;

Objects by_key(const Snapshot& snapshot) {
  Objects objects;
  for (const CatalogObject& object : snapshot.objects)
    objects[{object.kind, object.name}] = &object;
  return objects;
}

bool holds_data(const std::string& kind) {
  static const std::set<std::string> kinds = {"table",    "column", "materialized view",
                                              "sequence", "schema", "extension"};
  return kinds.contains(kind);
}

// "-- …" before every line.
std::string as_comment(std::string_view text) {
  std::string comment;
  for (const std::string& line : split(text, '\n'))
    comment += "-- " + line + "\n";
  comment.pop_back();
  return comment;
}

std::string in_words(const CatalogObject& before, const CatalogObject& after) {
  return as_comment(
      fmt::format("{} {} differs, and no statement says exactly how to change it; it was:\n{}\nit is:\n{}",
                  after.kind, after.name, before.create.empty() ? before.form : before.create,
                  after.create.empty() ? after.form : after.create));
}

// parts: table, column, type, collation, default, identity, generated, not null.
std::string alter_column(const CatalogObject& before, const CatalogObject& after, bool& destructive) {
  const auto& from = before.parts;
  const auto& to = after.parts;
  if (from.size() != 8 || to.size() != 8 || from[6] != to[6]) return in_words(before, after);
  const std::string column = fmt::format("ALTER TABLE {} ALTER COLUMN {}", to[0], to[1]);
  std::vector<std::string> statements;
  if (from[2] != to[2] || from[3] != to[3]) {
    destructive = true;
    statements.push_back(
        fmt::format("{} TYPE {}{}", column, to[2], to[3].empty() ? "" : " COLLATE " + to[3]));
  }
  if (from[5] != to[5]) {
    if (!from[5].empty()) statements.push_back(column + " DROP IDENTITY");
  }
  if (from[4] != to[4])
    statements.push_back(to[4].empty() ? column + " DROP DEFAULT"
                                       : fmt::format("{} SET DEFAULT {}", column, to[4]));
  if (from[7] != to[7]) statements.push_back(column + (to[7].empty() ? " DROP NOT NULL" : " SET NOT NULL"));
  if (from[5] != to[5] && !to[5].empty())
    statements.push_back(fmt::format("{} ADD GENERATED {}", column, to[5]));
  return join(statements, ";\n");
}

// Labels can be added, never removed or moved.
std::string alter_enum(const CatalogObject& before, const CatalogObject& after) {
  std::vector<std::string> statements;
  size_t old = 0;
  for (size_t i = 0; i < after.parts.size(); ++i) {
    if (old < before.parts.size() && before.parts[old] == after.parts[i]) {
      ++old;
      continue;
    }
    const std::string place = i > 0                  ? " AFTER " + quote_literal(after.parts[i - 1])
                              : before.parts.empty() ? ""
                                                     : " BEFORE " + quote_literal(before.parts[0]);
    statements.push_back(
        fmt::format("ALTER TYPE {} ADD VALUE {}{}", after.name, quote_literal(after.parts[i]), place));
  }
  return old == before.parts.size() ? join(statements, ";\n") : in_words(before, after);
}

std::string replaced(std::string text, std::string_view prefix, std::string_view by) {
  if (text.starts_with(prefix)) text.replace(0, prefix.size(), by);
  return text;
}

std::string change_sql(const CatalogObject& before, const CatalogObject& after, bool& destructive) {
  static const std::set<std::string> remade = {
      "index",     "constraint",       "trigger",          "policy",
      "rule",      "statistics",       "row security",     "event trigger",
      "partition", "aggregate",        "replica identity", "materialized view",
      "privilege", "revoked privilege"};
  if (after.kind == "column") return alter_column(before, after, destructive);
  if (after.kind == "enum") return alter_enum(before, after);
  if (after.kind == "view") return replaced(after.create, "CREATE VIEW", "CREATE OR REPLACE VIEW");
  if (after.kind == "function" || after.kind == "procedure" || after.kind == "comment" ||
      after.kind == "sequence owner" || after.kind == "owner") {
    return after.create;
  }
  if (after.kind == "sequence") return replaced(after.create, "CREATE SEQUENCE", "ALTER SEQUENCE");
  if (remade.contains(after.kind) && !before.drop.empty() && !after.create.empty())
    return before.drop + ";\n" + after.create;
  return in_words(before, after);
}

// The order of the columns that both have. Columns at the end are new; anything else is another order.
bool same_order(const CatalogObject& before, const CatalogObject& after) {
  std::vector<std::string> left, right;
  for (const std::string& name : before.parts) {
    if (std::find(after.parts.begin(), after.parts.end(), name) != after.parts.end()) left.push_back(name);
  }
  for (const std::string& name : after.parts) {
    if (std::find(before.parts.begin(), before.parts.end(), name) != before.parts.end())
      right.push_back(name);
  }
  const bool new_at_end = std::equal(right.begin(), right.end(), after.parts.begin());
  return left == right && new_at_end;
}

bool comes_with_parent(const CatalogObject& object, const Objects& elsewhere, bool adding) {
  if (object.kind == "column order") return true;
  if (object.parent.empty()) return false;
  // A new table is made with its columns; everything else of it has a statement of its own.
  if (adding && object.kind != "column") return object.create.empty();
  const size_t space = object.parent.find(' ');
  Key parent{object.parent.substr(0, space), object.parent.substr(space + 1)};
  if (object.parent.starts_with("materialized view "))
    parent = {"materialized view", object.parent.substr(18)};
  return !elsewhere.contains(parent);
}

CatalogChange removal(const CatalogObject& object) {
  CatalogChange change{CatalogChange::What::removed, object.kind, object.name, object.create, "", object.drop,
                       holds_data(object.kind)};
  if (change.sql.empty()) change.sql = as_comment(object.kind + " " + object.name + " goes with its parent");
  return change;
}

CatalogChange addition(const CatalogObject& object) {
  return {CatalogChange::What::added, object.kind, object.name, "", object.create, object.create, false};
}

}  // namespace

std::string_view word_of(CatalogChange::What what) {
  if (what == CatalogChange::What::added) return "added";
  return what == CatalogChange::What::removed ? "removed" : "changed";
}

std::vector<CatalogChange> difference(const Snapshot& before, const Snapshot& after) {
  const Objects old = by_key(before);
  const Objects now = by_key(after);
  std::vector<CatalogChange> changes;
  for (auto object = before.objects.rbegin(); object != before.objects.rend(); ++object) {
    if (!now.contains({object->kind, object->name}) && !comes_with_parent(*object, now, false))
      changes.push_back(removal(*object));
  }
  for (const CatalogObject& object : after.objects) {
    const auto found = old.find({object.kind, object.name});
    if (found == old.end()) {
      if (!comes_with_parent(object, old, true)) changes.push_back(addition(object));
      continue;
    }
    const CatalogObject& was = *found->second;
    if (was.form == object.form || (object.kind == "column order" && same_order(was, object))) continue;
    CatalogChange change{
        CatalogChange::What::changed, object.kind, object.name, was.form, object.form, "", false};
    change.sql = change_sql(was, object, change.destructive);
    changes.push_back(std::move(change));
  }
  return changes;
}

std::string script_of(const std::vector<CatalogChange>& changes) {
  std::string script;
  for (const CatalogChange& change : changes) {
    if (change.destructive) {
      script += fmt::format("-- {} {}: what follows loses data, and is commented out\n{}\n", change.kind,
                            change.name, as_comment(change.sql + ";"));
    } else {
      script += change.sql + (change.sql.starts_with("--") ? "\n" : ";\n");
    }
  }
  return script;
}

}  // namespace godwit::schema
