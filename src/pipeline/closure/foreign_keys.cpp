// The foreign keys of every table: from the catalog, lifted from partitions, and configured links; then what
// settings say about single ones (owner, outside).
#include "base/text.h"
#include "config/reference.h"
#include "pipeline/closure/planning.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace godwit::pipeline {
namespace {

bool same_reference(const ForeignKey& left, const ForeignKey& right) {
  return left.columns == right.columns && left.parent == right.parent &&
         left.parent_columns == right.parent_columns && left.parent_store == right.parent_store;
}

PlannedKey* find_key(PlannedTable& planned, const ForeignKey& key) {
  const auto found = std::find_if(planned.keys.begin(), planned.keys.end(),
                                  [&](const PlannedKey& known) { return same_reference(known.key, key); });
  return found == planned.keys.end() ? nullptr : &*found;
}

std::string columns_near(const Table& table, const std::string& column) {
  std::vector<std::string> names;
  for (const auto& candidate : table.columns)
    names.push_back(candidate.name);
  const auto near = nearest(column, names);
  return near.empty() ? "" : ": did you mean " + near.front() + "?";
}

class Gatherer {
 public:
  explicit Gatherer(Planning& planning) : planning_(planning) {}

  void run() {
    for (size_t table = 0; table < planning_.tables.size(); ++table) {
      if (planning_.tables[table].ordinary) add_own(table);
    }
    for (size_t table = 0; table < planning_.tables.size(); ++table) {
      if (planning_.tables[table].table->kind == TableKind::partitioned && planning_.tables[table].ordinary) {
        lift_from_partitions(table);
      }
    }
    for (const auto& link : planning_.settings->links)
      add_link(link);
    for (const auto& [table, columns] : planning_.settings->owner)
      read_owner(table, columns);
    for (const auto& [written, policy] : planning_.settings->outside_edges)
      read_edge(written, policy);
  }

 private:
  // The table that holds the rows of this one: a partition's rows are read through the topmost parent.
  [[nodiscard]] std::optional<size_t> top(size_t store, TableName name) const {
    for (;;) {
      const auto found = planning_.find(store, name);
      if (!found || !planning_.tables[*found].table->partition_of) return found;
      name = *planning_.tables[*found].table->partition_of;
    }
  }

  // The key with its parent found. Nothing when the parent cannot be seen.
  std::optional<PlannedKey> planned_key(size_t child, ForeignKey key) {
    const size_t store = planning_.tables[child].store;
    const auto parent = top(store, key.parent);
    if (!parent) {
      planning_.problems.add_refusal(
          fmt::format("{} references {} over {}, and that table is not in the catalog: "
                      "the account may not see its schema",
                      planning_.reference(child), key.parent.text(), key.name));
      return std::nullopt;
    }
    PlannedKey planned;
    // A partition's key is unique in the partition only.
    if (planning_.tables[*parent].table->name != key.parent) key.configured = true;
    key.parent = planning_.tables[*parent].table->name;
    planned.key = std::move(key);
    planned.parent = parent;
    return planned;
  }

  void add_own(size_t table) {
    PlannedTable& planned = planning_.tables[table];
    for (const auto& key : planned.table->foreign_keys) {
      auto found = planned_key(table, key);
      if (!found || find_key(planned, found->key) != nullptr) continue;
      // A catalog may lift the foreign keys of partitions itself; not validated means: not on all of them.
      found->partial = planned.table->kind == TableKind::partitioned && !key.validated;
      planned.keys.push_back(std::move(*found));
    }
  }

  // The partitions that hold rows, and their foreign keys, which the parent may lack.
  void lift_from_partitions(size_t table) {
    PlannedTable& planned = planning_.tables[table];
    std::vector<const PlannedTable*> leaves;
    for (const auto& candidate : planning_.tables) {
      if (candidate.store != planned.store || !candidate.table->partition_of) continue;
      if (candidate.table->kind == TableKind::partitioned) continue;
      if (top(candidate.store, candidate.table->name) == table) leaves.push_back(&candidate);
    }
    std::vector<PlannedKey> lifted;
    std::vector<size_t> counts;
    for (const auto* leaf : leaves) {
      for (const auto& key : leaf->table->foreign_keys) {
        auto found = planned_key(table, key);
        if (!found || find_key(planned, found->key) != nullptr) continue;
        const auto known = std::find_if(lifted.begin(), lifted.end(), [&](const PlannedKey& other) {
          return same_reference(other.key, found->key);
        });
        if (known == lifted.end()) {
          lifted.push_back(std::move(*found));
          counts.push_back(1);
        } else {
          ++counts[static_cast<size_t>(known - lifted.begin())];
        }
      }
    }
    for (size_t i = 0; i < lifted.size(); ++i) {
      lifted[i].partial = counts[i] < leaves.size();
      if (lifted[i].partial) lifted[i].key.validated = false;
      planned.keys.push_back(std::move(lifted[i]));
    }
  }

  // Checks that the table has the columns.
  bool has_columns(size_t table, const std::vector<std::string>& columns, const std::string& written,
                   const std::string& setting) {
    bool all = true;
    for (const auto& column : columns) {
      if (planning_.tables[table].table->column(column) != nullptr) continue;
      all = false;
      planning_.problems.add_config(
          planning_.where(written),
          fmt::format("{}: {} has no column '{}'{}", setting, planning_.reference(table), column,
                      columns_near(*planning_.tables[table].table, column)));
    }
    return all;
  }

  std::optional<size_t> side_of_link(const ColumnsReference& side, const std::string& written) {
    const auto found = resolve_tables(planning_, side.table, written, false, "links");
    if (found.empty() || !has_columns(found.front(), side.columns, written, "links")) return std::nullopt;
    return top(planning_.tables[found.front()].store, planning_.tables[found.front()].table->name);
  }

  void add_link(const LinkSettings& link) {
    const std::string written = link.child + " -> " + link.parent;
    const auto parsed = split_link(written);
    const SourceLocation& where = link.where;
    if (!parsed.ok()) {
      planning_.problems.add_config(where, "links: " + parsed.error().message);
      return;
    }
    const auto child = side_of_link(parsed->child, written);
    const auto parent = side_of_link(parsed->parent, written);
    if (!child || !parent) return;
    PlannedTable& planned = planning_.tables[*child];
    PlannedKey key;
    key.key.name = planning_.reference(*child, parsed->child.columns) + " -> " +
                   planning_.reference(*parent, parsed->parent.columns);
    key.key.columns = parsed->child.columns;
    key.key.parent = planning_.tables[*parent].table->name;
    key.key.parent_columns = parsed->parent.columns;
    key.key.configured = true;
    key.parent = parent;
    if (planning_.tables[*parent].store != planned.store) {
      key.key.parent_store = planning_.sources[planning_.tables[*parent].store]->store;
    }
    if (!planned.ordinary || !planning_.tables[*parent].ordinary) {
      planning_.problems.add_config(
          where, fmt::format("links: '{}' joins a view, which is not moved", key.key.name));
      return;
    }
    PlannedKey* known = find_key(planned, key.key);
    if (known == nullptr) {
      planned.keys.push_back(std::move(key));
    } else if (known->partial) {
      // Some partitions enforce it; the link says that it holds for the others too.
      known->partial = false;
      known->key.validated = false;
    }
  }

  // ---- owner

  void read_owner(const std::string& written, const std::vector<std::string>& columns) {
    const auto parts = split_reference(written);
    if (!parts.ok()) {
      planning_.problems.add_config(planning_.where(written), "owner: " + parts.error().message);
      return;
    }
    for (const size_t table : resolve_tables(planning_, *parts, written, false, "owner")) {
      PlannedTable& planned = planning_.tables[table];
      planned.owner_named = true;
      planned.owner_where = planning_.where(written);
      if (planned.classified != Classified::no && !planned.by_pattern) {
        planning_.problems.add_config(
            planned.owner_where,
            fmt::format("owner: {} is {} and needs no owner", planning_.reference(table),
                        planned.classified == Classified::shared ? "shared" : "skipped"));
      } else if (has_columns(table, columns, written, "owner")) {
        planned.classified = Classified::no;
        if (table == planning_.root) {
          planning_.problems.add_config(planned.owner_where, "owner: the scope's root owns itself");
        }
        name_owner(table, columns);
      }
    }
  }

  // "a", or several: one foreign key of several columns, or one each.
  void name_owner(size_t table, const std::vector<std::string>& columns) {
    PlannedTable& planned = planning_.tables[table];
    const std::set<std::string> wanted(columns.begin(), columns.end());
    if (const auto whole = keys_on(planned, wanted); wanted.size() > 1 && !whole.empty()) {
      add_named(table, whole, columns.front());
      return;
    }
    for (const auto& column : columns) {
      if (column == planned.key_column) {
        planned.owned_by_key = true;
        continue;
      }
      auto found = keys_on(planned, {column});
      if (found.empty()) found = keys_with(planned, column);
      if (found.empty()) {
        planning_.problems.add_config(
            planned.owner_where,
            fmt::format("owner: {}.{} is in no foreign key or link, and is not the tenant key{}",
                        planning_.reference(table), column, named_choices(table)));
        continue;
      }
      add_named(table, found, column);
    }
  }

  void add_named(size_t table, const std::vector<size_t>& found, const std::string& column) {
    PlannedTable& planned = planning_.tables[table];
    if (found.size() == 1) {
      planned.owner_keys.push_back(found.front());
      return;
    }
    std::vector<std::string> names;
    for (const size_t key : found)
      names.push_back(planned.keys[key].key.name);
    planning_.problems.add_config(planned.owner_where,
                                  fmt::format("owner: {}.{} is in several foreign keys: {}",
                                              planning_.reference(table), column, join(names, ", ")));
  }

  [[nodiscard]] std::string named_choices(size_t table) const {
    std::vector<std::string> names;
    for (const auto& key : planning_.tables[table].keys)
      names.push_back(join(key.key.columns, ","));
    return names.empty() ? "" : ": it has " + join(names, " · ");
  }

  static std::vector<size_t> keys_on(const PlannedTable& planned, const std::set<std::string>& columns) {
    std::vector<size_t> found;
    for (size_t key = 0; key < planned.keys.size(); ++key) {
      const auto& own = planned.keys[key].key.columns;
      if (std::set<std::string>(own.begin(), own.end()) == columns) found.push_back(key);
    }
    return found;
  }

  static std::vector<size_t> keys_with(const PlannedTable& planned, const std::string& column) {
    std::vector<size_t> found;
    for (size_t key = 0; key < planned.keys.size(); ++key) {
      const auto& own = planned.keys[key].key.columns;
      if (std::find(own.begin(), own.end(), column) != own.end()) found.push_back(key);
    }
    return found;
  }

  // ---- outside

  void read_edge(const std::string& written, OutsidePolicy policy) {
    const auto parsed = split_columns_reference(written);
    if (!parsed.ok()) {
      planning_.problems.add_config(planning_.where(written), "outside: " + parsed.error().message);
      return;
    }
    for (const size_t table : resolve_tables(planning_, parsed->table, written, false, "outside")) {
      if (!has_columns(table, parsed->columns, written, "outside")) continue;
      PlannedTable& planned = planning_.tables[table];
      auto found = keys_on(planned, {parsed->columns.begin(), parsed->columns.end()});
      if (found.empty() && parsed->columns.size() == 1) found = keys_with(planned, parsed->columns.front());
      if (found.empty()) {
        planning_.problems.add_config(
            planning_.where(written),
            fmt::format("outside: {} is no foreign key{}", planning_.reference(table, parsed->columns),
                        named_choices(table)));
      }
      for (const size_t key : found)
        planned.keys[key].policy = policy;
    }
  }

  Planning& planning_;
};

}  // namespace

void gather_foreign_keys(Planning& planning) {
  Gatherer(planning).run();
}

}  // namespace godwit::pipeline
