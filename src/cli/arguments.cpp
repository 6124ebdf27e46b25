#include "cli/arguments.h"

#include "cli/db/commands.h"

#include <CLI/CLI.hpp>

namespace godwit::cli {

namespace {

CLI::Option* add_metrics(CLI::App& command, Arguments& out) {
  return command
      .add_option(
          "--metrics", out.metrics,
          "keep this file up to date for a metrics collector (OpenMetrics text), or push the same to a "
          "Prometheus Pushgateway")
      ->type_name("FILE OR URL");
}

void add_run(CLI::App& app, Arguments& out) {
  CLI::App* run = app.add_subcommand("run", "move one scope: extract, mask, check, load, verify, report");
  run->add_option("pipeline", out.pipeline, "a pipeline of godwit.yml")->required();
  run->add_option("scope", out.scope, "the slice that moves, for example district-001")->required();
  CLI::Option* dry_run = run->add_flag("--dry-run", out.dry_run,
                                       "print the plan and stop before the target is opened for writing");
  CLI::Option* skip_load =
      run->add_flag("--skip-load", out.skip_load, "extract, mask and check; load later with --resume");
  CLI::Option* resume =
      run->add_option("--resume", out.resume, "continue this run where it stopped")->type_name("RUN");
  CLI::Option* from_run =
      run->add_option("--from-run", out.from_run, "take the masked data of this run instead of extracting")
          ->type_name("RUN");
  CLI::Option* strategy =
      run->add_option("--strategy", out.strategy,
                      "what becomes of rows that the target has already, instead of the configured one")
          ->check(CLI::IsMember({"insert", "upsert", "merge", "replace", "auto"}));
  run->add_flag("--masks", out.show_masks, "with --dry-run: also print the mask of every column")
      ->needs(dry_run);
  CLI::Option* metrics = add_metrics(*run, out);
  metrics->excludes(dry_run);
  // A run that is resumed does what it was planned to do.
  for (CLI::Option* other : {dry_run, skip_load, from_run, strategy})
    resume->excludes(other);
  from_run->excludes(dry_run);
}

void add_after_run(CLI::App& app, Arguments& out) {
  CLI::App* verify =
      app.add_subcommand("verify", "read the target again and compare it row by row with a run's data");
  verify->add_option("run", out.run, "the run")->required();

  CLI::App* rollback =
      app.add_subcommand("rollback", "undo a run: delete what it inserted, restore what it overwrote");
  rollback->add_option("run", out.run, "the run")->required();
  rollback->add_flag("--dry-run", out.dry_run, "show what would be undone");
  rollback->add_option("--confirm", out.confirm, "the run's id once more, as confirmation")->type_name("RUN");
  rollback->add_flag("--purge-scope", out.purge_scope,
                     "delete the whole scope from the target, whoever put it there");
  rollback
      ->add_option("--force-row", out.force_rows,
                   "undo this row although it changed since the run; its change is lost. Again for each row")
      ->type_name("TABLE KEY");

  CLI::App* cancel = app.add_subcommand(
      "cancel", "ask a run to stop: it rolls back what it has not committed and can be resumed");
  cancel->add_option("run", out.run, "the run")->required();

  CLI::App* runs = app.add_subcommand("runs", "list the runs of the ledger, newest first");
  runs->add_option("--pipeline", out.pipeline, "only this pipeline");
  runs->add_option("--scope", out.scope, "only this scope");
  runs->add_option("--limit", out.limit, "at most so many")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();

  CLI::App* status =
      app.add_subcommand("status", "what is under way or in doubt; asks the targets what really happened");
  status->add_option("run", out.run, "only this run");

  CLI::App* report = app.add_subcommand("report", "print a run's report");
  report->add_option("run", out.run, "the run")->required();
  report
      ->add_option("--format", out.format,
                   "html, md, json, csv (a line per table), checks-csv (a line per check), junit or sarif")
      ->check(CLI::IsMember({"html", "md", "json", "csv", "checks-csv", "junit", "sarif"}))
      ->default_str("html");

  CLI::App* inspect =
      app.add_subcommand("inspect", "a profile of a run's masked data, column by column, with samples");
  inspect->add_option("run", out.run, "the run")->required();
  inspect->add_option("--table", out.table, "one table: store.table or store.schema.table");
  inspect->add_option("--limit", out.limit, "sample rows")->check(CLI::Range(0, 1000))->capture_default_str();
}

void add_preparation(CLI::App& app, Arguments& out) {
  CLI::App* analyze = app.add_subcommand(
      "analyze", "write catalog, dependency graph, load order, cycles, masking coverage and estimates");
  analyze->add_option("pipeline", out.pipeline, "a pipeline of godwit.yml")->required();
  analyze->add_option("--output", out.directory, "folder for the files")
      ->type_name("FOLDER")
      ->default_str(".godwit/analysis");

  CLI::App* mask = app.add_subcommand("mask", "what happens to a column, and why, on a made-up value");
  mask->add_option("--explain", out.explain, "table.column, store.table.column or store.schema.table.column")
      ->type_name("COLUMN")
      ->required();
  mask->add_option("--pipeline", out.pipeline, "whose masks; needed where there are several pipelines");

  CLI::App* init = app.add_subcommand("init", "write a commented starter configuration");
  init->add_option("directory", out.directory, "where to")->default_str(".");
  init->add_flag("--force", out.force, "overwrite files that are there");
  init->add_option("--from", out.from,
                   "convert another tool's configuration: devflow.yml, alembic.ini, pyproject.toml, "
                   "knexfile.js, supabase/config.toml, flyway.conf, flyway.toml, .env")
      ->type_name("FILE");

  app.add_subcommand(
      "doctor", "check configuration, secrets, reachability, disk, and that the source account cannot write");

  CLI::App* demo =
      app.add_subcommand("demo", "a complete migration of a made-up district in embedded stores");
  demo->add_option("--directory", out.directory,
                   "where the demo's files go (default: a new folder under the system's temporary one)");
  demo->add_option("--scope", out.scope, "district-001 (large), -002 or -003")->default_str("district-001");
  demo->add_option("--scale", out.scale, "how many rows, 1 = about 11,000")
      ->check(CLI::Range(0.01, 10000.0))
      ->capture_default_str();
  demo->add_option("--seed", out.seed, "another world")->capture_default_str();
  demo->add_option("--violate", out.violate, "rules of checks.yml that the source data shall break");
}

}  // namespace

Result<Arguments> parse(int argc, const char* const* argv, const std::string& version) {
  Arguments out;
  try {
    CLI::App app{"godwit: migrates databases from CI. Data moves masked, checked and undoable.", "godwit"};
    app.require_subcommand(1);
    app.set_help_all_flag("--help-all", "the options of all commands");
    app.set_version_flag("--version", "godwit " + version);
    app.fallthrough();
    app.add_option("-c,--config", out.config, "the configuration (default: the nearest godwit.yml upward)")
        ->type_name("FILE");
    app.add_flag("--json", out.json, "standard output is exactly one JSON document");
    app.add_flag("-y,--yes", out.yes, "answer questions with yes; never opens a gate");
    app.add_flag("-q,--quiet", out.quiet, "only the result");
    app.add_flag("-v,--verbose", out.verbose, "also a line per table");
    app.add_flag("--no-color", out.no_color, "plain text");
    app.add_option("--log-format", out.log_format, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    add_run(app, out);
    add_after_run(app, out);
    add_preparation(app, out);
    add_db(app, out.db);
    add_health(app, out.db);
    try {
      app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      const CLI::App* used = &app;
      while (!used->get_subcommands().empty())
        used = used->get_subcommands()[0];
      out.help = used->help();
      out.command = "help";
      return out;
    } catch (const CLI::CallForAllHelp&) {
      out.help = app.help("", CLI::AppFormatMode::All);
      out.command = "help";
      return out;
    } catch (const CLI::CallForVersion&) {
      out.help = "godwit " + version + "\n";
      out.command = "help";
      return out;
    }
    const CLI::App* command = app.get_subcommands()[0];
    out.command = command->get_name();
    if (out.command == "health") out.db.command = out.command;
    if (out.command == "db") out.db.command = command->get_subcommands()[0]->get_name();
    return out;
  } catch (const CLI::ParseError& problem) {
    return make_error(ErrorKind::usage, problem.what(), "godwit --help shows the commands");
  }
}

}  // namespace godwit::cli
