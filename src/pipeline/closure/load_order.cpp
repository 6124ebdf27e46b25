// Parents before children: strongly connected components of the foreign keys between copied tables, and how
// each cycle is broken (DESIGN §5): deferrable · one statement · null-then-update · refuse.
#include "base/graph.h"
#include "base/text.h"
#include "pipeline/closure/planning.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace godwit::pipeline {
namespace {

// A foreign key that the database enforces between two copied tables.
struct Enforced {
  size_t child = 0;
  size_t parent = 0;
  const ForeignKey* key = nullptr;
};

class LoadOrder {
 public:
  LoadOrder(const Planning& planning, size_t store, StoreClosure& closure, Problems& problems)
      : planning_(planning), catalog_(*planning.sources[store]), closure_(closure), problems_(problems) {
    std::map<TableName, size_t> node;
    for (size_t table = 0; table < planning.tables.size(); ++table) {
      if (planning.tables[table].store != store || !planning.tables[table].copied()) continue;
      node[planning.tables[table].table->name] = tables_.size();
      tables_.push_back(table);
    }
    for (size_t child = 0; child < tables_.size(); ++child) {
      for (const auto& key : planning.tables[tables_[child]].keys) {
        if (key.key.configured || key.crosses()) continue;
        const auto parent = node.find(key.key.parent);
        if (parent != node.end()) keys_.push_back({child, parent->second, &key.key});
      }
    }
  }

  void run() {
    const Graph graph = graph_of([](const Enforced&) { return true; });
    for (const auto& component : strong_components(graph)) {
      if (component.size() > 1) {
        break_cycle(component);
        continue;
      }
      closure_.load_order.push_back({name(component.front())});
      if (is_cycle(graph, component)) break_self_reference(component.front());
    }
  }

 private:
  [[nodiscard]] const TableName& name(size_t node) const {
    return planning_.tables[tables_[node]].table->name;
  }
  [[nodiscard]] bool postgres() const { return catalog_.kind == "postgres"; }
  // SQLite defers every foreign key of a transaction: PRAGMA defer_foreign_keys.
  [[nodiscard]] bool deferrable(const ForeignKey& key) const {
    return catalog_.kind == "sqlite" || key.deferrable;
  }

  template <typename Keep>
  [[nodiscard]] Graph graph_of(Keep keep) const {
    Graph graph(tables_.size());
    for (const auto& key : keys_) {
      if (keep(key)) graph[key.child].push_back(key.parent);
    }
    return graph;
  }

  // The component's tables, parents first, when the keys that are kept form no cycle.
  template <typename Keep>
  std::optional<std::vector<TableName>> order(const std::vector<size_t>& component, Keep keep) const {
    const std::set<size_t> inside(component.begin(), component.end());
    const Graph graph = graph_of([&](const Enforced& key) {
      return key.child != key.parent && inside.count(key.child) > 0 && inside.count(key.parent) > 0 &&
             keep(key);
    });
    std::vector<TableName> names;
    for (const auto& part : strong_components(graph)) {
      if (part.size() > 1) return std::nullopt;
      if (inside.count(part.front()) > 0) names.push_back(name(part.front()));
    }
    return names;
  }

  void add_break(CycleBreak::How how, std::vector<TableName> tables, const Enforced* deferred,
                 std::string reason) {
    CycleBreak cycle;
    cycle.tables = std::move(tables);
    cycle.how = how;
    if (deferred != nullptr) {
      cycle.child = name(deferred->child);
      cycle.foreign_key = *deferred->key;
    }
    cycle.reason = std::move(reason);
    closure_.cycle_breaks.push_back(std::move(cycle));
  }

  // PostgreSQL checks at the end of a statement, and a table is loaded by one. SQLite inserts row by row.
  void break_self_reference(size_t node) {
    if (catalog_.kind != "sqlite") return;
    add_break(CycleBreak::How::deferrable, {name(node)}, nullptr,
              "rows may come before the rows they reference: foreign keys are checked at commit");
  }

  void break_cycle(const std::vector<size_t>& component) {
    std::vector<TableName> names;
    for (const size_t node : component)
      names.push_back(name(node));
    if (const auto deferred = order(component, [&](const Enforced& key) { return !deferrable(*key.key); })) {
      add_break(CycleBreak::How::deferrable, *deferred, nullptr,
                postgres() ? "deferrable foreign keys close the cycle: they are checked before the commit"
                           : "foreign keys are checked at commit");
      closure_.load_order.push_back(*deferred);
      return;
    }
    if (postgres()) {
      add_break(
          CycleBreak::How::single_statement, names, nullptr,
          "no deferrable foreign key closes the cycle: all its tables are inserted by one statement, which "
          "PostgreSQL checks at its end");
      closure_.load_order.push_back(names);
      return;
    }
    break_by_nulls(component, names);
  }

  void break_by_nulls(const std::vector<size_t>& component, const std::vector<TableName>& names) {
    std::vector<const Enforced*> cut;
    const auto kept = [&](const Enforced& key) {
      return std::find(cut.begin(), cut.end(), &key) == cut.end();
    };
    const std::set<size_t> inside(component.begin(), component.end());
    for (const auto& key : keys_) {
      if (order(component, kept)) break;
      if (inside.count(key.child) == 0 || inside.count(key.parent) == 0 || key.child == key.parent) continue;
      if (may_be_null(key)) cut.push_back(&key);
    }
    const auto ordered = order(component, kept);
    if (!ordered) {
      std::vector<std::string> texts;
      for (const auto& table : names)
        texts.push_back(table.text());
      problems_.add_refusal(
          fmt::format("{}: the cycle {} cannot be loaded: none of its foreign keys is deferrable or "
                      "may be NULL for a while",
                      catalog_.store, join(texts, ", ")));
      return;
    }
    for (const auto* key : cut) {
      add_break(CycleBreak::How::null_then_update, *ordered, key,
                fmt::format("{} is loaded as NULL and filled in at the end", join(key->key->columns, ",")));
    }
    closure_.load_order.push_back(*ordered);
  }

  [[nodiscard]] bool may_be_null(const Enforced& key) const {
    const Table& table = *planning_.tables[tables_[key.child]].table;
    return std::all_of(key.key->columns.begin(), key.key->columns.end(), [&](const std::string& column) {
      return table.column(column) != nullptr && table.column(column)->nullable;
    });
  }

  const Planning& planning_;
  const Catalog& catalog_;
  StoreClosure& closure_;
  Problems& problems_;
  std::vector<size_t> tables_;  // node -> table
  std::vector<Enforced> keys_;
};

}  // namespace

void plan_load_order(const Planning& planning, size_t store, StoreClosure& closure, Problems& problems) {
  LoadOrder(planning, store, closure, problems).run();
}

}  // namespace godwit::pipeline
