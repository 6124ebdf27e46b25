#include "pipeline/run/reuse.h"

#include "base/time.h"
#include "os/files.h"

#include <fmt/format.h>

namespace godwit::pipeline {

namespace {

constexpr int64_t us_per_hour = int64_t{3'600'000'000};

Error not_complete(const std::string& run) {
  return make_error(ErrorKind::usage, fmt::format("run {} has no complete data on this machine", run),
                    "extract again: run without --from-run");
}

Status demand_same_extraction(const RunContext& context, const RunFolder& folder, const Manifest& manifest,
                              const std::string& run) {
  ASSIGN_OR_RETURN(const std::string text, os::read_file(folder.plan()));
  ASSIGN_OR_RETURN(const MigrationPlan plan, plan_from_json(text));
  if (!manifest.finished(plan) || manifest.plan_hash != plan.hash) return not_complete(run);
  const std::string difference = extraction_difference(plan, *context.plan);
  if (difference.empty()) return {};
  return make_error(
      ErrorKind::plan_refused,
      fmt::format("the data of run {} was extracted by another plan: {} is not the same", run, difference),
      "extract again: run without --from-run");
}

Status demand_young(const RunContext& context, const Manifest& manifest, const std::string& run) {
  const int64_t age_us = context.services->clock->now_us() - manifest.oldest_snapshot_us();
  const int64_t allowed_hours = context.job->pipeline->reuse_max_age_hours;
  if (age_us <= allowed_hours * us_per_hour) return {};
  return make_error(
      ErrorKind::gate,
      fmt::format("the data of run {} was read {} ago, reuse_max_age_hours allows {} h", run,
                  human_duration(age_us), allowed_hours),
      fmt::format("extract again: run without --from-run; or raise reuse_max_age_hours of pipeline {}",
                  context.plan->pipeline));
}

Status take_files(const RunContext& context, const RunFolder& folder, const Manifest& manifest) {
  for (const StoreManifest& store : manifest.stores) {
    for (const DatasetManifest& dataset : store.datasets) {
      for (const DatasetFile& file : dataset.files) {
        const std::string path = context.folder->absolute(file.path);
        RETURN_IF_ERROR(os::make_folder(os::parent_folder(path)));
        RETURN_IF_ERROR(os::link_or_copy(folder.absolute(file.path), path));
        RETURN_IF_ERROR(os::sync_file(path));
      }
    }
  }
  return {};
}

}  // namespace

Status reuse_data(const RunContext& context, const std::string& earlier) {
  PhaseScope phase(context, Phase::extract);
  const RunFolder folder = RunFolder::earlier(context.job->settings->folder, earlier);
  if (!os::exists(folder.plan())) return not_complete(earlier);
  ASSIGN_OR_RETURN(Manifest manifest, read_manifest(folder));
  RETURN_IF_ERROR(demand_same_extraction(context, folder, manifest, earlier));
  RETURN_IF_ERROR(demand_young(context, manifest, earlier));
  RETURN_IF_ERROR(verify_files(folder, manifest, context.services->cancel));
  RETURN_IF_ERROR(take_files(context, folder, manifest));
  if (manifest.reused_run.empty()) manifest.reused_run = earlier;
  manifest.run = context.run;
  manifest.plan_hash = context.plan->hash;
  RETURN_IF_ERROR(write_manifest(*context.folder, manifest));
  const int64_t age_us = context.services->clock->now_us() - manifest.oldest_snapshot_us();
  const std::string note = fmt::format("nothing was extracted: masked data of run {}, read {} ago",
                                       manifest.reused_run, human_duration(age_us));
  context.report->notes.push_back(note);
  phase.finish(manifest.rows(), manifest.bytes(), "masked data of run " + manifest.reused_run);
  return {};
}

}  // namespace godwit::pipeline
