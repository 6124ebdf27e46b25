#include "pipeline/run/run_folder.h"

#include "base/text.h"
#include "crypto/sha256.h"
#include "duck/parquet.h"
#include "os/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace godwit {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MaskCount, column, rule, values, nulls, unchanged)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(DatasetFile, path, rows, bytes, sha256)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(DatasetManifest, id, rows, owned_rows, needed_rows, bytes, digest, files,
                                   masks, restaged_columns)

namespace pipeline {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StoreManifest, store, finished, snapshot_us, snapshot_position, datasets)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Manifest, run, plan_hash, stores)

namespace {
constexpr int manifest_version = 1;
}

RunFolder RunFolder::earlier(const std::string& settings_folder, const std::string& run) {
  return RunFolder(settings_folder + "/.godwit/runs/" + run);
}

Result<RunFolder> RunFolder::open(const std::string& settings_folder, const std::string& run) {
  RunFolder folder(settings_folder + "/.godwit/runs/" + run);
  RETURN_IF_ERROR(os::make_folder(folder.path() + "/data"));
  return folder;
}

std::string RunFolder::dataset_folder(const Dataset& dataset) const {
  return path_ + "/data/" + percent_encode(dataset.store) + "/" + percent_encode(dataset.table.name.schema) +
         "." + percent_encode(dataset.table.name.name);
}

std::string RunFolder::relative(const std::string& absolute) const {
  CHECK(absolute.starts_with(path_ + "/"));
  return absolute.substr(path_.size() + 1);
}

const DatasetManifest* Manifest::dataset(const std::string& id) const {
  for (const StoreManifest& store : stores) {
    for (const DatasetManifest& entry : store.datasets) {
      if (entry.id == id) return &entry;
    }
  }
  return nullptr;
}

bool Manifest::finished(const MigrationPlan& plan) const {
  return std::all_of(plan.stores.begin(), plan.stores.end(), [&](const StorePlan& planned) {
    return std::any_of(stores.begin(), stores.end(), [&](const StoreManifest& done) {
      return done.store == planned.store && done.finished;
    });
  });
}

int64_t Manifest::rows() const {
  int64_t total = 0;
  for (const StoreManifest& store : stores) {
    for (const DatasetManifest& entry : store.datasets)
      total += entry.rows;
  }
  return total;
}

int64_t Manifest::bytes() const {
  int64_t total = 0;
  for (const StoreManifest& store : stores) {
    for (const DatasetManifest& entry : store.datasets)
      total += entry.bytes;
  }
  return total;
}

int64_t Manifest::skew_us() const {
  if (stores.empty()) return 0;
  const auto [first, last] = std::minmax_element(
      stores.begin(), stores.end(),
      [](const StoreManifest& a, const StoreManifest& b) { return a.snapshot_us < b.snapshot_us; });
  return last->snapshot_us - first->snapshot_us;
}

int64_t Manifest::oldest_snapshot_us() const {
  int64_t oldest_us = stores.empty() ? 0 : stores.front().snapshot_us;
  for (const StoreManifest& store : stores)
    oldest_us = std::min(oldest_us, store.snapshot_us);
  return oldest_us;
}

Status write_manifest(const RunFolder& folder, const Manifest& manifest) {
  nlohmann::json document = manifest;
  document["version"] = manifest_version;
  if (!manifest.reused_run.empty()) document["reused_run"] = manifest.reused_run;
  return os::write_file(folder.manifest(), document.dump(1) + "\n");
}

Result<Manifest> read_manifest(const RunFolder& folder) {
  ASSIGN_OR_RETURN(const auto text, os::read_file_if_exists(folder.manifest()));
  if (!text) return Manifest();
  try {
    const auto document = nlohmann::json::parse(*text);
    if (document.at("version") != manifest_version) {
      return make_error(ErrorKind::failed, "manifest.json has a version that this godwit does not read",
                        "use the godwit that made the run");
    }
    auto manifest = document.get<Manifest>();
    manifest.reused_run = document.value("reused_run", "");
    return manifest;
  } catch (const nlohmann::json::exception& problem) {
    return make_error(ErrorKind::failed, std::string("manifest.json cannot be read: ") + problem.what());
  }
}

Result<std::string> file_sha256(const std::string& path, const std::atomic<bool>* cancel) {
  crypto::Sha256 hash;
  RETURN_IF_ERROR(os::for_each_block(path, [&](std::string_view block) -> Status {
    if (cancel != nullptr && cancel->load()) return make_error(ErrorKind::interrupted, "asked to stop");
    hash.update(block);
    return {};
  }));
  const crypto::Digest digest = hash.finish();
  return to_hex(crypto::as_bytes(digest));
}

Status verify_files(const RunFolder& folder, const Manifest& manifest, const std::atomic<bool>* cancel) {
  for (const StoreManifest& store : manifest.stores) {
    for (const DatasetManifest& dataset : store.datasets) {
      for (const DatasetFile& file : dataset.files) {
        const std::string path = folder.absolute(file.path);
        ASSIGN_OR_RETURN(const int64_t bytes, os::file_size(path));
        ASSIGN_OR_RETURN(const std::string sha256, file_sha256(path, cancel));
        if (bytes != file.bytes || sha256 != file.sha256) {
          return make_error(ErrorKind::failed, fmt::format("{} is not the file that was extracted", path),
                            "extract again: start a new run");
        }
      }
    }
  }
  return {};
}

void apply_restaging(MigrationPlan& plan, const Manifest& manifest) {
  for (StorePlan& store : plan.stores) {
    for (DatasetPlan& planned : store.datasets) {
      const DatasetManifest* done = manifest.dataset(planned.dataset.id);
      if (done == nullptr) continue;
      for (DatasetColumn& column : planned.dataset.columns) {
        const auto& names = done->restaged_columns;
        if (std::find(names.begin(), names.end(), column.name) == names.end()) continue;
        column.staging = StagingType::text;
        column.as_text = true;
      }
    }
  }
}

std::string staged_relation(const RunFolder& folder, const DatasetManifest& dataset) {
  std::vector<std::string> paths;
  for (const DatasetFile& file : dataset.files)
    paths.push_back(folder.absolute(file.path));
  return duck::read_parquet_sql(paths);
}

}  // namespace pipeline
}  // namespace godwit
