#include "schema/rehearse/rehearsal.h"

#include "base/text.h"
#include "os/supervised.h"
#include "schema/apply/applier.h"
#include "schema/folder.h"
#include "schema/program/printed.h"
#include "schema/rehearse/evidence.h"
#include "schema/rehearse/scratch.h"
#include "schema/rehearse/start.h"
#include "schema/run/migration_run.h"
#include "schema/run/uuid.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

constexpr int64_t crash_points_max = 500;
constexpr int killed = 128 + 9;
using Checkpoint = std::function<void(const std::string&)>;

class Rehearser {
 public:
  Rehearser(const Target& target, const Services& services, const History& history,
            const RehearsalOptions& options)
      : target_(target), services_(services), history_(history), options_(options) {}

  Result<Rehearsal> execute() {
    RETURN_IF_ERROR(look_at_live());
    if (plan_.steps.empty()) return std::move(out_);
    RETURN_IF_ERROR(make_start());
    RETURN_IF_ERROR(watch_up());
    if (options_.only_up) return std::move(out_);
    RETURN_IF_ERROR(down_and_up());
    RETURN_IF_ERROR(crash());
    conclude();
    return std::move(out_);
  }

 private:
  Status look_at_live() {
    ASSIGN_OR_RETURN(const auto live, open_database(target_.endpoint, services_.cancel));
    ASSIGN_OR_RETURN(MigrationFolder folder, read_migrations(history_, target_.directory, live->dialect()));
    state_ = State(std::move(folder));
    RETURN_IF_ERROR(read_recorded(*live, history_, marks_of(*live, history_), state_));
    ASSIGN_OR_RETURN(plan_, plan_upgrade(history_, state_, target_.migrations, options_.target));
    RETURN_IF_ERROR(plan_.refusal());
    RETURN_IF_ERROR(print_programs());
    ASSIGN_OR_RETURN(live_, take_snapshot(*live, history_));
    out_.live = live_.fingerprint();
    out_.plan_hash = plan_.hash;
    for (const Step& step : plan_.steps) {
      const Migration& migration = state_.folder.migrations[step.migration];
      out_.migrations.push_back(
          {migration.revision, migration.file, migration.raw_sha256, migration.down_sha256});
    }
    scratch_options_.dialect = live->dialect();
    scratch_options_.server_version = live->server_version_number();
    if (live->dialect() == sql::Dialect::postgres) {
      ASSIGN_OR_RETURN(const auto rows,
                       live->rows("SELECT rolname FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_'"));
      for (const Row& row : rows)
        roles_.push_back(row[0].value_or(""));
      RETURN_IF_ERROR(note_schemas(*live));
    }
    return {};
  }

  // Schemas that no migration makes because the history's table, or everything, stands in them.
  Status note_schemas(Database& live) {
    scratch_options_.schema = target_.endpoint.search_path_schema;
    for (const std::string& schema : {target_.migrations.schema, target_.endpoint.search_path_schema}) {
      if (schema.empty()) continue;
      ASSIGN_OR_RETURN(const auto rows, live.rows("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = " +
                                                  quote_literal(schema)));
      if (!rows.empty()) schemas_.push_back(schema);
    }
    return {};
  }

  Status create_start() {
    RETURN_IF_ERROR(scratch_->create("start", ""));
    if (schemas_.empty()) return {};
    ASSIGN_OR_RETURN(const auto database, scratch_->open("start"));
    std::vector<std::string> statements;
    for (const std::string& schema : schemas_)
      statements.push_back("CREATE SCHEMA IF NOT EXISTS " + quote_identifier(schema));
    return database->run(statements);
  }

  // What is pending must be had as SQL where the settings say so. The ways back, and what was applied long
  // ago, as far as they can: a way back that cannot be printed is none here, either.
  Status print_programs() {
    ASSIGN_OR_RETURN(const bool printed, print_plan(target_, services_, plan_, state_.folder));
    if (printed) {
      ASSIGN_OR_RETURN(plan_, plan_upgrade(history_, state_, target_.migrations, options_.target));
    }
    std::vector<Step> others;
    for (const std::string& revision : state_.applied) {
      if (const auto place = state_.find(revision)) others.push_back({*place, Direction::up});
    }
    if (plan_.steps.empty()) return {};
    for (auto step = plan_.steps.rbegin(); step != plan_.steps.rend() && !options_.only_up; ++step)
      others.push_back({step->migration, Direction::down});
    ASSIGN_OR_RETURN(const Printed more, print_bodies(target_, services_, others, state_.folder));
    for (const Unprinted& left : more.failures) {
      Migration& migration = state_.folder.migrations[left.step.migration];
      if (left.step.direction == Direction::down && target_.programs.bodies == "print")
        migration.down.kind = Script::Kind::none;
    }
    return {};
  }

  Status make_start() {
    scratch_options_.server = options_.server;
    scratch_options_.temporary_folder = options_.temporary_folder;
    scratch_options_.clock = services_.clock;
    scratch_options_.cancel = services_.cancel;
    scratch_options_.random_number = services_.random_number();
    ASSIGN_OR_RETURN(scratch_, make_scratch(scratch_options_));
    out_.where = scratch_->about();
    RETURN_IF_ERROR(scratch_->create_roles(roles_));
    RETURN_IF_ERROR(create_start());
    auto replayed = replay();
    if (replayed.ok() && *replayed == out_.live) {
      out_.replayed = true;
      out_.start = *replayed;
      return {};
    }
    out_.why_not_replayed = replayed.ok() ? "the folder, replayed, does not give the live structure"
                                          : "the folder cannot be replayed: " + replayed.error().message;
    RETURN_IF_ERROR(scratch_->drop("start"));
    RETURN_IF_ERROR(create_start());
    ASSIGN_OR_RETURN(const auto database, scratch_->open("start"));
    RETURN_IF_ERROR(copy_structure(*database, live_, history_, state_, context()));
    ASSIGN_OR_RETURN(const Snapshot start, take_snapshot(*database, history_));
    out_.start = start.fingerprint();
    for (const CatalogChange& change : difference(live_, start))
      out_.start_differs.push_back(change.kind + " " + change.name);
    return {};
  }

  // What is applied to the live database, applied again from nothing.
  Result<std::string> replay() {
    std::vector<Step> steps;
    for (const std::string& revision : state_.applied) {
      const auto place = state_.find(revision);
      if (!place) return make_error(ErrorKind::failed, "the folder has no migration " + revision);
      steps.push_back({*place, Direction::up});
    }
    ASSIGN_OR_RETURN(const auto database, scratch_->open("start"));
    RETURN_IF_ERROR(apply("start", *database, steps, nullptr, false));
    ASSIGN_OR_RETURN(const Snapshot snapshot, take_snapshot(*database, history_));
    return snapshot.fingerprint();
  }

  RecordContext context() const {
    RecordContext context;
    context.run = "rehearsal";
    context.actor = services_.actor;
    context.host = services_.host;
    context.version = services_.version;
    context.uuid = new_uuid(services_.random_number);
    context.batch = 1;
    for (const AppliedMigration& applied : state_.recorded.applied)
      context.batch = std::max(context.batch, applied.batch + 1);
    return context;
  }

  ApplyOptions apply_options(const Checkpoint& checkpoint, bool separate) const {
    ApplyOptions apply;
    apply.retry_for_ms = target_.migrations.retry_for_ms;
    apply.clock = services_.clock;
    apply.cancel = services_.cancel;
    apply.random_number = services_.random_number;
    apply.uuid = [this] { return new_uuid(services_.random_number); };
    apply.context = context();
    apply.checkpoint = checkpoint;
    apply.separate_messages = separate;
    return apply;
  }

  // `name`: of the database in the scratch.
  Status apply(const std::string& name, Database& database, const std::vector<Step>& steps,
               const Checkpoint& checkpoint, bool separate,
               std::vector<StatementEvidence>* evidence = nullptr) {
    const MarksSql marks = marks_of(database, history_);
    State now(state_.folder);
    RETURN_IF_ERROR(read_recorded(database, history_, marks, now));
    Witness* witness = nullptr;
    const Checkpoint reached = [&](const std::string& moment) {
      if (witness != nullptr) witness->reached(moment);
      if (checkpoint) checkpoint(moment);
    };
    const StoreEndpoint endpoint = scratch_->endpoint_of(name);
    const auto programs = make_program_runner(target_, endpoint, services_);
    ApplyOptions options = apply_options(reached, separate);
    options.programs = programs.get();
    Applier applier(database, history_, marks, now, std::move(options));
    RETURN_IF_ERROR(applier.prepare_tables());
    for (const Step& step : steps) {
      const Migration& migration = now.folder.migrations[step.migration];
      const Script& script = step.direction == Direction::up ? migration.up : migration.down;
      if (script.kind == Script::Kind::delegated) {
        RETURN_IF_ERROR(apply_program(applier, migration, step.direction, evidence));
        continue;
      }
      ASSIGN_OR_RETURN(const PreparedScript prepared,
                       prepare(script, database.dialect(), database.server_version_number()));
      std::vector<StatementEvidence> nowhere;
      Witness watching(database, *services_.clock, migration, step.direction, prepared,
                       evidence != nullptr ? *evidence : nowhere);
      if (evidence != nullptr) {
        witness = &watching;
        RETURN_IF_ERROR(watching.begin());
      }
      StepOutcome outcome;
      const Status done = applier.step(migration, step.direction, outcome);
      witness = nullptr;
      RETURN_IF_ERROR(done);
      RETURN_IF_ERROR(watching.status());
    }
    return {};
  }

  // Nobody sees into a program: what is known of it is how long it took, and what it left.
  static Status apply_program(Applier& applier, const Migration& migration, Direction direction,
                              std::vector<StatementEvidence>* evidence) {
    StepOutcome outcome;
    RETURN_IF_ERROR(applier.step(migration, direction, outcome));
    if (evidence == nullptr) return {};
    StatementEvidence whole;
    whole.revision = migration.revision;
    whole.file = migration.file;
    whole.command = "a program";
    whole.statement = 1;
    whole.observed = false;
    whole.duration_us = outcome.duration_us;
    evidence->push_back(std::move(whole));
    return {};
  }

  Status watch_up() {
    RETURN_IF_ERROR(scratch_->create("work", "start"));
    ASSIGN_OR_RETURN(const auto database, scratch_->open("work"));
    out_.server = database->server_version();
    out_.server_major = server_major_of(*database);
    ASSIGN_OR_RETURN(const Snapshot start, take_snapshot(*database, history_));
    RETURN_IF_ERROR(apply("work", *database, plan_.steps, nullptr, true, &out_.statements));
    ASSIGN_OR_RETURN(const Snapshot end, take_snapshot(*database, history_));
    out_.end = end.fingerprint();
    out_.changes = difference(start, end);
    return {};
  }

  Status down_and_up() {
    std::vector<Step> down;
    for (auto step = plan_.steps.rbegin(); step != plan_.steps.rend(); ++step) {
      const Migration& migration = state_.folder.migrations[step->migration];
      if (migration.down.kind == Script::Kind::none) out_.irreversible.push_back(migration.revision);
      down.push_back({step->migration, Direction::down});
    }
    if (!out_.irreversible.empty()) return {};
    ASSIGN_OR_RETURN(const auto database, scratch_->open("work"));
    RETURN_IF_ERROR(apply("work", *database, down, nullptr, false));
    ASSIGN_OR_RETURN(const Snapshot below, take_snapshot(*database, history_));
    out_.after_down = below.fingerprint();
    RETURN_IF_ERROR(apply("work", *database, plan_.steps, nullptr, false));
    ASSIGN_OR_RETURN(const Snapshot again, take_snapshot(*database, history_));
    out_.after_up_again = again.fingerprint();
    return {};
  }

  // A copy of this process applies the plan and kills itself at the next point each time.
  Status crash() {
    for (int64_t point = 1; point <= crash_points_max; ++point) {
      RETURN_IF_ERROR(scratch_->create("crash", "start"));
      std::string moment = fmt::format("kill {}", point);
      ASSIGN_OR_RETURN(const int ended, os::in_forked_process([&] { return apply_and_die(point); }));
      if (ended == 0) return scratch_->drop("crash");
      out_.crash_points = point;
      if (ended != killed) {
        out_.not_converged.push_back(moment + ": the migrations failed before it");
      } else {
        const auto end = upgrade_again();
        if (!end.ok()) out_.not_converged.push_back(moment + ": the next upgrade: " + end.error().message);
        if (end.ok() && *end != out_.end)
          out_.not_converged.push_back(moment + ": the next upgrade ends at another structure");
      }
      RETURN_IF_ERROR(scratch_->drop("crash"));
    }
    return make_error(
        ErrorKind::plan_refused,
        fmt::format("more than {} statements: rehearse them in parts, with --to", crash_points_max));
  }

  int apply_and_die(int64_t point) {
    auto database = scratch_->open("crash");
    if (!database.ok()) return 1;
    int64_t passed = 0;
    const Checkpoint die = [&](const std::string&) {
      if (++passed == point) os::kill_this_process();
    };
    return apply("crash", **database, plan_.steps, die, true).ok() ? 0 : 1;
  }

  Result<std::string> upgrade_again() {
    ASSIGN_OR_RETURN(const auto database, scratch_->open("crash"));
    State now(state_.folder);
    RETURN_IF_ERROR(read_recorded(*database, history_, marks_of(*database, history_), now));
    ASSIGN_OR_RETURN(const Plan plan, plan_upgrade(history_, now, target_.migrations, options_.target));
    RETURN_IF_ERROR(plan.refusal());
    RETURN_IF_ERROR(apply("crash", *database, plan.steps, nullptr, false));
    ASSIGN_OR_RETURN(const Snapshot end, take_snapshot(*database, history_));
    return end.fingerprint();
  }

  void conclude() {
    if (!out_.start_differs.empty())
      out_.findings.push_back(fmt::format("the start differs from the live structure in {} object(s)",
                                          out_.start_differs.size()));
    if (!out_.after_down.empty() && out_.after_down != out_.start)
      out_.findings.emplace_back("the way down does not lead back to the structure of the start");
    if (!out_.after_up_again.empty() && out_.after_up_again != out_.end)
      out_.findings.emplace_back("up, down and up again does not end where up alone does");
    if (!out_.not_converged.empty())
      out_.findings.push_back(fmt::format("{} of {} kills were not recovered from", out_.not_converged.size(),
                                          out_.crash_points));
  }

  const Target& target_;
  const Services& services_;
  const History& history_;
  const RehearsalOptions& options_;
  Rehearsal out_;
  State state_{MigrationFolder{}};
  Plan plan_;
  Snapshot live_;
  std::vector<std::string> roles_;
  std::vector<std::string> schemas_;
  ScratchOptions scratch_options_;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace

int64_t server_major_of(const Database& database) {
  return database.server_version_number() / (database.dialect() == sql::Dialect::sqlite ? 1'000'000 : 10'000);
}

Result<Rehearsal> rehearse(const Target& target, const Services& services, const History& history,
                           const RehearsalOptions& options) {
  return Rehearser(target, services, history, options).execute();
}

}  // namespace godwit::schema
