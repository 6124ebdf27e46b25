#include "pipeline/run/extract.h"

#include "base/text.h"
#include "duck/parquet.h"
#include "os/files.h"
#include "pipeline/masking/bind.h"
#include "pipeline/run/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace godwit::pipeline {

namespace {

// Tables below this size are not worth a second connection.
constexpr int64_t split_rows_min = 200'000;

int64_t to_number(const std::optional<std::string>& text) {
  int64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

class StoreExtraction {
 public:
  StoreExtraction(const RunContext& context, connect::Source& source, const MaskContext& masks,
                  StorePlan& plan, const Manifest& earlier, OverlappedLoad* beside)
      : context_(context), source_(source), masks_(masks), plan_(plan), earlier_(earlier), beside_(beside) {}

  Result<StoreManifest> run() {
    RETURN_IF_ERROR(open_database());
    ASSIGN_OR_RETURN(const connect::SnapshotInfo snapshot, source_.snapshot());
    StoreManifest manifest;
    manifest.store = plan_.store;
    manifest.snapshot_us = snapshot.taken_us;
    manifest.snapshot_position = snapshot.position;
    for (DatasetPlan& planned : plan_.datasets) {
      RETURN_IF_ERROR(context_.check_cancelled());
      RETURN_IF_ERROR(guard(planned));
      ASSIGN_OR_RETURN(DatasetManifest done, dataset(planned));
      manifest.datasets.push_back(std::move(done));
      context_.checkpoint("extracted:" + planned.dataset.id);
    }
    manifest.finished = true;
    return manifest;
  }

 private:
  Status open_database() {
    duck::DatabaseOptions options;
    options.folder = context_.folder->path();
    options.memory_limit_mb = context_.job->pipeline->memory_limit_mb;
    options.threads = context_.job->pipeline->jobs;
    options.temp_directory = "";  // this instance sees plaintext: it fails rather than spills
    ASSIGN_OR_RETURN(database_, duck::Database::open(options));
    return {};
  }

  connect::Scan scan_of(const Dataset& dataset) const {
    connect::Scan scan;
    scan.dataset = &dataset;
    scan.closure = &plan_.closure;
    scan.scope = context_.plan->scope;
    scan.link_keys = link_keys_;
    return scan;
  }

  // Rows that the plan refuses: owner steps that disagree, parents outside under policy `fail`.
  Status guard(const DatasetPlan& planned) {
    RETURN_IF_ERROR(collect_link_keys(planned.dataset));
    const TableClosure& closure = planned.dataset.closure;
    const connect::Scan scan = scan_of(planned.dataset);
    if (closure.owners.size() > 1 && closure.cross_scope == CrossScope::fail) {
      ASSIGN_OR_RETURN(const int64_t disagreeing, source_.count_disagreeing(scan));
      if (disagreeing > 0) {
        return make_error(ErrorKind::plan_refused,
                          fmt::format("{}: {} rows belong to the scope by one owning path and not by another",
                                      planned.dataset.id, disagreeing),
                          "repair the rows, or set cross_scope for this table to any or all");
      }
    }
    for (const NecessityEdge& edge : closure.edges) {
      if (edge.policy != OutsidePolicy::fail || edge.inside) continue;
      ASSIGN_OR_RETURN(const int64_t outside, source_.count_outside(scan, edge.foreign_key));
      if (outside > 0) {
        return make_error(
            ErrorKind::plan_refused,
            fmt::format("{}: {} rows refer over {} to rows of {} outside the scope", planned.dataset.id,
                        outside, edge.foreign_key.name, edge.foreign_key.parent.text()),
            "set the policy `outside` of this edge to reference, include or null");
      }
    }
    return {};
  }

  // Ownership over a link: the owned keys of the parent, read back from what an earlier store staged.
  Status collect_link_keys(const Dataset& dataset) {
    for (const OwnerStep& step : dataset.closure.owners) {
      if (step.kind != OwnerStep::Kind::link) continue;
      const ForeignKey& link = step.foreign_key;
      const bool known = std::any_of(link_keys_.begin(), link_keys_.end(),
                                     [&](const auto& entry) { return entry.first == link.name; });
      if (known) continue;
      const std::string parent_id = dataset_id(link.parent_store, link.parent);
      const DatasetManifest* parent = earlier_.dataset(parent_id);
      if (parent == nullptr) {
        return make_error(
            ErrorKind::plan_refused,
            fmt::format("{}: the link's parent {} is not extracted before it", dataset.id, parent_id),
            "list the parent's store first in `stores`");
      }
      ASSIGN_OR_RETURN(const auto connection, database_->connect());
      const DatasetPlan* parent_plan = context_.plan->dataset(parent_id);
      const std::string owned = parent_plan != nullptr && parent_plan->dataset.has_owned_column
                                    ? " WHERE " + quote_identifier(owned_column_name)
                                    : "";
      ASSIGN_OR_RETURN(const auto rows,
                       connection->query(fmt::format("SELECT DISTINCT CAST({} AS VARCHAR) FROM {}{}",
                                                     quote_identifier(link.parent_columns[0]),
                                                     staged_relation(*context_.folder, *parent), owned),
                                         10'000'000));
      std::vector<std::string> keys;
      for (const auto& row : rows.rows) {
        if (row[0]) keys.push_back(*row[0]);
      }
      link_keys_.emplace_back(link.name, std::move(keys));
    }
    return {};
  }

  // Reads the table; when a value does not fit its planned staging type, stages that column as text and reads
  // again.
  Result<DatasetManifest> dataset(DatasetPlan& planned) {
    std::vector<std::string> restaged;
    for (;;) {
      Result<DatasetManifest> attempt = read(planned);
      if (attempt.ok()) {
        attempt->restaged_columns = restaged;
        return attempt;
      }
      const Error* misfit = &attempt.error();
      while (misfit != nullptr && misfit->sqlstate != connect::restage_sqlstate)
        misfit = misfit->cause.get();
      if (misfit == nullptr) return wrap(attempt.error(), "extracting " + planned.dataset.id);
      const auto column =
          std::find_if(planned.dataset.columns.begin(), planned.dataset.columns.end(),
                       [&](const DatasetColumn& candidate) { return candidate.name == misfit->hint; });
      if (column == planned.dataset.columns.end() || column->as_text) return attempt.error();
      // The load has begun this table with the column as it was.
      if (beside_ != nullptr && beside_->parts().handed_over(planned.dataset.id)) beside_->give_up();
      column->staging = StagingType::text;
      column->as_text = true;
      restaged.push_back(column->name);
      context_.services->observer->on_note(
          fmt::format("{}.{} holds values that its staging type cannot: staged as text", planned.dataset.id,
                      column->name),
          planned.dataset.id);
    }
  }

  Result<DatasetManifest> read(const DatasetPlan& planned) {
    const Dataset& dataset = planned.dataset;
    connect::Scan scan = scan_of(dataset);
    if (planned.estimated_rows >= split_rows_min) {
      scan.lanes = context_.job->pipeline->jobs;
      ASSIGN_OR_RETURN(scan.split, source_.split(scan));
    }
    const auto meter = std::make_shared<DatasetMeter>(*context_.services->observer, *context_.services->clock,
                                                      Phase::extract, dataset.id, planned.estimated_rows);
    ASSIGN_OR_RETURN(const auto connection, database_->connect());
    connection->set_cancel_flag(context_.services->cancel);
    const int serial = next_serial_++;
    const std::string source_name = fmt::format("godwit_source_{}", serial);
    ASSIGN_OR_RETURN(auto producer, source_.read(scan));
    RETURN_IF_ERROR(connection->register_table(source_name, metered(std::move(producer), meter)));
    ASSIGN_OR_RETURN(const auto masks, bind_masks(*connection, dataset, masks_, serial));
    const std::string query = fmt::format("SELECT {} FROM {}() AS source", masks->select_list(), source_name);
    RETURN_IF_ERROR(empty_folder(context_.folder->dataset_folder(dataset)));
    DatasetManifest manifest;
    manifest.id = dataset.id;
    for (scan.part = 0; scan.part < scan.split.parts; ++scan.part) {
      if (scan.part > 0) {
        RETURN_IF_ERROR(context_.check_cancelled());
        ASSIGN_OR_RETURN(auto next, source_.read(scan));
        connection->unregister_table(source_name);
        RETURN_IF_ERROR(connection->register_table(source_name, metered(std::move(next), meter)));
      }
      ASSIGN_OR_RETURN(DatasetFile file, write_part(*connection, dataset, scan.part, query));
      if (beside_ != nullptr) beside_->parts().add(dataset.id, context_.folder->absolute(file.path));
      manifest.files.push_back(std::move(file));
    }
    RETURN_IF_ERROR(describe(*connection, dataset, manifest));
    manifest.masks = masks->counts();
    meter->finish(manifest.rows, manifest.bytes);
    if (beside_ != nullptr) beside_->parts().finish(dataset.id);
    return manifest;
  }

  // What an attempt that was given up left there is no part of this one.
  static Status empty_folder(const std::string& folder) {
    RETURN_IF_ERROR(os::remove_all(folder));
    return os::make_folder(folder);
  }

  Result<DatasetFile> write_part(duck::Connection& connection, const Dataset& dataset, int part,
                                 const std::string& query) {
    const std::string path =
        fmt::format("{}/part-{:05}.parquet", context_.folder->dataset_folder(dataset), part);
    DatasetFile file;
    ASSIGN_OR_RETURN(file.rows,
                     connection.run(duck::copy_to_parquet_sql(query, path + ".tmp", file_metadata(dataset))));
    RETURN_IF_ERROR(os::sync_and_rename(path + ".tmp", path));
    file.path = context_.folder->relative(path);
    ASSIGN_OR_RETURN(file.bytes, os::file_size(path));
    ASSIGN_OR_RETURN(file.sha256, file_sha256(path, context_.services->cancel));
    return file;
  }

  [[nodiscard]] std::vector<std::pair<std::string, std::string>> file_metadata(const Dataset& dataset) const {
    std::vector<std::pair<std::string, std::string>> metadata = {
        {"godwit.run", context_.run}, {"godwit.dataset", dataset.id}, {"godwit.format", "1"}};
    for (const DatasetColumn& column : dataset.columns) {
      const Column* described = dataset.table.column(column.name);
      if (described != nullptr) metadata.emplace_back("godwit.type." + column.name, described->type_name);
    }
    // Parquet keys are compared without case here; a table with "A" and "a" keeps the first one's type.
    std::vector<std::string> seen;
    std::erase_if(metadata, [&](const auto& entry) {
      const std::string folded = to_lower_ascii(entry.first);
      const bool again = std::find(seen.begin(), seen.end(), folded) != seen.end();
      seen.push_back(folded);
      return again;
    });
    return metadata;
  }

  // Asks the files: what counts is what is on the disk.
  Status describe(duck::Connection& connection, const Dataset& dataset, DatasetManifest& manifest) {
    int64_t written = 0;
    for (const DatasetFile& file : manifest.files) {
      written += file.rows;
      manifest.bytes += file.bytes;
      ASSIGN_OR_RETURN(const int64_t rows,
                       duck::parquet_rows(connection, context_.folder->absolute(file.path)));
      manifest.rows += rows;
    }
    if (manifest.rows != written) {
      return make_error(ErrorKind::failed, fmt::format("{}: {} rows were written but the files hold {}",
                                                       dataset.id, written, manifest.rows));
    }
    int64_t owned = manifest.rows;
    if (dataset.has_owned_column) {
      ASSIGN_OR_RETURN(
          const auto counted,
          connection.query(fmt::format("SELECT count_if({}) FROM {}", quote_identifier(owned_column_name),
                                       staged_relation(*context_.folder, manifest))));
      owned = to_number(counted.rows[0][0]);
    }
    const bool counts_as_owned = dataset.closure.membership == Membership::owned;
    manifest.owned_rows = counts_as_owned ? owned : 0;
    manifest.needed_rows = manifest.rows - (counts_as_owned ? manifest.owned_rows : manifest.rows);
    if (dataset.closure.membership == Membership::needed) manifest.needed_rows = manifest.rows;
    return {};
  }

  const RunContext& context_;
  connect::Source& source_;
  const MaskContext& masks_;
  StorePlan& plan_;
  const Manifest& earlier_;
  OverlappedLoad* const beside_;  // null: the store is loaded after the checks
  std::unique_ptr<duck::Database> database_;
  std::vector<std::pair<std::string, std::vector<std::string>>> link_keys_;
  int next_serial_ = 0;
};

}  // namespace

Status extract(const RunContext& context, const std::vector<std::unique_ptr<connect::Source>>& sources,
               const MaskContext& masks, Manifest& manifest, OverlappedLoads& overlapped) {
  PhaseScope phase(context, Phase::extract);
  manifest.run = context.run;
  manifest.plan_hash = context.plan->hash;
  for (size_t i = 0; i < context.plan->stores.size(); ++i) {
    StorePlan& store = context.plan->stores[i];
    const auto known = std::find_if(manifest.stores.begin(), manifest.stores.end(),
                                    [&](const StoreManifest& done) { return done.store == store.store; });
    if (known != manifest.stores.end() && known->finished) continue;
    ASSIGN_OR_RETURN(OverlappedLoad * beside, overlapped.start(i));
    auto done = StoreExtraction(context, *sources[i], masks, store, manifest, beside).run();
    if (!done.ok()) return wrap(done.error(), fmt::format("store {} ({})", store.store, context.plan->from));
    manifest.stores.push_back(std::move(done).value());
    RETURN_IF_ERROR(write_manifest(*context.folder, manifest));
    context.checkpoint("extracted-store:" + store.store);
  }
  phase.finish(manifest.rows(), manifest.bytes(), fmt::format("{} datasets", [&] {
                 size_t count = 0;
                 for (const auto& store : manifest.stores)
                   count += store.datasets.size();
                 return count;
               }()));
  return {};
}

}  // namespace godwit::pipeline
