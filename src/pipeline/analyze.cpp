#include "pipeline/analyze.h"

#include "base/time.h"
#include "os/files.h"
#include "pipeline/closure/graph.h"
#include "pipeline/closure/plan_closure.h"
#include "pipeline/masking/classify.h"
#include "pipeline/plan/dataset_of.h"
#include "pipeline/planner.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::pipeline {

namespace {

using Json = nlohmann::ordered_json;

Json table_json(const Table& table) {
  Json columns = Json::array();
  for (const Column& column : table.columns) {
    columns.push_back({{"name", column.name},
                       {"type", column.type_name},
                       {"nullable", column.nullable},
                       {"length", column.max_length}});
  }
  Json keys = Json::array();
  for (const Key& key : table.keys)
    keys.push_back({{"name", key.name}, {"columns", key.columns}, {"primary", key.primary}});
  Json foreign_keys = Json::array();
  for (const ForeignKey& key : table.foreign_keys) {
    foreign_keys.push_back({{"name", key.name},
                            {"columns", key.columns},
                            {"parent_schema", key.parent.schema},
                            {"parent_table", key.parent.name},
                            {"parent_columns", key.parent_columns},
                            {"deferrable", key.deferrable}});
  }
  return {{"schema", table.name.schema},
          {"name", table.name.name},
          {"columns", columns},
          {"keys", keys},
          {"foreign_keys", foreign_keys},
          {"estimated_rows", table.estimated_rows},
          {"estimated_bytes", table.estimated_bytes}};
}

Json graph_json(const DependencyGraph& graph) {
  Json nodes = Json::array();
  for (const GraphNode& node : graph.nodes) {
    nodes.push_back({{"id", node.id},
                     {"membership", node.membership},
                     {"reason", node.reason},
                     {"estimated_rows", node.estimated_rows},
                     {"component", node.component}});
  }
  Json edges = Json::array();
  for (const GraphEdge& edge : graph.edges) {
    edges.push_back({{"child", edge.child},
                     {"parent", edge.parent},
                     {"name", edge.name},
                     {"columns", edge.columns},
                     {"parent_columns", edge.parent_columns},
                     {"configured", edge.configured},
                     {"owner", edge.owner},
                     {"policy", edge.policy}});
  }
  return {{"version", 1}, {"nodes", nodes}, {"edges", edges}, {"cycles", graph.cycles}};
}

Json order_json(const std::vector<StoreClosure>& closures) {
  Json stores = Json::array();
  for (const StoreClosure& closure : closures) {
    Json order = Json::array();
    for (const auto& group : closure.load_order) {
      Json names = Json::array();
      for (const TableName& table : group)
        names.push_back(table.text());
      order.push_back(names);
    }
    Json breaks = Json::array();
    for (const CycleBreak& cycle : closure.cycle_breaks) {
      Json tables = Json::array();
      for (const TableName& table : cycle.tables)
        tables.push_back(table.text());
      breaks.push_back({{"tables", tables},
                        {"how", to_string(cycle.how)},
                        {"break_point", cycle.foreign_key.name},
                        {"reason", cycle.reason}});
    }
    stores.push_back({{"store", closure.store}, {"load_order", order}, {"circular_dependencies", breaks}});
  }
  return {{"version", 1}, {"stores", stores}};
}

class Analyzer {
 public:
  Analyzer(const Services& services, const Job& job, std::string folder)
      : services_(services), job_(job), folder_(std::move(folder)) {}

  Result<Analysis> run() {
    RETURN_IF_ERROR(os::make_folder(folder_));
    RETURN_IF_ERROR(read_catalogs());
    ClosureInput input;
    input.settings = job_.pipeline;
    for (const Catalog& catalog : catalogs_)
      input.sources.push_back(&catalog);
    RETURN_IF_ERROR(write("schema-analysis.json", schema()));
    ASSIGN_OR_RETURN(const auto closures, plan_closure(input));
    const DependencyGraph graph = dependency_graph(closures, input.sources);
    analysis_.cycles = static_cast<int64_t>(graph.cycles.size());
    RETURN_IF_ERROR(write_text("dependency-graph.dot", to_dot(graph)));
    RETURN_IF_ERROR(write("dependency-graph.json", graph_json(graph)));
    RETURN_IF_ERROR(write("load-order.json", order_json(closures)));
    RETURN_IF_ERROR(write_coverage(closures));
    return std::move(analysis_);
  }

 private:
  Status read_catalogs() {
    for (size_t i = 0; i < job_.resolved.sources.size(); ++i) {
      ASSIGN_OR_RETURN(auto source, services_.open_source(job_.resolved.sources[i]));
      ASSIGN_OR_RETURN(Catalog catalog, source->catalog());
      catalog.store = job_.pipeline->stores[i];
      for (const Table& table : catalog.tables) {
        if (table.kind != TableKind::table && table.kind != TableKind::partitioned) continue;
        ++analysis_.tables;
        analysis_.foreign_keys += static_cast<int64_t>(table.foreign_keys.size());
        analysis_.columns += static_cast<int64_t>(table.columns.size());
        analysis_.estimated_rows += table.estimated_rows;
      }
      catalogs_.push_back(std::move(catalog));
      sources_.push_back(std::move(source));
    }
    return {};
  }

  [[nodiscard]] Json schema() const {
    Json stores = Json::object();
    for (const Catalog& catalog : catalogs_) {
      Json tables = Json::array();
      for (const Table& table : catalog.tables)
        tables.push_back(table_json(table));
      stores[catalog.store] = {
          {"type", catalog.kind}, {"server_version", catalog.server_version}, {"tables", tables}};
    }
    return {{"version", 1}, {"generated_at", iso_utc(services_.clock->now_us())}, {"data_stores", stores}};
  }

  // Which rule decides each column; unclassified ones are listed, not refused: this is the place to find
  // them.
  Status write_coverage(const std::vector<StoreClosure>& closures) {
    ASSIGN_OR_RETURN(const MaskContext masks, mask_context(job_));
    std::vector<Dataset> datasets;
    for (size_t i = 0; i < closures.size(); ++i) {
      for (const TableClosure& closure : closures[i].tables) {
        const Table* table = catalogs_[i].table(closure.table);
        if (is_copied(closure.membership) && table != nullptr)
          datasets.push_back(dataset_of(closures[i].store, closure, *table, *sources_[i]));
      }
    }
    std::vector<Dataset*> pointers;
    for (Dataset& each : datasets)
      pointers.push_back(&each);
    const Status classified = classify(pointers, job_.pipeline->masks, masks, {});
    Json columns = Json::array();
    for (const Dataset& each : datasets) {
      for (size_t i = 0; i < each.columns.size() && i < each.masks.size(); ++i) {
        if (each.masks[i].strategy != MaskStrategy::keep) ++analysis_.masked_columns;
        columns.push_back({{"table", each.id},
                           {"column", each.columns[i].name},
                           {"strategy", to_string(each.masks[i].strategy)},
                           {"rule", each.mask_rules[i]},
                           {"reason", each.masks[i].reason}});
      }
    }
    return write("masking-coverage.json", {{"version", 1},
                                           {"complete", classified.ok()},
                                           {"problem", classified.ok() ? "" : classified.error().message},
                                           {"columns", columns}});
  }

  Status write(const std::string& name, const Json& document) {
    return write_text(name, document.dump(1) + "\n");
  }
  Status write_text(const std::string& name, const std::string& text) {
    analysis_.files.push_back(folder_ + "/" + name);
    return os::write_file(folder_ + "/" + name, text);
  }

  const Services& services_;
  const Job& job_;
  std::string folder_;
  std::vector<Catalog> catalogs_;
  std::vector<std::unique_ptr<connect::Source>> sources_;
  Analysis analysis_;
};

}  // namespace

Result<Analysis> analyze(const Services& services, const Job& job, const std::string& folder) {
  return Analyzer(services, job, folder).run();
}

}  // namespace godwit::pipeline
