#include "pipeline/plan/load_strategies.h"

#include "base/text.h"
#include "config/reference.h"
#include "pipeline/closure/name_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace godwit::pipeline {

namespace {

using connect::LoadStrategy;
using connect::Resolution;

bool has_star(const std::string& text) {
  return text.find('*') != std::string::npos;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Strategies {
 public:
  Strategies(const PipelineSettings& settings, const std::vector<Catalog>& catalogs, MigrationPlan& plan)
      : settings_(settings), catalogs_(catalogs), plan_(plan) {}

  Status run() {
    RETURN_IF_ERROR(set_strategies());
    for (const StorePlan& store : plan_.stores)
      RETURN_IF_ERROR(refuse_links(store));
    for (const auto& [pattern, value] : settings_.load.resolve)
      RETURN_IF_ERROR(resolve(pattern, value));
    return {};
  }

 private:
  [[nodiscard]] Error at(const std::string& written, std::string message, std::string hint = {}) const {
    Error error = make_error(ErrorKind::config, std::move(message), std::move(hint));
    const auto where = settings_.references.find(written);
    if (where != settings_.references.end()) error.where = where->second;
    return error;
  }

  // "a.b" is store.table before schema.table, and without a schema the store's default one comes first.
  std::vector<DatasetPlan*> find(const std::vector<std::string>& parts) {
    std::vector<std::vector<std::string>> readings;  // store, schema, table
    if (parts.size() == 3) readings = {parts};
    if (parts.size() == 1) readings = {{"*", "", parts[0]}};
    if (parts.size() == 2) readings = {{parts[0], "", parts[1]}, {"*", parts[0], parts[1]}};
    for (const auto& reading : readings) {
      const bool any_schema = !reading[1].empty() || has_star(reading[2]);
      for (const bool by_default : {true, false}) {
        if (by_default && any_schema) continue;
        auto found = read(reading, by_default);
        if (!found.empty()) return found;
      }
    }
    return {};
  }

  std::vector<DatasetPlan*> read(const std::vector<std::string>& reading, bool default_schema) {
    std::vector<DatasetPlan*> found;
    for (size_t i = 0; i < plan_.stores.size(); ++i) {
      if (!matches(reading[0], plan_.stores[i].store)) continue;
      for (DatasetPlan& planned : plan_.stores[i].datasets) {
        const TableName& name = planned.dataset.table.name;
        if (!reading[1].empty() && !matches(reading[1], name.schema)) continue;
        if (default_schema && name.schema != catalogs_[i].default_schema) continue;
        if (matches(reading[2], name.name)) found.push_back(&planned);
      }
    }
    return found;
  }

  Status set_strategies() {
    const auto wanted = connect::load_strategy_from(settings_.load.strategy);
    CHECK(wanted.has_value());
    for (StorePlan& store : plan_.stores) {
      for (DatasetPlan& planned : store.datasets)
        planned.strategy = *wanted;
    }
    for (const auto& [written, text] : settings_.load.strategies) {
      const auto strategy = connect::load_strategy_from(text);
      ASSIGN_OR_RETURN(const auto parts, split_reference(written));
      const auto found = find(parts);
      if (found.empty() || (found.size() > 1 && !has_star(written))) {
        return at(written, fmt::format("load.strategies: '{}' is {}", written,
                                       found.empty() ? "no table of the plan" : "more than one table"));
      }
      for (DatasetPlan* planned : found) {
        const bool owned = planned->dataset.closure.membership == Membership::owned;
        if (!owned && !has_star(written)) {
          return at(
              written,
              fmt::format("load.strategies: {} holds no row of the scope's own: its rows are inserted when "
                          "absent, and never changed",
                          planned->dataset.id));
        }
        planned->strategy = *strategy;
      }
    }
    for (const StorePlan& store : plan_.stores)
      note_replaced(store);
    return {};
  }

  void note_replaced(const StorePlan& store) {
    std::vector<std::string> names;
    for (const DatasetPlan& planned : store.datasets) {
      if (replaced(planned)) names.push_back(planned.dataset.table.name.name);
    }
    if (names.empty()) return;
    plan_.notes.push_back(
        fmt::format("{}: rows of {} {} that the target has and the run does not bring are "
                    "deleted from: {}",
                    store.store, plan_.scope_name, plan_.scope, join(names, ", ")));
  }

  // The keys of another store's rows as they are before the run are not at hand when this one is changed.
  static Status refuse_links(const StorePlan& store) {
    std::set<TableName> linked;
    for (size_t size = linked.size() + 1; size != linked.size();) {
      size = linked.size();
      for (const TableClosure& table : store.closure.tables) {
        const bool over_link =
            std::any_of(table.owners.begin(), table.owners.end(), [&](const OwnerStep& step) {
              return step.kind == OwnerStep::Kind::link ||
                     (step.kind == OwnerStep::Kind::parent && linked.count(step.foreign_key.parent) > 0);
            });
        if (over_link) linked.insert(table.table);
      }
    }
    std::vector<std::string> names;
    for (const DatasetPlan& planned : store.datasets) {
      if (replaced(planned) && linked.count(planned.dataset.table.name) > 0)
        names.push_back(planned.dataset.id);
    }
    if (names.empty()) return {};
    return make_error(
        ErrorKind::plan_refused,
        "these tables cannot be replaced: a link to another store decides whose their rows are:\n  " +
            join(names, "\n  "),
        fmt::format("load them with another strategy: load: {{strategies: {{{}: upsert}}}}", names.front()));
  }

  static bool replaced(const DatasetPlan& planned) {
    return planned.strategy == LoadStrategy::replace &&
           planned.dataset.closure.membership == Membership::owned;
  }
  static bool merged(const DatasetPlan& planned) {
    return (planned.strategy == LoadStrategy::merge || planned.strategy == LoadStrategy::automatic) &&
           planned.dataset.closure.membership == Membership::owned;
  }

  Status resolve(const std::string& pattern, const std::string& value) {
    ASSIGN_OR_RETURN(auto parts, split_reference(pattern));
    const std::string column = parts.back();
    parts.pop_back();
    bool found = false;
    for (DatasetPlan* planned : find(parts)) {
      if (!merged(*planned)) continue;
      for (const DatasetColumn& candidate : planned->dataset.columns) {
        if (!matches(column, candidate.name)) continue;
        found = true;
        RETURN_IF_ERROR(resolve(*planned, candidate.name, pattern, value));
      }
    }
    if (found) return {};
    return at(pattern, fmt::format("load.resolve: '{}' is no column of a table that is merged", pattern),
              "tables are merged by strategy merge or auto, and only where the scope owns rows");
  }

  // An exact reference wins over a pattern, a pattern with more of its own letters over one with fewer.
  Status resolve(DatasetPlan& planned, const std::string& column, const std::string& pattern,
                 const std::string& value) {
    const auto stars = std::count(pattern.begin(), pattern.end(), '*');
    const std::pair rank(stars == 0, static_cast<int64_t>(pattern.size()) - stars);
    auto [known, fresh] = ranks_.emplace(std::pair(planned.dataset.id, column), rank);
    if (!fresh && known->second > rank) return {};
    known->second = rank;
    planned.resolve.erase(column);
    if (value == "source") return {};
    if (const std::string reason = decides(planned, column); !reason.empty()) {
      return at(pattern,
                fmt::format("load.resolve: {}.{} cannot be resolved to {}: {}", planned.dataset.id, column,
                            value, reason),
                "leave it out, or say `source` for it with its full name");
    }
    planned.resolve[column] = value == "target" ? Resolution::target : Resolution::fill;
    return {};
  }

  // Why the target's value may not stay; empty when it may.
  static std::string decides(const DatasetPlan& planned, const std::string& column) {
    for (const Table* table : {&planned.target, &planned.dataset.table}) {
      for (const Key& key : table->keys) {
        const bool named = contains(key.columns, column);
        if (named && key.primary) return "it is part of the primary key";
        if (named)
          return fmt::format("it is part of the unique key {}, and values of both sides could meet",
                             key.name);
      }
    }
    const TableClosure& closure = planned.dataset.closure;
    const bool owns = column == closure.key_column ||
                      std::any_of(closure.owners.begin(), closure.owners.end(), [&](const OwnerStep& step) {
                        return step.column == column || contains(step.foreign_key.columns, column);
                      });
    return owns ? "it decides whose the row is" : "";
  }

  const PipelineSettings& settings_;
  const std::vector<Catalog>& catalogs_;
  MigrationPlan& plan_;
  std::map<std::pair<std::string, std::string>, std::pair<bool, int64_t>> ranks_;  // by dataset and column
};

}  // namespace

Status plan_strategies(const PipelineSettings& settings, const std::vector<Catalog>& catalogs,
                       MigrationPlan& plan) {
  return Strategies(settings, catalogs, plan).run();
}

}  // namespace godwit::pipeline
