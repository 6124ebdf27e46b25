// Ownership goes down from the scope root: who owns each table, or why nobody can tell.
#include "base/graph.h"
#include "base/text.h"
#include "pipeline/closure/planning.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

namespace godwit::pipeline {
namespace {

class Ownership {
 public:
  explicit Ownership(Planning& planning) : planning_(planning), links_(planning.tables.size()) {}

  void run() {
    take_links();
    for (size_t table = 0; table < planning_.tables.size(); ++table) {
      if (may_be_owned(table)) decide(table);
    }
    if (planning_.problems.empty()) check_recursion();
  }

 private:
  [[nodiscard]] const PlannedTable& at(size_t table) const { return planning_.tables[table]; }
  [[nodiscard]] bool may_be_owned(size_t table) const {
    return at(table).ordinary && at(table).classified == Classified::no;
  }
  // Owned without any other table of the store.
  [[nodiscard]] bool is_source(size_t table) const {
    if (!may_be_owned(table)) return false;
    if (table == planning_.root || links_[table].has_value()) return true;
    if (!at(table).owner_named) return !at(table).key_column.empty();
    return at(table).owned_by_key ||
           std::any_of(at(table).owner_keys.begin(), at(table).owner_keys.end(),
                       [&](size_t key) { return leads_over_link(table, at(table).keys[key]); });
  }
  // A link to an owned table of a store that is read before.
  [[nodiscard]] bool leads_over_link(size_t table, const PlannedKey& key) const {
    return key.crosses() && at(*key.parent).store < at(table).store &&
           at(*key.parent).closure.membership == Membership::owned;
  }
  // Whether ownership may come down over this key at all.
  [[nodiscard]] bool may_own(size_t table, size_t key) const {
    const PlannedKey& planned = at(table).keys[key];
    if (planned.crosses() || *planned.parent == table) return false;
    if (!at(table).owner_named) return !planned.partial;
    const auto& named = at(table).owner_keys;
    return std::find(named.begin(), named.end(), key) != named.end();
  }

  // The tables that ownership reaches from the sources, never passing through `without`; by table, the key
  // over which it came first (SIZE_MAX for sources).
  using Reached = std::vector<std::optional<size_t>>;
  [[nodiscard]] Reached reach(std::optional<size_t> without) const {
    Reached reached(planning_.tables.size());
    std::deque<size_t> waiting;
    for (size_t table = 0; table < planning_.tables.size(); ++table) {
      if (table == without || !is_source(table)) continue;
      reached[table] = SIZE_MAX;
      waiting.push_back(table);
    }
    while (!waiting.empty()) {
      const size_t parent = waiting.front();
      waiting.pop_front();
      for (const auto& [child, key] : children(parent)) {
        if (child == without || reached[child] || !may_be_owned(child) || !may_own(child, key)) continue;
        reached[child] = key;
        waiting.push_back(child);
      }
    }
    return reached;
  }

  // Keys that point at the table, in the order of the children.
  const std::vector<std::pair<size_t, size_t>>& children(size_t parent) const {
    if (children_.empty()) {
      children_.resize(planning_.tables.size());
      for (size_t child = 0; child < planning_.tables.size(); ++child) {
        for (size_t key = 0; key < at(child).keys.size(); ++key) {
          if (!at(child).keys[key].crosses()) children_[*at(child).keys[key].parent].emplace_back(child, key);
        }
      }
    }
    return children_[parent];
  }

  // A table that nothing else reaches is owned over a link whose parent an earlier store owns. Stores are
  // taken in order, so the parent's membership is known; inside a store the tables nearest to the link come
  // first.
  void take_links() {
    for (size_t store = 0; store < planning_.sources.size(); ++store) {
      for (bool grew = true; grew;) {
        grew = false;
        reached_ = reach(std::nullopt);
        for (size_t table = 0; table < planning_.tables.size(); ++table) {
          if (at(table).store == store && reached_[table]) {
            planning_.tables[table].closure.membership = Membership::owned;
          }
        }
        for (size_t table = 0; table < planning_.tables.size() && !grew; ++table) {
          if (at(table).store != store || reached_[table] || !may_be_owned(table)) continue;
          if (at(table).owner_named || leads_to_link(table)) continue;
          grew = take_link(table);
        }
      }
    }
    for (auto& planned : planning_.tables)
      planned.closure.membership = Membership::skipped;
    for (size_t table = 0; table < planning_.tables.size(); ++table) {
      if (reached_[table]) planning_.tables[table].closure.membership = Membership::owned;
    }
  }

  bool take_link(size_t table) {
    for (size_t key = 0; key < at(table).keys.size(); ++key) {
      if (!leads_over_link(table, at(table).keys[key])) continue;
      links_[table] = key;
      return true;
    }
    return false;
  }

  // Another unreached table with a link stands above: it is taken first, and may reach this one.
  [[nodiscard]] bool leads_to_link(size_t start) const {
    std::vector<bool> seen(planning_.tables.size());
    std::vector<size_t> waiting{start};
    seen[start] = true;
    while (!waiting.empty()) {
      const size_t table = waiting.back();
      waiting.pop_back();
      for (const auto& key : at(table).keys) {
        if (key.crosses() || seen[*key.parent] || !may_be_owned(*key.parent) || key.partial) continue;
        seen[*key.parent] = true;
        waiting.push_back(*key.parent);
        // In a cycle of such tables the first one is taken.
        if (has_link(*key.parent) && (*key.parent < start || !reaches(*key.parent, start))) return true;
      }
    }
    return false;
  }
  [[nodiscard]] bool has_link(size_t table) const {
    return std::any_of(at(table).keys.begin(), at(table).keys.end(),
                       [&](const PlannedKey& key) { return leads_over_link(table, key); });
  }
  [[nodiscard]] bool reaches(size_t from, size_t to) const {
    std::vector<bool> seen(planning_.tables.size());
    std::vector<size_t> waiting{from};
    while (!waiting.empty()) {
      const size_t table = waiting.back();
      waiting.pop_back();
      if (table == to) return true;
      if (seen[table]) continue;
      seen[table] = true;
      for (const auto& key : at(table).keys) {
        if (!key.crosses()) waiting.push_back(*key.parent);
      }
    }
    return false;
  }

  // ---- one table

  void decide(size_t table) {
    PlannedTable& planned = planning_.tables[table];
    planned.closure.cross_scope = planned.cross_scope.value_or(planning_.settings->cross_scope);
    planned.closure.key_column = planned.key_column;
    if (table == planning_.root) {
      planned.closure.owners.push_back({OwnerStep::Kind::root, planning_.root_column, {}});
    } else if (planned.owner_named) {
      decide_named(table);
    } else if (!planned.key_column.empty()) {
      planned.closure.owners.push_back({OwnerStep::Kind::key, planned.key_column, {}});
    } else if (links_[table]) {
      decide_link(table);
    } else if (reached_[table]) {
      decide_path(table);
    }
  }

  void decide_named(size_t table) {
    PlannedTable& planned = planning_.tables[table];
    for (const size_t number : planned.owner_keys) {
      const PlannedKey& key = planned.keys[number];
      if (!key.crosses() || at(*key.parent).store < planned.store) continue;
      planning_.problems.add_config(
          planned.owner_where,
          fmt::format("owner: {} is read before {}, whose keys it needs: change the order of stores",
                      planning_.reference(table), planning_.reference(*key.parent)));
      return;
    }
    if (!reached_[table]) {
      std::vector<std::string> parents;
      for (const size_t key : planned.owner_keys)
        parents.push_back(planning_.reference(*planned.keys[key].parent));
      planning_.problems.add_config(
          planned.owner_where,
          fmt::format("owner: {} is owned through {}, which no path connects with {}",
                      planning_.reference(table), join(parents, ", "), planning_.reference(planning_.root)));
      return;
    }
    if (planned.owned_by_key)
      planned.closure.owners.push_back({OwnerStep::Kind::key, planned.key_column, {}});
    for (const size_t number : planned.owner_keys) {
      const PlannedKey& key = planned.keys[number];
      if (at(*key.parent).closure.membership != Membership::owned) {
        planning_.problems.add_config(
            planned.owner_where, fmt::format("owner: {} is not owned by the scope, so it cannot own {}",
                                             planning_.reference(*key.parent), planning_.reference(table)));
        continue;
      }
      ForeignKey foreign_key = key.key;
      if (key.partial) foreign_key.configured = true;  // rows of some partitions may lack the parent
      const auto kind = key.crosses() ? OwnerStep::Kind::link : OwnerStep::Kind::parent;
      planned.closure.owners.push_back({kind, "", std::move(foreign_key)});
    }
  }

  void decide_link(size_t table) {
    PlannedTable& planned = planning_.tables[table];
    std::vector<size_t> found;
    for (size_t key = 0; key < planned.keys.size(); ++key) {
      if (leads_over_link(table, planned.keys[key])) found.push_back(key);
    }
    if (found.size() > 1) return refuse_paths(table, found);
    planned.closure.owners.push_back({OwnerStep::Kind::link, "", planned.keys[found.front()].key});
  }

  void decide_path(size_t table) {
    PlannedTable& planned = planning_.tables[table];
    const Reached others = reach(table);
    std::vector<size_t> found;
    for (size_t key = 0; key < planned.keys.size(); ++key) {
      if (may_own(table, key) && others[*planned.keys[key].parent]) found.push_back(key);
    }
    if (found.size() > 1) return refuse_paths(table, found);
    planned.closure.owners.push_back({OwnerStep::Kind::parent, "", planned.keys[found.front()].key});
  }

  void refuse_paths(size_t table, const std::vector<size_t>& keys) {
    const PlannedTable& planned = at(table);
    std::string message =
        fmt::format("{} has {} paths to {}, and none is named as its owner:", planning_.reference(table),
                    keys.size(), planning_.reference(planning_.root));
    for (const size_t key : keys)
      message += "\n    " + path_text(table, key);
    const auto& columns = planned.keys[keys.front()].key.columns;
    std::vector<std::string> names;
    for (const auto& column : columns)
      names.push_back(yaml_text(column));
    const std::string value = names.size() == 1 ? names.front() : "[" + join(names, ", ") + "]";
    message +=
        yaml_to_add(planning_, fmt::format("owner: {{{}: {}}}   # or another of these columns, or a list",
                                           yaml_text(planning_.reference(table)), value));
    planning_.problems.add_refusal(message);
  }

  // "student_id -> students.school_id -> schools.district_id".
  [[nodiscard]] std::string path_text(size_t table, size_t key) const {
    std::string text = join(at(table).keys[key].key.columns, ",");
    size_t next = *at(table).keys[key].parent;
    for (size_t steps = 0; steps <= planning_.tables.size(); ++steps) {
      text += " -> " + planning_.reference(next);
      if (next == planning_.root) return text + "." + planning_.root_column;
      if (!at(next).key_column.empty()) return text + "." + at(next).key_column;
      if (!reached_[next] || *reached_[next] == SIZE_MAX) return text;
      text += "." + join(at(next).keys[*reached_[next]].key.columns, ",");
      next = *at(next).keys[*reached_[next]].parent;
    }
    return text;
  }

  // ---- cycles of owners

  void check_recursion() {
    Graph graph(planning_.tables.size());
    for (size_t table = 0; table < planning_.tables.size(); ++table) {
      for (const auto& step : at(table).closure.owners) {
        if (step.kind != OwnerStep::Kind::parent) continue;
        graph[table].push_back(*planning_.find(at(table).store, step.foreign_key.parent));
      }
    }
    for (const auto& component : strong_components(graph)) {
      if (!is_cycle(graph, component)) continue;
      for (const size_t table : component) {
        const TableClosure& closure = at(table).closure;
        if (closure.owners.size() < 2 || closure.cross_scope != CrossScope::all) continue;
        planning_.problems.add_refusal(
            fmt::format("{} is owned over a cycle, where 'cross_scope: all' cannot be decided",
                        planning_.reference(table)) +
            yaml_to_add(planning_, fmt::format("cross_scope: {{{}: fail}}   # or any",
                                               yaml_text(planning_.reference(table)))));
      }
    }
  }

  Planning& planning_;
  Reached reached_;
  std::vector<std::optional<size_t>> links_;  // by table: the link that makes it a source
  mutable std::vector<std::vector<std::pair<size_t, size_t>>> children_;
};

}  // namespace

void plan_ownership(Planning& planning) {
  Ownership(planning).run();
}

}  // namespace godwit::pipeline
