// A run's folder and its manifest: what was extracted, file by file. docs/FORMATS.md, "manifest.json".
#pragma once

#include "base/result.h"
#include "model/dataset.h"
#include "pipeline/plan/migration_plan.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace godwit::pipeline {

// Names inside <project>/.godwit/runs/<run>/. A value; touches no disk except through open().
class RunFolder {
 public:
  // Makes the folder, mode 0700.
  [[nodiscard]] static Result<RunFolder> open(const std::string& settings_folder, const std::string& run);
  // Of an earlier run; makes nothing.
  [[nodiscard]] static RunFolder earlier(const std::string& settings_folder, const std::string& run);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string plan() const { return path_ + "/plan.json"; }
  [[nodiscard]] std::string manifest() const { return path_ + "/manifest.json"; }
  [[nodiscard]] std::string checks() const { return path_ + "/checks.json"; }
  [[nodiscard]] std::string load() const { return path_ + "/load.json"; }
  [[nodiscard]] std::string log() const { return path_ + "/log.jsonl"; }
  [[nodiscard]] std::string spill() const { return path_ + "/spill"; }
  [[nodiscard]] std::string dataset_folder(const Dataset& dataset) const;
  // The path relative to the run's folder, as the manifest holds it.
  [[nodiscard]] std::string relative(const std::string& absolute) const;
  [[nodiscard]] std::string absolute(const std::string& relative) const { return path_ + "/" + relative; }

 private:
  explicit RunFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

struct StoreManifest {
  std::string store;
  bool finished = false;  // every dataset of the store is on disk, under one snapshot
  int64_t snapshot_us = 0;
  std::string snapshot_position;
  std::vector<DatasetManifest> datasets;
};

struct Manifest {
  std::string run;
  std::string plan_hash;
  std::vector<StoreManifest> stores;
  std::string reused_run;  // the run that extracted the data; empty: this one

  [[nodiscard]] const DatasetManifest* dataset(const std::string& id) const;
  [[nodiscard]] bool finished(const MigrationPlan& plan) const;
  [[nodiscard]] int64_t rows() const;
  [[nodiscard]] int64_t bytes() const;
  // Of the store that was read first; 0 without stores.
  [[nodiscard]] int64_t oldest_snapshot_us() const;
  // Largest distance between the stores' snapshots.
  [[nodiscard]] int64_t skew_us() const;
};

[[nodiscard]] Status write_manifest(const RunFolder& folder, const Manifest& manifest);
// Absent is an empty manifest.
[[nodiscard]] Result<Manifest> read_manifest(const RunFolder& folder);
// ErrorKind::interrupted once *cancel is true; it may be nullptr.
[[nodiscard]] Result<std::string> file_sha256(const std::string& path, const std::atomic<bool>* cancel);
// Every file there, with its size and SHA-256; the Error names the first that is not.
[[nodiscard]] Status verify_files(const RunFolder& folder, const Manifest& manifest,
                                  const std::atomic<bool>* cancel);
// Columns that extraction restaged as text take effect in the plan's datasets.
void apply_restaging(MigrationPlan& plan, const Manifest& manifest);
// read_parquet([...]) over the dataset's files.
[[nodiscard]] std::string staged_relation(const RunFolder& folder, const DatasetManifest& dataset);

}  // namespace godwit::pipeline
