#include "schema/program/alembic_tool.h"

#include "base/text.h"
#include "os/files.h"
#include "schema/history/alembic/files/ini_copy.h"
#include "schema/history/alembic/render.h"
#include "schema/program/python_failure.h"

#include <fmt/format.h>

namespace godwit::schema {

namespace {

constexpr const char* usual_section = "alembic";

// The project's own driver, where its URL is for a database of the same kind.
std::string scheme_of(const Secret& url, const std::string& kind) {
  const std::string_view text = url.reveal();
  const std::string scheme(text.substr(0, std::min(text.find("://"), text.size())));
  if (kind == "sqlite") return scheme.starts_with("sqlite") ? scheme : "sqlite";
  // SQLAlchemy knows no "postgres" any more.
  return scheme.starts_with("postgresql") ? scheme : "postgresql";
}

Error not_installed(const Target& target, const std::vector<std::string>& command, std::string_view why) {
  Error error = make_error(
      ErrorKind::config,
      fmt::format("{} holds programs in Python, which Alembic itself makes SQL of, and '{}' cannot be "
                  "started: {}",
                  target.directory, join(command, " "), why),
      "install it for the project (pip install alembic), or say how it is started: migrations: {command: "
      "[.venv/bin/alembic]}");
  error.where = target.migrations.where;
  return error;
}

}  // namespace

Status take_file_names(const Target& target, HistoryOptions& options) {
  if (options.tool != "alembic") return {};
  ASSIGN_OR_RETURN(const auto found, find_alembic_configuration(target));
  if (!found) return {};
  options.file_template = found->read.file_template;
  options.slug_length_max = found->read.slug_length_max;
  return {};
}

Result<AlembicTool> AlembicTool::open(const Target& target, const Services& services) {
  AlembicTool tool(target, services);
  ASSIGN_OR_RETURN(auto found, find_alembic_configuration(target));
  if (!found) {
    const std::string named = in_project(target, target.programs.ini);
    Error error = make_error(ErrorKind::config,
                             named.empty() ? fmt::format("there is no alembic.ini, nor [tool.alembic] in a "
                                                         "pyproject.toml, in {} or above it",
                                                         target.directory)
                                           : fmt::format("there is no {}", named),
                             "say where it is: migrations: {ini: path/to/alembic.ini}");
    error.where = target.migrations.where;
    return error;
  }
  tool.scheme_ = scheme_of(found->read.url, target.endpoint.kind);
  tool.configuration_ = std::move(*found);
  return tool;
}

Result<os::ChildOutcome> AlembicTool::call(const ToolAddress& address, bool password,
                                           const Arguments& arguments) const {
  // The copy of the ini holds no password, so that a killed process leaves none on the disk: the drivers of
  // PostgreSQL find it in PGPASSWORD.
  const std::string url = password ? std::string(address.url.reveal()) : address.plain_url;
  const std::string &folder = configuration_.folder, &section = configuration_.section;
  ASSIGN_OR_RETURN(const PrivateFolder hidden, PrivateFolder::make(*services_));
  const std::string copy = hidden.path() + "/alembic.ini";
  RETURN_IF_ERROR(
      os::write_file(copy, alembic::ini_copy(configuration_.text, section, folder, address.plain_url)));
  ToolCall call;
  const std::vector<std::string> command = tool_command(*target_, "alembic");
  call.arguments = command;
  if (section != usual_section) call.arguments.insert(call.arguments.end(), {"-n", section});
  for (std::string& argument : arguments(copy))
    call.arguments.push_back(std::move(argument));
  call.folder = folder;
  if (password) call.variables = address.variables;
  const std::string& variable = target_->programs.url_variable;
  call.variables.emplace_back(variable.empty() ? "DATABASE_URL" : variable, url);
  call.variables.emplace_back("PYTHONIOENCODING", "utf-8");
  auto outcome = call_tool(call, *target_, *services_);
  if (!outcome.ok())
    return outcome.error().kind == ErrorKind::io ? not_installed(*target_, command, outcome.error().message)
                                                 : outcome.error();
  if (outcome->exit_code != 0 && outcome->errors.find("No module named alembic") != std::string::npos)
    return not_installed(*target_, command, "there is no module alembic");
  return outcome;
}

Result<os::ChildOutcome> AlembicTool::print(const Migration& first, const Migration& last,
                                            Direction direction) const {
  ASSIGN_OR_RETURN(const ToolAddress address, tool_address(target_->endpoint, scheme_));
  return call(address, false,
              [&](const std::string& ini) { return alembic::print_arguments(ini, first, last, direction); });
}

Result<os::ChildOutcome> AlembicTool::run(const StoreEndpoint& endpoint, const Migration& migration,
                                          Direction direction, bool timeouts) const {
  ASSIGN_OR_RETURN(ToolAddress address, tool_address(endpoint, scheme_));
  if (timeouts) add_timeouts(target_->migrations, address);
  return call(address, true,
              [&](const std::string& ini) { return alembic::run_arguments(ini, migration, direction); });
}

Error not_printed(const Target& target, const Migration& migration, const os::ChildOutcome& outcome) {
  const PythonFailure failure = python_failure(outcome.errors, migration.file);
  Error error = make_error(ErrorKind::plan_refused,
                           fmt::format("Alembic cannot print {} as SQL: {}", migration.file, failure.message),
                           "a revision that asks the database can only be run by Alembic itself: migrations: "
                           "{bodies: print-or-run}");
  error.where = failure.where;
  if (error.where.file.empty()) error.where = {target.directory + "/" + migration.file, 0, 0};
  return error;
}

}  // namespace godwit::schema
