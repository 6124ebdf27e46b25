#include "schema/lint/migrations.h"

#include "os/files.h"
#include "schema/folder.h"
#include "schema/history/sections.h"
#include "schema/program/printed.h"
#include "schema/run/migration_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

namespace godwit::schema::lint {

namespace {

std::string shown(const std::string& path, const std::string& folder) {
  return !folder.empty() && path.starts_with(folder + "/") ? path.substr(folder.size() + 1) : path;
}

// What stands in a file above its script: allowances for the file may.
std::string head_of(const std::string& path, const Script& script) {
  if (script.first_line <= 1) return {};
  const auto text = os::read_file_if_exists(path);
  if (!text.ok() || !text->has_value()) return {};
  size_t end = 0;
  for (int line = 1; line < script.first_line && end != std::string::npos; ++line) {
    end = (*text)->find('\n', end);
    if (end != std::string::npos) ++end;
  }
  return (*text)->substr(0, end);
}

// Scripts under the names that findings give them.
class Scripts {
 public:
  void add(Script script, const std::string& path, const std::string& name) {
    if (script.kind != Script::Kind::sql) return;
    std::string head = head_of(path, script);
    script.file = name;
    scripts_.push_back(std::move(script));
    list_.push_back({&scripts_.back(), std::move(head)});
  }
  [[nodiscard]] const std::vector<LintScript>& list() const { return list_; }

 private:
  std::deque<Script> scripts_;
  std::vector<LintScript> list_;
};

Status add_file(const std::string& path, Scripts& scripts) {
  MigrationFile file{path, {}};
  ASSIGN_OR_RETURN(file.text, os::read_file(path));
  ASSIGN_OR_RETURN(Sections sections, read_sections(file, "godwit"));
  scripts.add(std::move(sections.up), path, path);
  return {};
}

// As the history reads it, when it is one of its migrations.
// The place in the folder of the migration that a path names.
std::optional<size_t> named(const std::string& path, const std::string& directory,
                            const MigrationFolder& known) {
  for (size_t i = 0; i < known.migrations.size(); ++i) {
    const std::string inside = "/" + known.migrations[i].file;
    if (path == directory + inside) return i;
    if (path.ends_with(inside) && directory.ends_with("/" + path.substr(0, path.size() - inside.size())))
      return i;
  }
  return std::nullopt;
}

Status add_named(const std::vector<std::string>& files, const std::string& directory,
                 const MigrationFolder& known, Scripts& scripts) {
  for (const std::string& path : files) {
    const auto place = named(path, directory, known);
    if (!place) {
      RETURN_IF_ERROR(add_file(path, scripts));
    } else {
      scripts.add(known.migrations[*place].up, path, path);
    }
  }
  return {};
}

// Programs that their tool prints as SQL are linted as that; of the others it is said that nobody looked.
Status print_programs(const Target& target, const Services& services, const LintRequest& request,
                      const Plan& pending, const LintOptions& options, const std::string& directory,
                      MigrationFolder& known, LintReport& report) {
  std::vector<Step> steps;
  for (const std::string& path : request.files) {
    if (const auto place = named(path, target.directory, known)) steps.push_back({*place, Direction::up});
  }
  if (request.files.empty() && request.ask_database && !request.all_files) steps = pending.steps;
  if (request.files.empty() && (!request.ask_database || request.all_files)) {
    for (size_t i = 0; i < known.migrations.size(); ++i)
      steps.push_back({i, Direction::up});
  }
  const auto printed = print_bodies(target, services, steps, known);
  if (!printed.ok()) return printed.error();
  for (const Step& step : steps) {
    const Migration& migration = known.migrations[step.migration];
    if (migration.up.kind != Script::Kind::delegated) continue;
    add_file_finding("program", {directory + "/" + migration.file, 1, 1},
                     "the migration is a program: nobody looked at its SQL", options, report);
  }
  return {};
}

void add_history_findings(const Plan& plan, const std::string& directory, const LintOptions& options,
                          LintReport& report) {
  for (const Finding& finding : plan.findings) {
    const SourceLocation where = {directory + "/" + finding.file, 1, 1};
    if (finding.kind == "late") add_file_finding("late-migration", where, finding.message, options, report);
    if (finding.kind == "edited")
      add_file_finding("edited-migration", where, finding.message, options, report);
  }
}

}  // namespace

Result<LintOptions> options_of(const Target& target) {
  LintOptions options;
  options.dialect = dialect_of(target.endpoint);
  options.tool = target.migrations.tool;
  ASSIGN_OR_RETURN(options.severities, read_severities(target.lint.rules, target.lint.where));
  options.lock_timeout_ms = target.migrations.lock_timeout_ms;
  options.statement_timeout_ms = target.migrations.statement_timeout_ms;
  return options;
}

Result<LintReport> lint_files(const std::vector<std::string>& files) {
  LintReport report;
  report.scope = "files";
  Scripts scripts;
  for (const std::string& path : files)
    RETURN_IF_ERROR(add_file(path, scripts));
  lint_scripts(scripts.list(), {}, report);
  return report;
}

void lint_plan(const std::string& directory, const State& state, const Plan& plan, const LintOptions& options,
               LintReport& report) {
  std::vector<LintScript> scripts;
  for (const Step& step : plan.steps) {
    const Migration& migration = state.folder.migrations[step.migration];
    const Script& script = step.direction == Direction::up ? migration.up : migration.down;
    if (script.kind == Script::Kind::sql)
      scripts.push_back({&script, head_of(directory + "/" + script.file, script)});
  }
  lint_scripts(scripts, options, report);
}

Result<LintReport> lint_migrations(const Target& target, const Services& services, const LintRequest& request,
                                   const std::string& folder) {
  ASSIGN_OR_RETURN(const auto history, history_of(target));
  ASSIGN_OR_RETURN(LintOptions options, options_of(target));
  ASSIGN_OR_RETURN(MigrationFolder known, read_migrations(*history, target.directory, options.dialect));
  LintReport report;
  report.database = target.database;
  report.version = services.version;
  const std::string directory = shown(target.directory, folder);
  Scripts scripts;
  LiveTables live;
  Plan pending;
  State state(known);
  if (request.ask_database) {
    report.environment = target.environment;
    report.live = true;
    ASSIGN_OR_RETURN(const auto database, open_database(target.endpoint, services.cancel));
    options.server_version = database->server_version_number();
    RETURN_IF_ERROR(read_recorded(*database, *history, marks_of(*database, *history), state));
    ASSIGN_OR_RETURN(pending, plan_upgrade(*history, state, target.migrations, "heads"));
    ASSIGN_OR_RETURN(live, read_live_tables(*database));
    options.live = &live;
  }
  RETURN_IF_ERROR(print_programs(target, services, request, pending, options, directory, known, report));
  state.folder = known;
  const auto add = [&](const Migration& migration) {
    scripts.add(migration.up, target.directory + "/" + migration.up.file,
                directory + "/" + migration.up.file);
  };
  if (!request.files.empty()) {
    report.scope = "files";
    RETURN_IF_ERROR(add_named(request.files, target.directory, known, scripts));
  } else if (request.ask_database && !request.all_files) {
    report.scope = "pending";
    for (const Step& step : pending.steps)
      add(state.folder.migrations[step.migration]);
    add_history_findings(pending, directory, options, report);
  } else {
    // Of a whole folder nobody knows which files are new: what one creates may be large when the next is
    // applied.
    report.scope = "folder";
    options.together = false;
    for (const Migration& migration : known.migrations)
      add(migration);
    std::string today = compact_utc(services.clock->now_us());
    std::erase(today, '-');
    for (Migration& migration : known.migrations)
      migration.file = directory + "/" + migration.file;
    lint_folder(known, today, options, report);
  }
  lint_scripts(scripts.list(), options, report);
  return report;
}

}  // namespace godwit::schema::lint
