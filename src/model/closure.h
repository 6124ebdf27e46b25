// The closure: which rows of which tables move, and why. Pure values; src/pipeline/closure plans them, each
// connector executes them (src/connect/selection_sql for SQL stores).
//
// Ownership goes down from the scope root: a row is owned when one of its owner steps holds. Necessity goes
// up: parents that member rows need, by the policy of each edge.
//   owned(T)   = rows for which the steps hold: any of them (`any`), or every one of them (`all`, `fail`).
//                A step whose column is NULL says nothing; a row of which no step says anything is not owned.
//                Over a cycle of owner steps `fail` takes any of them: disagreeing rows refuse the run anyway
//   needed(T)  = rows of T, not owned, that a member row of some table references over an `include` edge
//   members(T) = owned(T) + needed(T); the whole table when it is shared
#pragma once

#include "model/catalog.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace godwit {

enum class Membership : uint8_t {
  owned,    // by an owner step; may also hold needed rows when it is a parent over an include edge
  needed,   // no owner step: only rows that members reference over include edges
  shared,   // copied whole, on purpose
  outside,  // not copied: parents here must exist in the target (reference), or are cut (null)
  skipped,  // classified as skip, or a view
};
[[nodiscard]] std::string_view to_string(Membership membership);

enum class OutsidePolicy : uint8_t { reference, include, null, fail };
[[nodiscard]] std::string_view to_string(OutsidePolicy policy);

// What happens to a row whose owner steps disagree: refuse the run, own it, or leave it.
enum class CrossScope : uint8_t { fail, any, all };
[[nodiscard]] std::string_view to_string(CrossScope cross_scope);

struct OwnerStep {
  enum class Kind : uint8_t {
    root,    // the scope root's own column equals the scope value
    key,     // the table's tenant key column equals the scope value
    parent,  // the foreign key leads to an owned row of foreign_key.parent, in the same store
    link,    // a configured link leads to an owned row in another store; its keys are handed to the scan
  };
  Kind kind = Kind::key;
  std::string column;      // root, key
  ForeignKey foreign_key;  // parent, link
};

// A foreign key of a copied table whose parent row may lie outside the owned rows.
struct NecessityEdge {
  ForeignKey foreign_key;
  OutsidePolicy policy = OutsidePolicy::reference;
  bool inside = false;  // proved to stay inside the scope by construction: the edge is an owner step
};

struct TableClosure {
  TableName table;
  Membership membership = Membership::skipped;
  std::vector<OwnerStep> owners;
  CrossScope cross_scope = CrossScope::fail;
  std::vector<NecessityEdge> edges;  // this table's foreign keys, all of them
  bool has_needed_rows = false;      // an include edge points here: members may include rows not owned
  std::string key_column;            // the tenant key column when the table has one (for proofs and guards)
  std::string reason;                // why the table is in (or out), one sentence for the plan
};

// How a cycle of foreign keys is loaded.
struct CycleBreak {
  enum class How : uint8_t { deferrable, single_statement, null_then_update };
  std::vector<TableName> tables;
  How how = How::deferrable;
  TableName child;  // null_then_update: the table and the foreign key that is filled in later
  ForeignKey foreign_key;
  std::string reason;
};
[[nodiscard]] std::string_view to_string(CycleBreak::How how);

struct StoreClosure {
  std::string store;
  std::vector<TableClosure> tables;                // every table of the catalog, sorted by name
  std::vector<std::vector<TableName>> load_order;  // groups, parents first; a group of several is a cycle
  std::vector<CycleBreak> cycle_breaks;

  [[nodiscard]] const TableClosure* table(const TableName& name) const;
};

}  // namespace godwit
