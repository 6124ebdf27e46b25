// The sets of a closure as common table expressions. Private to selection_sql.cpp.
#pragma once

#include "base/graph.h"
#include "connect/selection_sql.h"
#include "model/catalog.h"
#include "model/closure.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace godwit::connect {

// A table read as t, with the joins that its conditions brought.
struct JoinedTable {
  const Table* table = nullptr;
  std::string from;
  std::map<std::string, std::string> joins;  // what is asked -> the alias that answers
};

// Collects the common table expressions that one statement needs. Conditions that it returns are TRUE exactly
// when they hold; otherwise they may be NULL.
class SelectionSets {
 public:
  SelectionSets(const StoreClosure& closure, const Catalog& catalog, const SqlDialect& dialect);

  [[nodiscard]] JoinedTable read(const TableName& table) const;
  // The table in a FROM, without the rows of tables that inherit from it.
  [[nodiscard]] std::string own_rows(const Table& table) const;
  // t is owned; a member.
  [[nodiscard]] std::string owned(JoinedTable& t);
  [[nodiscard]] std::string member(JoinedTable& t);
  // One owner step of t holds; it has a value at all.
  [[nodiscard]] std::string holds(JoinedTable& t, const OwnerStep& step);
  [[nodiscard]] static std::string has_value(const OwnerStep& step);
  // The parent of t over this foreign key is a member.
  [[nodiscard]] std::string parent_is_member(JoinedTable& t, const ForeignKey& foreign_key);
  // "WITH …" for all that was asked for, or empty.
  [[nodiscard]] std::string with() const;

 private:
  struct Expression {
    std::string name;
    std::string clause;             // between the name and the body: "(k)", "MATERIALIZED"
    std::string body;               // a query; with columns, what follows them: "FROM …"
    std::set<std::string> columns;  // of t; grow while others ask for more
  };
  // A query whose columns are compared with columns of t.
  struct KeySet {
    std::vector<std::string> columns;  // of the query, as they are named there
    std::string query;                 // what stands after FROM
    bool unique = true;                // no two rows with the same columns
    bool as_text = false;              // the types differ: compare texts
  };

  [[nodiscard]] size_t index(const TableName& table) const { return index_.at(table); }
  [[nodiscard]] const TableClosure& entry(size_t table) const { return closure_.tables[table]; }
  [[nodiscard]] bool copied(const TableName& table) const;
  [[nodiscard]] bool active(const TableClosure& child, const NecessityEdge& edge) const;

  [[nodiscard]] std::string in_set(JoinedTable& t, const std::vector<std::string>& columns, const KeySet& set,
                                   const std::vector<std::string>& collations = {});
  [[nodiscard]] std::string in_rows(JoinedTable& t, const std::string& rows, size_t table);
  [[nodiscard]] std::string combined_steps(JoinedTable& t, const std::vector<OwnerStep>& steps,
                                           CrossScope cross);
  [[nodiscard]] std::string equals_scope(const Table& table, const std::string& column) const;
  [[nodiscard]] std::string in_links(JoinedTable& t, const ForeignKey& foreign_key);
  [[nodiscard]] std::string in_parent_set(JoinedTable& t, const ForeignKey& foreign_key,
                                          const std::string& set);
  [[nodiscard]] std::string needed_by(JoinedTable& t, const std::vector<size_t>& inside);
  [[nodiscard]] bool as_text(const TableName& child, const ForeignKey& foreign_key) const;

  // Names of expressions, made when first asked for.
  [[nodiscard]] std::string key_set(size_t table, bool members, const std::vector<std::string>& columns);
  [[nodiscard]] std::string owner_rows(size_t component);
  [[nodiscard]] std::string member_rows(size_t component);
  // How the next rows are found: for each row by index, or by joining with all edges of the tables.
  enum class Walk : uint8_t { row_by_row, over_all_edges };
  void add_recursion(const std::string& name, const std::vector<std::string>& seeds,
                     const std::vector<std::string>& edges, Walk walk);
  [[nodiscard]] std::string seed(const JoinedTable& t, const std::string& where) const;
  [[nodiscard]] std::string edge(size_t child, const ForeignKey& foreign_key, bool upward) const;
  [[nodiscard]] std::vector<std::string> identity(const Table& table, const std::string& alias) const;
  [[nodiscard]] Expression* made(const std::string& name);

  const StoreClosure& closure_;
  std::map<TableName, size_t> index_;  // into closure_.tables
  const Catalog& catalog_;
  const SqlDialect& dialect_;
  // Over the tables of the closure: who is owned through whom, who needs whom.
  struct Components {
    Graph graph;
    std::vector<std::vector<size_t>> all;
    std::vector<size_t> of;    // by table
    std::vector<bool> cyclic;  // by component
    void find();
    [[nodiscard]] bool in_cycle(size_t table) const { return cyclic[of[table]]; }
  };
  Components owner_, need_;
  std::vector<Expression> expressions_;       // in dependency order
  std::map<std::string, std::string> links_;  // foreign key -> expression of the keys that were handed over
  bool recursive_ = false;
};

[[nodiscard]] std::string qualified_name(const TableName& table);
// t."a"
[[nodiscard]] std::string column_of(const std::string& alias, const std::string& column);
[[nodiscard]] std::string none_is_null(const std::string& alias, const std::vector<std::string>& columns);

}  // namespace godwit::connect
