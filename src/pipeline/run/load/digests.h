// The digests of a run's masked rows: every dataset's, of what its files hold.
#pragma once

#include "pipeline/run/run_context.h"
#include "pipeline/run/run_folder.h"

#include <string>

namespace godwit::pipeline {

// Reads the files.
[[nodiscard]] Result<std::string> digest_of_files(duck::Connection& connection, const RunFolder& folder,
                                                  const DatasetPlan& planned, const DatasetManifest& staged);

// Gives every dataset of the manifest its digest, and the report: the one of the rows that were loaded, as
// the load counted it (TableReport.digest), else of a reading of the files. A dataset that has one already
// must have been loaded with the same: ErrorKind::failed. Writes the manifest.
[[nodiscard]] Status complete_digests(const RunContext& context, Manifest& manifest, duck::Database& staged);

}  // namespace godwit::pipeline
