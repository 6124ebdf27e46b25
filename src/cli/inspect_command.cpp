#include "base/text.h"
#include "cli/commands.h"
#include "pipeline/inspect.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::cli {

namespace {

std::string to_text(const pipeline::DatasetProfile& profile) {
  std::string text = fmt::format("{}: {} rows\n", profile.dataset, with_thousands(profile.rows));
  for (const auto& column : profile.columns) {
    text += fmt::format("  {:<28} {:<28} {:<12} {:>10} null {:>10} distinct  length {}..{}\n", column.name,
                        column.type, column.mask, with_thousands(column.nulls),
                        with_thousands(column.distinct), column.shortest, column.longest);
  }
  for (const auto& sample : profile.samples)
    text += "  | " + join(sample, " | ") + "\n";
  return text;
}

nlohmann::ordered_json to_json(const pipeline::DatasetProfile& profile) {
  nlohmann::ordered_json columns = nlohmann::ordered_json::array();
  for (const auto& column : profile.columns) {
    columns.push_back({{"name", column.name},
                       {"type", column.type},
                       {"mask", column.mask},
                       {"nulls", column.nulls},
                       {"distinct", column.distinct}});
  }
  return {
      {"table", profile.dataset}, {"rows", profile.rows}, {"columns", columns}, {"samples", profile.samples}};
}

}  // namespace

Status inspect_command(Application& app) {
  const std::string& run = app.arguments().run;
  if (!is_run_id(run))
    return make_error(ErrorKind::usage, fmt::format("'{}' is not a run id", run),
                      "list them with: godwit runs");
  ASSIGN_OR_RETURN(const Settings* settings, app.settings());
  ASSIGN_OR_RETURN(const auto profiles,
                   pipeline::inspect(settings->folder, run, app.arguments().table, app.arguments().limit));
  if (app.arguments().json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const auto& profile : profiles)
      list.push_back(to_json(profile));
    app.print_json(nlohmann::ordered_json{{"version", 1}, {"run", run}, {"tables", list}}.dump(
                       1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
                   "\n");
    return {};
  }
  for (const auto& profile : profiles)
    app.print(to_text(profile));
  return {};
}

}  // namespace godwit::cli
