#include "tests/closure/brute_force.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::test {
namespace {

bool is_copied(const TableClosure& closure) {
  return closure.membership != Membership::outside && closure.membership != Membership::skipped;
}

}  // namespace

BruteForce::BruteForce(const World& world) : world_(world) {
  for (const auto& closure : world.closure.tables)
    owned_[closure.table], needed_[closure.table];
  find_owned();
  find_needed();
}

const Cell& BruteForce::cell(const TableName& table, size_t row, const std::string& column) const {
  const auto& columns = world_.catalog.table(table)->columns;
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == column; });
  return world_.rows.at(table)[row][static_cast<size_t>(found - columns.begin())];
}

bool BruteForce::references(const TableName& table, size_t row, const ForeignKey& foreign_key) const {
  return std::all_of(foreign_key.columns.begin(), foreign_key.columns.end(),
                     [&](const std::string& column) { return cell(table, row, column).has_value(); });
}

std::vector<size_t> BruteForce::parents(const TableName& table, size_t row,
                                        const ForeignKey& foreign_key) const {
  std::vector<size_t> found;
  if (!references(table, row, foreign_key)) return found;
  for (size_t parent = 0; parent < world_.rows.at(foreign_key.parent).size(); ++parent) {
    bool equal = true;
    for (size_t i = 0; i < foreign_key.columns.size(); ++i) {
      equal = equal && cell(table, row, foreign_key.columns[i]) ==
                           cell(foreign_key.parent, parent, foreign_key.parent_columns[i]);
    }
    if (equal) found.push_back(parent);
  }
  return found;
}

bool BruteForce::has_value(const TableName& table, size_t row, const OwnerStep& step) const {
  if (step.kind == OwnerStep::Kind::root || step.kind == OwnerStep::Kind::key) {
    return cell(table, row, step.column).has_value();
  }
  return references(table, row, step.foreign_key);
}

bool BruteForce::holds(const TableName& table, size_t row, const OwnerStep& step) const {
  switch (step.kind) {
    case OwnerStep::Kind::root:
    case OwnerStep::Kind::key:
      return cell(table, row, step.column) == world_.scope;
    case OwnerStep::Kind::link: {
      if (!references(table, row, step.foreign_key)) return false;
      const auto& columns = step.foreign_key.columns;
      const std::string first = *cell(table, row, columns[0]);
      const std::string key =
          columns.size() == 1 ? first : fmt::format("[\"{}\",\"{}\"]", first, *cell(table, row, columns[1]));
      const auto& keys = world_.link_keys.at(step.foreign_key.name);
      return std::find(keys.begin(), keys.end(), key) != keys.end();
    }
    case OwnerStep::Kind::parent: {
      const auto& owned = owned_.at(step.foreign_key.parent);
      const auto found = parents(table, row, step.foreign_key);
      return std::any_of(found.begin(), found.end(), [&](size_t parent) { return owned.count(parent) > 0; });
    }
  }
  return false;
}

bool BruteForce::in_cycle(const TableName& start) const {
  std::set<TableName> reached;
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& closure : world_.closure.tables) {
      if (closure.table != start && reached.count(closure.table) == 0) continue;
      for (const auto& step : closure.owners) {
        if (step.kind == OwnerStep::Kind::parent)
          grew = reached.insert(step.foreign_key.parent).second || grew;
      }
    }
  }
  return reached.count(start) > 0;
}

bool BruteForce::is_owned(const TableClosure& closure, size_t row) const {
  bool any = false, all = true;
  for (const auto& step : closure.owners) {
    const bool held = holds(closure.table, row, step);
    any = any || held;
    if (has_value(closure.table, row, step)) all = all && held;
  }
  // Over a cycle the steps are joined by `any`; rows that disagree are counted apart.
  return any && (all || closure.cross_scope == CrossScope::any || in_cycle(closure.table));
}

void BruteForce::find_owned() {
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& closure : world_.closure.tables) {
      if (closure.membership != Membership::owned) continue;
      for (size_t row = 0; row < world_.rows.at(closure.table).size(); ++row) {
        if (owned_[closure.table].count(row) == 0 && is_owned(closure, row)) {
          owned_[closure.table].insert(row);
          grew = true;
        }
      }
    }
  }
}

void BruteForce::find_needed() {
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& child : world_.closure.tables) {
      for (const size_t row : members(child.table)) {
        for (const auto& edge : child.edges) {
          if (edge.policy != OutsidePolicy::include) continue;
          const TableClosure& parent = *world_.closure.table(edge.foreign_key.parent);
          if (parent.membership != Membership::owned && parent.membership != Membership::needed) continue;
          for (const size_t target : parents(child.table, row, edge.foreign_key)) {
            grew = needed_[parent.table].insert(target).second || grew;
          }
        }
      }
    }
  }
}

std::set<size_t> BruteForce::members(const TableName& table) const {
  const TableClosure& closure = *world_.closure.table(table);
  std::set<size_t> result;
  if (!is_copied(closure)) return result;
  if (closure.membership == Membership::shared) {
    for (size_t row = 0; row < world_.rows.at(table).size(); ++row)
      result.insert(row);
    return result;
  }
  result = owned_.at(table);
  result.insert(needed_.at(table).begin(), needed_.at(table).end());
  return result;
}

int64_t BruteForce::disagreeing(const TableName& table) const {
  const TableClosure& closure = *world_.closure.table(table);
  if (closure.membership != Membership::owned || closure.owners.size() < 2) return 0;
  int64_t count = 0;
  for (size_t row = 0; row < world_.rows.at(table).size(); ++row) {
    bool held = false, contradicted = false;
    for (const auto& step : closure.owners) {
      if (holds(table, row, step))
        held = true;
      else if (has_value(table, row, step))
        contradicted = true;
    }
    if (held && contradicted) ++count;
  }
  return count;
}

bool BruteForce::parent_is_member(const TableName& table, size_t row, const ForeignKey& foreign_key) const {
  const auto inside = members(foreign_key.parent);
  const auto found = parents(table, row, foreign_key);
  return std::any_of(found.begin(), found.end(), [&](size_t parent) { return inside.count(parent) > 0; });
}

int64_t BruteForce::outside(const TableName& table, const ForeignKey& foreign_key) const {
  int64_t count = 0;
  for (const size_t row : members(table)) {
    if (references(table, row, foreign_key) && !parent_is_member(table, row, foreign_key)) ++count;
  }
  return count;
}

}  // namespace godwit::test
