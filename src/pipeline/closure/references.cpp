// What settings name, found in the catalogs: root, tenant keys, shared, skip, cross_scope.
#include "base/text.h"
#include "config/reference.h"
#include "pipeline/closure/name_pattern.h"
#include "pipeline/closure/planning.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::pipeline {
namespace {

std::string nearest_hint(const std::string& word, const std::vector<std::string>& candidates) {
  const auto near = nearest(word, candidates);
  if (near.empty()) return {};
  std::vector<std::string> shown(near.begin(),
                                 near.begin() + static_cast<long>(std::min<size_t>(3, near.size())));
  return ": did you mean " + join(shown, ", ") + "?";
}

struct Asked {
  std::optional<std::string> store, schema;
  std::string table;
};

bool fits(const Planning& planning, const PlannedTable& planned, const Asked& asked, bool default_schema) {
  const Catalog& catalog = *planning.sources[planned.store];
  const TableName& name = planned.table->name;
  if (asked.store && !matches(*asked.store, catalog.store)) return false;
  if (asked.schema && !matches(*asked.schema, name.schema)) return false;
  if (!asked.schema && default_schema && name.schema != catalog.default_schema) return false;
  return matches(asked.table, name.name);
}

// The readings of a reference, the first that finds something wins: "a.b" is store.table before schema.table,
// and the default schema comes before the others.
std::vector<Asked> readings(const Planning& planning, const std::vector<std::string>& parts) {
  if (parts.size() == 3) return {{parts[0], parts[1], parts[2]}};
  if (parts.size() == 1) return {{std::nullopt, std::nullopt, parts[0]}};
  std::vector<Asked> result;
  const bool store = planning.find_store(parts[0]).has_value() || parts[0].find('*') != std::string::npos;
  if (store) result.push_back({parts[0], std::nullopt, parts[1]});
  result.push_back({std::nullopt, parts[0], parts[1]});
  return result;
}

std::vector<size_t> candidates(const Planning& planning, const std::vector<std::string>& parts) {
  for (const auto& asked : readings(planning, parts)) {
    for (const bool default_schema : {true, false}) {
      std::vector<size_t> found;
      for (size_t table = 0; table < planning.tables.size(); ++table) {
        if (fits(planning, planning.tables[table], asked, default_schema)) found.push_back(table);
      }
      if (!found.empty()) return found;
    }
  }
  return {};
}

void read_scope_keys(Planning& planning) {
  const auto& keys = planning.settings->scope.keys;
  std::vector<int> rank(planning.tables.size(), -1);  // how specific the pattern was
  for (const auto& [pattern, column] : keys) {
    std::vector<size_t> tables;
    int specific = 0;
    const auto parts = split_reference(pattern);
    if (!parts.ok()) {
      planning.problems.add_config(planning.where(pattern), "scope.keys: " + parts.error().message);
      continue;
    }
    if (pattern == "*" || (parts->size() == 1 && planning.find_store(parts->front()).has_value())) {
      specific = pattern == "*" ? 0 : 1;
      for (size_t table = 0; table < planning.tables.size(); ++table) {
        if (pattern == "*" || planning.sources[planning.tables[table].store]->store == parts->front()) {
          tables.push_back(table);
        }
      }
    } else {
      specific = 2;
      tables = resolve_tables(planning, *parts, pattern, false, "scope.keys");
    }
    for (const size_t table : tables) {
      PlannedTable& planned = planning.tables[table];
      if (specific <= rank[table]) continue;
      const bool exists = planned.table->column(column) != nullptr;
      if (specific == 2 && !column.empty() && !exists) {
        std::vector<std::string> names;
        for (const auto& candidate : planned.table->columns)
          names.push_back(candidate.name);
        planning.problems.add_config(
            planning.where(pattern),
            fmt::format("scope.keys: {} has no column '{}'{}", planning.reference(table), column,
                        nearest_hint(column, names)));
      }
      rank[table] = specific;
      planned.key_column = exists ? column : "";
    }
  }
}

void classify(Planning& planning, const std::vector<std::string>& references, Classified as) {
  const std::string setting = as == Classified::shared ? "shared" : "skip";
  for (const auto& written : references) {
    const auto parts = split_reference(written);
    if (!parts.ok()) {
      planning.problems.add_config(planning.where(written), setting + ": " + parts.error().message);
      continue;
    }
    const bool pattern = written.find('*') != std::string::npos;
    for (const size_t table : resolve_tables(planning, *parts, written, true, setting)) {
      PlannedTable& planned = planning.tables[table];
      if (pattern && !planned.ordinary) continue;
      if (planned.classified != Classified::no && planned.classified != as) {
        if (pattern && !planned.by_pattern) continue;  // the exact reference said otherwise
        if (pattern == planned.by_pattern) {
          planning.problems.add_config(
              planning.where(written),
              fmt::format("{} is both in shared and in skip", planning.reference(table)));
        }
      }
      planned.classified = as;
      planned.by_pattern = pattern;
    }
  }
}

}  // namespace

std::vector<size_t> resolve_tables(Planning& planning, const std::vector<std::string>& parts,
                                   const std::string& written, bool patterns, const std::string& setting) {
  std::vector<size_t> found = candidates(planning, parts);
  if (found.empty()) {
    std::vector<std::string> names;
    for (size_t table = 0; table < planning.tables.size(); ++table) {
      if (!planning.tables[table].ordinary) continue;
      names.push_back(parts.size() == 1 ? planning.tables[table].table->name.name
                                        : planning.reference(table));
    }
    planning.problems.add_config(planning.where(written),
                                 fmt::format("{}: there is no table '{}'{}", setting, join(parts, "."),
                                             nearest_hint(join(parts, "."), names)));
    return {};
  }
  if (found.size() > 1 && !(patterns && written.find('*') != std::string::npos)) {
    std::vector<std::string> names;
    for (const size_t table : found)
      names.push_back(planning.reference(table));
    planning.problems.add_config(planning.where(written), fmt::format("{}: '{}' may be any of {}", setting,
                                                                      join(parts, "."), join(names, ", ")));
    return {};
  }
  return found;
}

void read_root(Planning& planning) {
  const TableReference& root = planning.settings->scope.root;
  auto parts = split_reference(root.written);
  if (!parts.ok() || parts->size() < 2) {
    planning.problems.add_config(root.where,
                                 fmt::format("scope.root: '{}' is not store.table.column", root.written));
    return;
  }
  std::vector<std::string> table = *parts;
  planning.root_column = table.back();
  table.pop_back();
  const auto found = resolve_tables(planning, table, root.written, false, "scope.root");
  if (found.empty()) return;
  planning.root = found.front();
  const PlannedTable& planned = planning.tables[planning.root];
  if (!planned.ordinary) {
    planning.problems.add_config(root.where,
                                 fmt::format("scope.root: {} is a view, a partition or godwit's own",
                                             planning.reference(planning.root)));
  }
  if (planned.table->column(planning.root_column) != nullptr) return;
  std::vector<std::string> names;
  for (const auto& column : planned.table->columns)
    names.push_back(column.name);
  planning.problems.add_config(
      root.where, fmt::format("scope.root: {} has no column '{}'{}", planning.reference(planning.root),
                              planning.root_column, nearest_hint(planning.root_column, names)));
}

void read_references(Planning& planning) {
  const PipelineSettings& settings = *planning.settings;
  read_scope_keys(planning);
  classify(planning, settings.shared, Classified::shared);
  classify(planning, settings.skip, Classified::skip);
  const PlannedTable& root = planning.tables[planning.root];
  if (root.classified != Classified::no) {
    planning.problems.add_config(
        settings.scope.root.where,
        fmt::format("{} is the scope's root and cannot be {}", planning.reference(planning.root),
                    root.classified == Classified::shared ? "shared" : "skipped"));
  }
  for (const auto& [written, cross_scope] : settings.cross_scope_tables) {
    const auto parts = split_reference(written);
    if (!parts.ok()) {
      planning.problems.add_config(planning.where(written), "cross_scope: " + parts.error().message);
      continue;
    }
    for (const size_t table : resolve_tables(planning, *parts, written, false, "cross_scope")) {
      planning.tables[table].cross_scope = cross_scope;
    }
  }
}

}  // namespace godwit::pipeline
