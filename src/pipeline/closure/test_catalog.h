// Catalogs in a few words, for the planner's tests.
#pragma once

#include "base/text.h"
#include "config/reference.h"
#include "pipeline/closure/plan_closure.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace godwit::pipeline::test {

inline TableName table_name(const Catalog& catalog, const std::string& written) {
  const auto parts = split_reference(written);
  if (!parts.ok() || parts->size() > 2) return {};
  return parts->size() == 1 ? TableName{catalog.default_schema, parts->front()}
                            : TableName{parts->front(), parts->back()};
}

struct World {
  std::vector<Catalog> catalogs;
  PipelineSettings settings;

  World() {
    settings.name = "move";
    settings.scope.name = "district";
    settings.where = {"godwit.yml", 1, 1};
  }

  Catalog& store(const std::string& name, const std::string& kind = "postgres") {
    Catalog catalog;
    catalog.store = name;
    catalog.kind = kind;
    catalog.default_schema = kind == "postgres" ? "public" : "main";
    catalogs.push_back(catalog);
    settings.stores.push_back(name);
    return catalogs.back();
  }

  // Columns in a row, "!" after one that is NOT NULL; the first is the primary key.
  Table& table(const std::string& written, const std::string& columns, TableKind kind = TableKind::table) {
    Catalog& catalog = catalogs.back();
    Table table;
    table.name = table_name(catalog, written);
    table.kind = kind;
    for (const auto& word : split(columns, ' ')) {
      Column column;
      column.nullable = word.back() != '!';
      column.name = column.nullable ? word : word.substr(0, word.size() - 1);
      column.type_name = "integer";
      column.type_class = TypeClass::integer;
      table.columns.push_back(column);
    }
    table.keys.push_back({"pk", {table.columns.front().name}, true, false, "", "", true});
    catalog.tables.push_back(table);
    return catalog.tables.back();
  }

  // "school_id -> schools.id", "(a,b) -> t.(x,y)", on the table added last.
  ForeignKey& key(const std::string& written) {
    Catalog& catalog = catalogs.back();
    Table& child = catalog.tables.back();
    const size_t arrow = written.find(" -> ");
    const auto columns = [](std::string text) {
      text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == '(' || c == ')'; }),
                 text.end());
      return split(text, ',');
    };
    ForeignKey key;
    key.columns = columns(written.substr(0, arrow));
    const auto parent = split_columns_reference(written.substr(arrow + 4));
    EXPECT_TRUE(parent.ok()) << written;
    key.parent = parent->table.size() == 1 ? TableName{catalog.default_schema, parent->table[0]}
                                           : TableName{parent->table[0], parent->table[1]};
    key.parent_columns = parent->columns;
    key.name = child.name.name + "_" + join(key.columns, "_") + "_fkey";
    child.foreign_keys.push_back(key);
    return child.foreign_keys.back();
  }

  void root(const std::string& written) {
    settings.scope.root = {written, {"godwit.yml", 9, 9}};
    settings.references[written] = settings.scope.root.where;
  }

  Result<std::vector<StoreClosure>> plan() {
    ClosureInput input;
    input.settings = &settings;
    for (auto& catalog : catalogs) {
      std::sort(catalog.tables.begin(), catalog.tables.end(),
                [](const Table& left, const Table& right) { return left.name < right.name; });
      input.sources.push_back(&catalog);
    }
    return plan_closure(input);
  }
  // The plan of a world that must have one.
  std::vector<StoreClosure> planned() {
    auto result = plan();
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().text());
    return result.ok() ? std::move(result).value() : std::vector<StoreClosure>(catalogs.size());
  }
  // The error of a world that must have none.
  Error refused(ErrorKind kind = ErrorKind::plan_refused) {
    auto result = plan();
    EXPECT_FALSE(result.ok());
    if (result.ok()) return {};
    EXPECT_EQ(result.error().kind, kind) << result.error().text();
    return result.error();
  }
};

inline TableClosure closure_of(const StoreClosure& store, const std::string& name,
                               const std::string& schema = "public") {
  const TableClosure* found = store.table({schema, name});
  EXPECT_NE(found, nullptr) << name;
  return found == nullptr ? TableClosure{} : *found;
}

// "key district_id", "parent school_id, parent student_id".
inline std::string owners_of(const TableClosure& closure) {
  std::vector<std::string> texts;
  for (const auto& step : closure.owners) {
    const char* const kinds[] = {"root ", "key ", "parent ", "link "};
    texts.push_back(kinds[static_cast<size_t>(step.kind)] + step.column +
                    join(step.foreign_key.columns, "+"));
  }
  return join(texts, ", ");
}

// "school_id reference, parent_id include inside": every edge.
inline std::string edges_of(const TableClosure& closure) {
  std::vector<std::string> texts;
  for (const auto& edge : closure.edges) {
    texts.push_back(join(edge.foreign_key.columns, "+") + " " + std::string(to_string(edge.policy)) +
                    (edge.inside ? " inside" : ""));
  }
  return join(texts, ", ");
}

// "a b+c d": the groups of the load order.
inline std::string order_of(const StoreClosure& store) {
  std::vector<std::string> groups;
  for (const auto& group : store.load_order) {
    std::vector<std::string> names;
    for (const auto& table : group)
      names.push_back(table.name);
    groups.push_back(join(names, "+"));
  }
  return join(groups, " ");
}

inline bool has_text(const Error& error, const std::string& text) {
  return error.text().find(text) != std::string::npos;
}

}  // namespace godwit::pipeline::test
