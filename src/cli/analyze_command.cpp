#include "base/text.h"
#include "cli/commands.h"
#include "os/files.h"
#include "pipeline/analyze.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::cli {

Status analyze_command(Application& app) {
  ASSIGN_OR_RETURN(const pipeline::Job job, app.job(app.arguments().pipeline, ""));
  const std::string wanted = app.arguments().directory;
  const std::string folder =
      wanted.empty() ? job.settings->folder + "/.godwit/analysis" : os::absolute_path(wanted);
  ASSIGN_OR_RETURN(const pipeline::Analysis analysis, pipeline::analyze(app.world().services, job, folder));
  if (app.arguments().json) {
    app.print_json(nlohmann::ordered_json{{"version", 1},
                                          {"tables", analysis.tables},
                                          {"foreign_keys", analysis.foreign_keys},
                                          {"cycles", analysis.cycles},
                                          {"columns", analysis.columns},
                                          {"masked_columns", analysis.masked_columns},
                                          {"estimated_rows", analysis.estimated_rows},
                                          {"files", analysis.files}}
                       .dump(1) +
                   "\n");
    return {};
  }
  std::string text =
      fmt::format("{} tables, {} columns ({} masked), {} foreign keys, {} cycles, about {} rows\n",
                  analysis.tables, analysis.columns, analysis.masked_columns, analysis.foreign_keys,
                  analysis.cycles, with_thousands(analysis.estimated_rows));
  for (const std::string& file : analysis.files)
    text += "  " + file + "\n";
  app.print(text);
  return {};
}

}  // namespace godwit::cli
