// One pipeline of godwit.yml, and what its parts say about the rest of the file.
#include "base/text.h"
#include "config/read/fields.h"
#include "config/read/read.h"
#include "config/reference.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::config {

namespace {

template <typename Map>
std::vector<std::string> names_of(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map)
    names.push_back(name);
  return names;
}

OutsidePolicy outside_policy(std::string_view text) {
  if (text == "include") return OutsidePolicy::include;
  if (text == "null") return OutsidePolicy::null;
  if (text == "fail") return OutsidePolicy::fail;
  return OutsidePolicy::reference;
}

CrossScope cross_scope(std::string_view text) {
  if (text == "any") return CrossScope::any;
  if (text == "all") return CrossScope::all;
  return CrossScope::fail;
}

class PipelineReader {
 public:
  PipelineReader(const Entry& entry, const Settings& settings, Problems& problems)
      : fields_(*entry.value), settings_(settings), problems_(problems) {
    pipeline_.name = entry.key;
    pipeline_.where = entry.where;
    title_ = "pipelines." + entry.key;
  }

  PipelineSettings read() {
    read_ends();
    read_stores();
    read_scope();
    read_policies();
    read_tables();
    read_links();
    read_load();
    return std::move(pipeline_);
  }

 private:
  void problem(const SourceLocation& where, std::string_view message) {
    problems_.add(where, fmt::format("{}: {}", title_, message));
  }

  void read_ends() {
    pipeline_.from = fields_.text("from");
    pipeline_.to = fields_.text("to");
    for (const std::string_view key : {"from", "to"}) {
      const std::string name = fields_.text(key);
      if (fields_.has(key) && settings_.environments.find(name) == settings_.environments.end()) {
        problems_.add_unknown(fields_.where(key),
                              fmt::format("{}: '{}' names the environment '{}', which is not in environments",
                                          title_, key, name),
                              name, names_of(settings_.environments));
      }
    }
    if (fields_.has("from") && pipeline_.from == pipeline_.to) {
      problem(fields_.where("to"), "'from' and 'to' are the same environment");
    }
  }

  void read_stores() {
    for (const auto& [name, where] : fields_.texts("stores")) {
      pipeline_.stores.push_back(name);
      const auto store = settings_.stores.find(name);
      if (store == settings_.stores.end()) {
        problems_.add_unknown(where, fmt::format("{}: store '{}' is not in stores", title_, name), name,
                              names_of(settings_.stores));
        continue;
      }
      for (const std::string& environment : {pipeline_.from, pipeline_.to}) {
        if (settings_.environments.find(environment) != settings_.environments.end() &&
            store->second.environments.find(environment) == store->second.environments.end()) {
          problem(where, fmt::format("store '{}' has no address in environment '{}'", name, environment));
        }
      }
    }
  }

  // True when the first part names a store of this pipeline; reports it otherwise.
  bool check_store_part(std::string_view written, const std::string& store, const SourceLocation& where) {
    if (std::find(pipeline_.stores.begin(), pipeline_.stores.end(), store) != pipeline_.stores.end())
      return true;
    problems_.add_unknown(
        where,
        fmt::format("{}: '{}' begins with '{}', which is no store of this pipeline", title_, written, store),
        store, pipeline_.stores);
    return false;
  }

  // A table as written: syntax only; the pipeline resolves it against catalogs.
  void check_table(const std::string& written, const SourceLocation& where) {
    const auto parts = split_reference(written);
    if (!parts.ok()) {
      problem(where, parts.error().message);
    } else if (parts->size() > 3) {
      problem(where, fmt::format("'{}' has more parts than store.schema.table", written));
    } else if (parts->size() == 3) {
      check_store_part(written, parts->front(), where);
    }
    pipeline_.references.emplace(written, where);
  }

  void read_scope() {
    const Node* node = fields_.child("scope");
    if (node == nullptr) return;
    const Fields scope(*node);
    pipeline_.scope.where = fields_.key_where("scope");
    pipeline_.scope.name = scope.text("name", "scope");
    pipeline_.scope.pattern = scope.text("pattern", "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$");
    pipeline_.scope.root = {scope.text("root"), scope.where("root")};
    if (!pipeline_.scope.root.written.empty()) check_root(pipeline_.scope.root);
    for (const auto& entry : scope.entries("keys")) {
      pipeline_.scope.keys[entry.key] = entry.value->text;
      pipeline_.references.emplace(entry.key, entry.where);
      check_scope_key(entry);
    }
  }

  void check_root(const TableReference& root) {
    const auto parts = split_reference(root.written);
    if (!parts.ok()) {
      problem(root.where, parts.error().message);
    } else if (parts->size() < 3 || parts->size() > 4) {
      problem(root.where, fmt::format("scope.root: '{}' is not store.table.column", root.written));
    } else {
      check_store_part(root.written, parts->front(), root.where);
    }
    pipeline_.references.emplace(root.written, root.where);
  }

  void check_scope_key(const Entry& entry) {
    if (entry.key == "*") return;
    const auto parts = split_reference(entry.key);
    if (!parts.ok()) {
      problem(entry.where, parts.error().message);
    } else if (parts->size() > 3) {
      problem(entry.where, fmt::format("scope.keys: '{}' has more parts than store.schema.table", entry.key));
    } else {
      check_store_part(entry.key, parts->front(), entry.where);
    }
  }

  void read_policies() {
    if (const Node* outside = fields_.child("outside")) {
      pipeline_.outside = outside_policy(choice_text(*outside));
      for (const auto& entry : outside->entries) {
        const OutsidePolicy policy = outside_policy(choice_text(*entry.value));
        if (entry.key == "default") {
          pipeline_.outside = policy;
        } else {
          check_edge(entry);
          pipeline_.outside_edges.emplace_back(entry.key, policy);
        }
      }
    }
    if (const Node* cross = fields_.child("cross_scope")) {
      pipeline_.cross_scope = cross_scope(cross->text);
      for (const auto& entry : cross->entries) {
        if (entry.key == "default") {
          pipeline_.cross_scope = cross_scope(entry.value->text);
        } else {
          check_table(entry.key, entry.where);
          pipeline_.cross_scope_tables[entry.key] = cross_scope(entry.value->text);
        }
      }
    }
  }

  void check_edge(const Entry& entry) {
    const auto edge = split_columns_reference(entry.key);
    if (!edge.ok()) {
      problem(entry.where, fmt::format("outside: {}; an edge is table.column", edge.error().message));
    } else if (edge->table.size() > 3) {
      problem(entry.where,
              fmt::format("outside: '{}' has more parts than store.schema.table.column", entry.key));
    } else if (edge->table.size() == 3) {
      check_store_part(entry.key, edge->table.front(), entry.where);
    }
    pipeline_.references.emplace(entry.key, entry.where);
  }

  void read_tables() {
    for (const auto& entry : fields_.entries("owner")) {
      check_table(entry.key, entry.where);
      for (auto& [column, where] : texts_of(*entry.value))
        pipeline_.owner[entry.key].push_back(column);
    }
    for (const auto& [table, where] : fields_.texts("shared")) {
      check_table(table, where);
      pipeline_.shared.push_back(table);
    }
    for (const auto& [table, where] : fields_.texts("skip")) {
      if (std::find(pipeline_.shared.begin(), pipeline_.shared.end(), table) != pipeline_.shared.end()) {
        problem(where, fmt::format("'{}' is both shared and skipped", table));
      }
      check_table(table, where);
      pipeline_.skip.push_back(table);
    }
  }

  void read_links() {
    for (const auto& [written, where] : fields_.texts("links")) {
      const auto link = split_link(written);
      if (!link.ok()) {
        problem(where, fmt::format("links: {}", link.error().message));
        continue;
      }
      for (const auto* side : {&link->child, &link->parent}) {
        if (side->table.size() < 2 || side->table.size() > 3) {
          problem(where, fmt::format("links: '{}': both sides are store.table.column", written));
          break;
        }
        check_store_part(written, side->table.front(), where);
      }
      const size_t arrow = written.find("->");
      pipeline_.links.push_back({std::string(trim(std::string_view(written).substr(0, arrow))),
                                 std::string(trim(std::string_view(written).substr(arrow + 2))), where});
      pipeline_.references.emplace(written, where);
    }
  }

  void read_resolution(const Entry& entry) {
    const auto parts = split_reference(entry.key);
    if (!parts.ok()) {
      problem(entry.where, parts.error().message);
    } else if (parts->size() < 2 || parts->size() > 4) {
      problem(entry.where, fmt::format("load.resolve: '{}' is not table.column", entry.key));
    } else if (parts->size() == 4 && parts->front().find('*') == std::string::npos) {
      check_store_part(entry.key, parts->front(), entry.where);
    }
    const auto merges = [](const std::string& strategy) { return strategy == "merge" || strategy == "auto"; };
    const LoadSettings& load = pipeline_.load;
    if (!merges(load.strategy) && std::none_of(load.strategies.begin(), load.strategies.end(),
                                               [&](const auto& each) { return merges(each.second); })) {
      problem(entry.where, "load.resolve is for the strategies merge and auto");
    }
    pipeline_.references.emplace(entry.key, entry.where);
    pipeline_.load.resolve.emplace_back(entry.key, entry.value->text);
  }

  void read_load() {
    if (const Node* node = fields_.child("load")) {
      const Fields load(*node);
      pipeline_.load.strategy = load.text("strategy", "insert");
      pipeline_.load.triggers = load.text("triggers", "fire");
      pipeline_.load.overlap = load.text("overlap", "auto");
      pipeline_.load.atomic = load.text("atomic", "store");
      for (const auto& entry : load.entries("strategies")) {
        check_table(entry.key, entry.where);
        pipeline_.load.strategies[entry.key] = entry.value->text;
      }
      for (const auto& entry : load.entries("resolve"))
        read_resolution(entry);
    }
    if (const Node* node = fields_.child("metrics")) {
      const Fields metrics(*node);
      pipeline_.metrics.push = {metrics.text("push"), metrics.where("push")};
      pipeline_.metrics.tls_root_certificate = metrics.text("tls_root_certificate");
    }
    pipeline_.max_skew_ms = fields_.integer("max_skew_ms", 0);
    pipeline_.reuse_max_age_hours = fields_.integer("reuse_max_age_hours", 24);
    pipeline_.count_tolerance = fields_.number("count_tolerance", 0);
    pipeline_.memory_limit_mb = fields_.integer("memory_limit_mb", 256);
    pipeline_.jobs = static_cast<int>(fields_.integer("jobs", 2));
  }

  const Fields fields_;
  const Settings& settings_;
  Problems& problems_;
  PipelineSettings pipeline_;
  std::string title_;
};

}  // namespace

PipelineSettings read_pipeline(const Entry& entry, const Settings& settings, Problems& problems) {
  return PipelineReader(entry, settings, problems).read();
}

}  // namespace godwit::config
