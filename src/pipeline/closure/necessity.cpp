// Necessity goes up: what happens to parents outside the owned rows, and which tables that brings in. Then
// every table that is neither owned nor brought in must be classified by a person.
#include "base/text.h"
#include "connect/selection_sql.h"
#include "pipeline/closure/planning.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::pipeline {
namespace {

class Necessity {
 public:
  explicit Necessity(Planning& planning) : planning_(planning) {}

  void run() {
    take_classified();
    for (size_t table = 0; table < planning_.tables.size(); ++table) {
      if (at(table).ordinary) add_edges(table);
    }
    include_parents();
    prove_inside();
    find_outside();
    for (size_t table = 0; table < planning_.tables.size(); ++table) {
      if (at(table).copied()) check_edges(table);
    }
    refuse_unclassified();
  }

 private:
  PlannedTable& at(size_t table) { return planning_.tables[table]; }

  void take_classified() {
    for (size_t table = 0; table < planning_.tables.size(); ++table) {
      PlannedTable& planned = at(table);
      if (!planned.ordinary || planned.classified != Classified::shared) continue;
      planned.closure.membership = Membership::shared;
      planned.closure.key_column = planned.key_column;
      if (planned.key_column.empty()) continue;
      planning_.problems.add_refusal(
          fmt::format("shared: {} has the tenant key {}; copied whole, it would bring every {}'s rows",
                      planning_.reference(table), planned.key_column, planning_.settings->scope.name) +
          yaml_to_add(planning_, fmt::format("scope: {{keys: {{{}: ''}}}}   # if {} is no tenant key there",
                                             yaml_text(planning_.reference(table)), planned.key_column)));
    }
  }

  void add_edges(size_t table) {
    for (const auto& key : at(table).keys) {
      NecessityEdge edge;
      edge.foreign_key = key.key;
      edge.policy = key.policy.value_or(planning_.settings->outside);
      // The policy of all edges does not overrule what was said of the table; across stores only the target
      // can tell whether the parent is there.
      const bool left_out = at(*key.parent).classified == Classified::skip;
      const bool whole = at(table).classified == Classified::shared;
      if (!key.policy && (key.crosses() || (edge.policy == OutsidePolicy::include && (left_out || whole)))) {
        edge.policy = OutsidePolicy::reference;
      }
      at(table).closure.edges.push_back(std::move(edge));
    }
  }

  void include_parents() {
    for (bool grew = true; grew;) {
      grew = false;
      for (size_t table = 0; table < planning_.tables.size(); ++table) {
        if (!at(table).copied()) continue;
        for (size_t key = 0; key < at(table).keys.size(); ++key) {
          if (at(table).closure.edges[key].policy != OutsidePolicy::include || at(table).keys[key].crosses())
            continue;
          PlannedTable& parent = at(*at(table).keys[key].parent);
          if (parent.copied() || !parent.ordinary || parent.classified != Classified::no) continue;
          parent.closure.membership = Membership::needed;
          parent.closure.key_column = parent.key_column;
          grew = true;
        }
      }
    }
  }

  // An edge stays inside when it is what makes the row owned. A table with needed rows proves nothing: those
  // rows come from anywhere.
  void prove_inside() {
    for (size_t table = 0; table < planning_.tables.size(); ++table) {
      for (size_t key = 0; key < at(table).closure.edges.size(); ++key) {
        at(table).closure.edges[key].inside = stays_inside(table, key);
      }
    }
    for (bool grew = true; grew;) {
      grew = false;
      for (size_t table = 0; table < planning_.tables.size(); ++table) {
        if (!at(table).copied()) continue;
        for (size_t key = 0; key < at(table).closure.edges.size(); ++key) {
          NecessityEdge& edge = at(table).closure.edges[key];
          if (edge.inside && at(table).closure.has_needed_rows) edge.inside = false, grew = true;
          if (edge.inside || edge.policy != OutsidePolicy::include || at(table).keys[key].crosses()) continue;
          TableClosure& parent = at(*at(table).keys[key].parent).closure;
          const bool chosen =
              parent.membership == Membership::owned || parent.membership == Membership::needed;
          if (!chosen || parent.has_needed_rows) continue;
          parent.has_needed_rows = grew = true;
        }
      }
    }
  }

  bool stays_inside(size_t table, size_t number) {
    const PlannedKey& key = at(table).keys[number];
    const TableClosure& child = at(table).closure;
    const TableClosure& parent = at(*key.parent).closure;
    if (child.membership != Membership::owned || parent.membership != Membership::owned) return false;
    if (child.owners.size() > 1 && child.cross_scope == CrossScope::any) return false;
    for (const auto& step : child.owners) {
      const bool over = step.kind == OwnerStep::Kind::parent || step.kind == OwnerStep::Kind::link;
      if (over && step.foreign_key.name == key.key.name) return true;
      if (over || key.crosses() || key.partial || parent.owners.size() != 1) continue;
      // The key that owns the child is part of the reference, and owns the parent.
      const OwnerStep& above = parent.owners.front();
      if (above.kind != OwnerStep::Kind::root && above.kind != OwnerStep::Kind::key) continue;
      for (size_t i = 0; i < key.key.columns.size(); ++i) {
        if (key.key.columns[i] == step.column && key.key.parent_columns[i] == above.column) return true;
      }
    }
    return false;
  }

  // Tables that are left out although copied rows point at them: their rows must be in the target.
  void find_outside() {
    for (size_t table = 0; table < planning_.tables.size(); ++table) {
      if (!at(table).copied()) continue;
      for (const auto& key : at(table).keys) {
        if (key.crosses()) continue;
        PlannedTable& parent = at(*key.parent);
        if (parent.copied() || !parent.ordinary) continue;
        const bool explicit_edges = parent.classified == Classified::skip || all_edges_given(*key.parent);
        if (explicit_edges) parent.closure.membership = Membership::outside;
      }
    }
  }

  // Every copied table that points here says what becomes of the reference: that classifies the parent.
  bool all_edges_given(size_t parent) {
    for (const auto& child : planning_.tables) {
      if (!child.copied()) continue;
      for (const auto& key : child.keys) {
        if (!key.crosses() && *key.parent == parent && !key.policy) return false;
      }
    }
    return true;
  }

  // ---- what cannot hold

  void check_edges(size_t table) {
    PlannedTable& planned = at(table);
    for (size_t number = 0; number < planned.keys.size(); ++number) {
      const PlannedKey& key = planned.keys[number];
      const NecessityEdge& edge = planned.closure.edges[number];
      const PlannedTable& parent = at(*key.parent);
      if (planned.closure.membership == Membership::shared) check_shared(table, number);
      if (key.crosses() && edge.policy != OutsidePolicy::reference) {
        planning_.problems.add_refusal(
            fmt::format("outside: {} is '{}', but {} is in another store: only 'reference' can be held there",
                        planning_.reference(table, key.key.columns), to_string(edge.policy),
                        planning_.reference(*key.parent)) +
            edge_yaml(table, number, "reference"));
        continue;
      }
      if (edge.policy == OutsidePolicy::include && parent.classified == Classified::skip) {
        planning_.problems.add_refusal(fmt::format("outside: {} is 'include', but {} is skipped",
                                                   planning_.reference(table, key.key.columns),
                                                   planning_.reference(*key.parent)) +
                                       edge_yaml(table, number, "reference"));
      }
      if (edge.policy != OutsidePolicy::null || edge.inside) continue;
      if (parent.closure.membership == Membership::shared && !key.key.configured && key.key.validated)
        continue;
      if (!connect::cut_columns(planned.closure, *planned.table, key.key).empty()) continue;
      planning_.problems.add_refusal(
          fmt::format(
              "outside: {} is 'null', but no column of it can be emptied: each is NOT NULL, owns the row, or "
              "belongs to another foreign key",
              planning_.reference(table, key.key.columns)) +
          edge_yaml(table, number, "reference"));
    }
  }

  // A table that is copied whole brings references from every tenant's rows.
  void check_shared(size_t table, size_t number) {
    const PlannedKey& key = at(table).keys[number];
    const PlannedTable& parent = at(*key.parent);
    const OutsidePolicy policy = at(table).closure.edges[number].policy;
    if (parent.classified == Classified::shared || *key.parent == table || key.crosses()) return;
    if (parent.classified == Classified::skip || (key.policy && policy != OutsidePolicy::include)) return;
    const bool owned = parent.closure.membership == Membership::owned;
    planning_.problems.add_refusal(
        fmt::format("shared: {} is copied whole, and its {} leads to {}, which is not{}",
                    planning_.reference(table), join(key.key.columns, ","), planning_.reference(*key.parent),
                    owned ? fmt::format(": its rows belong to a {}", planning_.settings->scope.name) : "") +
        (owned ? edge_yaml(table, number, "reference")
               : yaml_to_add(planning_,
                             fmt::format("shared: [{}]", yaml_text(planning_.reference(*key.parent))))));
  }

  std::string edge_yaml(size_t table, size_t number, const std::string& policy) {
    const auto& columns = at(table).keys[number].key.columns;
    return yaml_to_add(planning_,
                       fmt::format("outside: {{{}: {}}}", yaml_text(planning_.reference(table, columns)),
                                   yaml_text(policy)));
  }

  // ---- what a person must classify

  void refuse_unclassified() {
    std::vector<std::string> names, whole, lines;
    for (size_t table = 0; table < planning_.tables.size(); ++table) {
      const PlannedTable& planned = at(table);
      if (!planned.ordinary || planned.classified != Classified::no) continue;
      if (planned.closure.membership != Membership::skipped) continue;
      if (planned.owner_named) continue;  // refused before
      names.push_back(yaml_text(planning_.reference(table)));
      // What belongs to a tenant is never offered to be copied whole.
      if (partial_links(table).empty()) whole.push_back(names.back());
      lines.push_back(fmt::format("    {}: {}", planning_.reference(table), why_unclassified(table)));
    }
    if (names.empty()) return;
    std::string message = fmt::format("{} must be classified:\n{}",
                                      names.size() == 1 ? "1 table" : fmt::format("{} tables", names.size()),
                                      join(lines, "\n"));
    if (!whole.empty()) {
      message +=
          yaml_to_add(planning_, "shared: [" + join(whole, ", ") + "]   # copied whole: reference data");
    }
    message += yaml_to_add(planning_, "skip: [" + join(names, ", ") +
                                          "]   # left out; what copied rows reference must be in the target");
    planning_.problems.add_refusal(message);
  }

  // Foreign keys to owned tables that only some partitions have, as links.
  std::vector<std::string> partial_links(size_t table) {
    std::vector<std::string> links;
    for (const auto& key : at(table).keys) {
      if (!key.partial || at(*key.parent).closure.membership != Membership::owned) continue;
      links.push_back(yaml_text(planning_.reference(table, key.key.columns) + " -> " +
                                planning_.reference(*key.parent, key.key.parent_columns)));
    }
    return links;
  }

  std::string why_unclassified(size_t table) {
    const PlannedTable& planned = at(table);
    if (const auto partial = partial_links(table); !partial.empty()) {
      return fmt::format("only some partitions have its foreign keys; say which hold for all: links: [{}]",
                         join(partial, ", "));
    }
    for (const auto& key : planned.keys) {
      if (at(*key.parent).closure.membership != Membership::needed || key.crosses()) continue;
      return fmt::format("reached only over {}, whose rows are there because others need them",
                         planning_.reference(*key.parent));
    }
    std::vector<std::string> users;
    for (size_t child = 0; child < planning_.tables.size(); ++child) {
      if (!at(child).copied()) continue;
      for (const auto& key : at(child).keys) {
        if (*key.parent == table) users.push_back(planning_.reference(child, key.key.columns));
      }
    }
    const std::string root = planning_.reference(planning_.root);
    if (users.empty()) return fmt::format("no path to {}", root);
    const size_t more = users.size() > 3 ? users.size() - 3 : 0;
    users.resize(users.size() - more);
    return fmt::format("no path to {}; referenced by {}{}", root, join(users, ", "),
                       more > 0 ? fmt::format(" and {} more", more) : "");
  }

  Planning& planning_;
};

}  // namespace

void plan_necessity(Planning& planning) {
  Necessity(planning).run();
}

}  // namespace godwit::pipeline
