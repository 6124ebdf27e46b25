// The closure of a world by naive fixpoint over rows: the definition of model/closure.h and nothing else. It
// looks at neither `inside` nor `has_needed_rows`: those are proofs that must not change the result.
#pragma once

#include "tests/closure/random_world.h"

#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace godwit::test {

class BruteForce {
 public:
  explicit BruteForce(const World& world);

  // Indexes into world.rows.
  [[nodiscard]] const std::set<size_t>& owned(const TableName& table) const { return owned_.at(table); }
  [[nodiscard]] std::set<size_t> members(const TableName& table) const;
  [[nodiscard]] int64_t disagreeing(const TableName& table) const;
  [[nodiscard]] int64_t outside(const TableName& table, const ForeignKey& foreign_key) const;
  // False when a column of the row's foreign key is NULL.
  [[nodiscard]] bool references(const TableName& table, size_t row, const ForeignKey& foreign_key) const;
  [[nodiscard]] bool parent_is_member(const TableName& table, size_t row,
                                      const ForeignKey& foreign_key) const;

 private:
  using Rows = std::map<TableName, std::set<size_t>>;
  [[nodiscard]] const Cell& cell(const TableName& table, size_t row, const std::string& column) const;
  [[nodiscard]] std::vector<size_t> parents(const TableName& table, size_t row,
                                            const ForeignKey& foreign_key) const;
  [[nodiscard]] bool has_value(const TableName& table, size_t row, const OwnerStep& step) const;
  [[nodiscard]] bool holds(const TableName& table, size_t row, const OwnerStep& step) const;
  [[nodiscard]] bool is_owned(const TableClosure& closure, size_t row) const;
  [[nodiscard]] bool in_cycle(const TableName& table) const;
  void find_owned();
  void find_needed();

  const World& world_;
  Rows owned_, needed_;
};

}  // namespace godwit::test
