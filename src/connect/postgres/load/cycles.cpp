#include "connect/postgres/load/cycles.h"

#include <algorithm>
#include <vector>

namespace godwit::connect::postgres {
namespace {

class Components {
 public:
  explicit Components(const Catalog& catalog) {
    for (const Table& table : catalog.tables) {
      std::vector<TableName>& parents = parents_[table.name];
      for (const ForeignKey& key : table.foreign_keys) {
        if (!key.deferrable && !key.configured && key.parent != table.name) parents.push_back(key.parent);
      }
    }
  }

  std::map<TableName, std::set<TableName>> find() {
    for (const auto& [table, parents] : parents_) {
      if (index_.count(table) == 0) visit(table);
    }
    return std::move(found_);
  }

 private:
  void visit(const TableName& table) {
    index_[table] = low_[table] = next_++;
    stack_.push_back(table);
    for (const TableName& parent : parents_[table]) {
      if (index_.count(parent) == 0) {
        visit(parent);
        low_[table] = std::min(low_[table], low_[parent]);
      } else if (std::find(stack_.begin(), stack_.end(), parent) != stack_.end()) {
        low_[table] = std::min(low_[table], index_[parent]);
      }
    }
    if (low_[table] != index_[table]) return;
    const auto first = std::find(stack_.begin(), stack_.end(), table);
    const std::set<TableName> component(first, stack_.end());
    stack_.erase(first, stack_.end());
    if (component.size() < 2) return;
    for (const TableName& member : component)
      found_[member] = component;
  }

  std::map<TableName, std::vector<TableName>> parents_;
  std::map<TableName, int> index_, low_;
  std::vector<TableName> stack_;
  std::map<TableName, std::set<TableName>> found_;
  int next_ = 0;
};

}  // namespace

std::map<TableName, std::set<TableName>> immediate_cycles(const Catalog& catalog) {
  return Components(catalog).find();
}

bool refers_to_itself(const Table& table) {
  return std::any_of(table.foreign_keys.begin(), table.foreign_keys.end(), [&](const ForeignKey& key) {
    return key.parent == table.name && !key.deferrable && !key.configured;
  });
}

}  // namespace godwit::connect::postgres
