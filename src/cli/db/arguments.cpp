#include "cli/db/commands.h"

#include <CLI/CLI.hpp>

namespace godwit::cli {

namespace {

CLI::App* add_command(CLI::App& db, DbArguments& out, const std::string& name, const std::string& about) {
  CLI::App* command = db.add_subcommand(name, about);
  command->add_option("--database", out.database, "a database of godwit.yml; needed where there are several");
  command->add_option("-e,--env", out.environment, "its environment; needed where there are several");
  command->add_flag("--all", out.all, "every database that has this environment, one after another");
  return command;
}

void add_looking(CLI::App& db, DbArguments& out) {
  add_command(db, out, "status", "what is applied, what is pending, and what is wrong");
  add_command(db, out, "check", "exit code 3 when migrations are pending or the history is not in order");
  add_command(db, out, "history", "every migration of the folder, and whether it is applied");
  add_command(db, out, "heads", "the newest migration of the folder, of each branch where there are several");
  CLI::App* lint =
      add_command(db, out, "lint", "what migrations lock, break or lose, before anybody runs them");
  lint->add_option("files", out.files, "scripts to judge together (default: the folder of migrations)");
  lint->add_option("--format", out.lint_format, "how to say it")
      ->check(CLI::IsMember({"text", "json", "sarif", "github"}))
      ->capture_default_str();
  lint->add_flag("--all-files", out.all_files, "with --env: applied migrations too, not only pending ones");
  lint->add_flag("--strict", out.strict, "exit code 3 for warnings too");
  add_command(db, out, "drift", "what was changed in the database since the last run, beside its history");
  CLI::App* rehearse =
      add_command(db, out, "rehearse",
                  "what is pending, on a throwaway copy of the structure: locks, up, down, up, kills");
  rehearse->add_option("-r,--revision,--to", out.revision, "up to this one (default: everything)")
      ->type_name("REV");
  rehearse->add_option("--server", out.server, "a server to make databases on, instead of a throwaway one")
      ->type_name("URL");
  CLI::Option* receipt = rehearse
                             ->add_option("--receipt", out.receipt,
                                          "where the receipt goes, signed under keys.receipt (default: "
                                          ".godwit/receipts/)")
                             ->type_name("FILE");
  rehearse
      ->add_option("--verify", out.verify_receipt,
                   "do not rehearse: check this receipt's signature, age and files, without a database")
      ->type_name("FILE")
      ->excludes(receipt);
  CLI::App* create = add_command(db, out, "new", "write the files of a new migration");
  create->alias("create")->alias("generate");
  create->add_option("title,-m,--message", out.title, "what it does, in a few words")->required();
  create->add_flag("--merge", out.merge, "one that joins all heads of a history with branches (Alembic)");
  CLI::App* approve = add_command(db, out, "approve", "say yes to a plan that another person asks for");
  approve->add_option("plan", out.plan, "its hash, as upgrade --dry-run prints it")->required();
  approve->add_option("--commit", out.commit, "only for this commit of the repository")->type_name("SHA");
  approve->add_option("--hours", out.hours, "how long it counts")
      ->check(CLI::Range(1, 720))
      ->capture_default_str();
}

void add_changing(CLI::App& db, DbArguments& out) {
  CLI::App* upgrade = add_command(db, out, "upgrade", "apply what is pending");
  upgrade->alias("migrate");
  upgrade->add_option("-r,--revision,--to", out.revision, "up to this one (default: everything)")
      ->type_name("REV");
  upgrade
      ->add_option(
          "--plan", out.plan,
          "apply exactly this plan, or refuse: its hash, or the file that upgrade --dry-run --json wrote")
      ->type_name("PLAN");
  upgrade
      ->add_option("--receipt", out.receipt,
                   "the receipt of this plan's rehearsal (default: the newest in the ledger)")
      ->type_name("FILE");
  CLI::App* downgrade = add_command(db, out, "downgrade", "undo applied migrations, newest first");
  downgrade->alias("rollback");
  downgrade
      ->add_option("--receipt", out.receipt,
                   "the receipt of the rehearsal that went this way back (default: those of the plans that "
                   "applied the migrations, in the ledger)")
      ->type_name("FILE");
  CLI::Option* revision =
      downgrade->add_option("-r,--revision", out.revision, "down to this one, which stays; base: all of them")
          ->type_name("REV");
  CLI::Option* steps = downgrade->add_option("-n,--steps", out.steps, "so many")
                           ->check(CLI::Range(1, 100000))
                           ->capture_default_str();
  CLI::Option* run =
      downgrade->add_option("--run", out.run, "exactly what this run applied")->type_name("RUN");
  revision->excludes(steps)->excludes(run);
  steps->excludes(run);
  upgrade->add_flag("--skip-health-checks", out.skip_health_checks,
                    "do not look at the database's health first; recorded in the report, refused where the "
                    "environment requires them");
  upgrade->add_flag("--skip-rehearsal", out.skip_rehearsal,
                    "with --dry-run: show the SQL alone, not what the structure will be");
  for (CLI::App* command : {upgrade, downgrade}) {
    command->add_flag("-b,--backup", out.backup,
                      "take a backup before anything changes; without one nothing is");
    command->add_option("--format", out.report_format, "how to say what became of it")
        ->check(CLI::IsMember({"text", "json", "sarif", "github"}))
        ->capture_default_str();
    command->add_flag("--dry-run", out.dry_run, "show the plan and its SQL; nothing is changed");
    command->add_flag("--ci", out.ci, "nobody is there to be asked");
    command->add_flag("--skip-validation", out.skip_validation,
                      "do not read the history again afterwards; recorded in the report");
  }
}

void add_adopt(CLI::App& db, DbArguments& out) {
  CLI::App* adopt = db.add_subcommand(
      "adopt", "find the history that a database has, and write the lines of godwit.yml that continue it");
  adopt->add_option("--database", out.database, "what to call it")->default_str("app");
  adopt->add_option("-e,--env", out.environment, "what to call the environment")->default_str("local");
  CLI::Option* variable = adopt
                              ->add_option("--url-env", out.url_variable,
                                           "the environment variable that holds the database's URL")
                              ->type_name("NAME")
                              ->capture_default_str();
  adopt->add_option("--path", out.path, "SQLite: the file")->type_name("FILE")->excludes(variable);
  adopt->add_option("--tool", out.tool, "whose history, where there are several")->type_name("NAME");
  adopt->add_flag("--dry-run", out.dry_run, "print the lines; nothing is written");
}

void add_repair(CLI::App& db, DbArguments& out) {
  CLI::App* repair =
      add_command(db, out, "repair", "make the recorded history say what is true; runs no migration");
  std::vector<CLI::Option*> kinds;
  const auto add = [&](const std::string& name, const std::string& about) {
    kinds.push_back(repair
                        ->add_option_function<std::string>(
                            "--" + name,
                            [&out, name](const std::string& revision) {
                              out.repair = name;
                              out.revision = revision;
                            },
                            about)
                        ->type_name("REV"));
  };
  add("applied", "record it as applied: somebody did by hand what it does");
  add("reverted", "record it as not applied: somebody undid it by hand");
  add("forget", "remove what the history says of a migration that the folder has no more");
  add("checksum", "accept the file as it is now");
  add("restart", "forget how far a migration outside a transaction had come");
  for (CLI::Option* one : kinds) {
    for (CLI::Option* other : kinds) {
      if (one != other) one->excludes(other);
    }
  }
}

void add_copying(CLI::App& db, DbArguments& out) {
  CLI::App* backup = add_command(db, out, "backup", "copy the whole database into one file");
  backup->add_option("--format", out.format, "PostgreSQL: custom for pg_restore, plain for psql")
      ->check(CLI::IsMember({"custom", "plain"}));
  backup->add_flag("--verify", out.verify,
                   "restore it beside the database and compare tables, rows and their digests");
  CLI::App* restore = db.add_subcommand(
      "restore", "bring a backup back, into a new database that may then take the place of the old one");
  restore->add_option("--database", out.database, "a database of godwit.yml; needed where there are several");
  restore->add_option("-e,--env", out.environment, "its environment; needed where there are several");
  restore->add_option("file", out.file, "the backup")->required();
  restore
      ->add_option("--into", out.into, "the new database's name, SQLite: file (default: with the time in it)")
      ->type_name("NAME");
  CLI::Option* swap = restore->add_flag(
      "--swap", out.swap, "then exchange the names: the old database stays as NAME_before_TIME");
  restore->add_flag("--force", out.force, "end the sessions of others for that")->needs(swap);
  restore->add_flag("--dry-run", out.dry_run, "show the plan; nothing is changed");
}

}  // namespace

void add_health(CLI::App& app, DbArguments& out) {
  CLI::App* health = app.add_subcommand(
      "health", "look at a database before its structure is changed: exit code 3 when a check failed");
  health->add_option("--database", out.database, "a database of godwit.yml; needed where there are several");
  health->add_option("-e,--env", out.environment, "its environment; needed where there are several");
}

void add_db(CLI::App& app, DbArguments& out) {
  CLI::App* db =
      app.add_subcommand("db", "change the structure of a database, continuing the history it has");
  db->require_subcommand(1);
  db->fallthrough();
  add_looking(*db, out);
  add_changing(*db, out);
  add_adopt(*db, out);
  add_repair(*db, out);
  add_copying(*db, out);
}

}  // namespace godwit::cli
