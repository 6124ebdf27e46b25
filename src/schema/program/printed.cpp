#include "schema/program/printed.h"

#include "base/text.h"
#include "os/files.h"
#include "schema/database/database.h"
#include "schema/history/alembic/render.h"
#include "schema/program/alembic_tool.h"
#include "sql/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace godwit::schema {

namespace {

// How a body gets at the connection.
constexpr const char* connections[] = {"get_bind", ".connection", ".bind"};

Script& script_of(Migration& migration, Direction direction) {
  return direction == Direction::up ? migration.up : migration.down;
}

// Steps whose SQL one call prints: each stands on the one before alone.
bool follows(const Migration& before, const Migration& after, Direction direction) {
  const Migration& upper = direction == Direction::up ? after : before;
  const Migration& lower = direction == Direction::up ? before : after;
  return upper.parents == std::vector<std::string>{lower.revision} && upper.depends_on.empty();
}

class Printer {
 public:
  Printer(const Target& target, const AlembicTool& tool, MigrationFolder& folder)
      : target_(target), tool_(tool), folder_(folder) {}

  Status print(const std::vector<Step>& steps) {
    std::vector<Step> chain;
    for (const Step& step : steps) {
      if (script_of(at(step), step.direction).kind != Script::Kind::delegated) continue;
      ASSIGN_OR_RETURN(const bool differs, says_other_things_offline(step));
      if (differs) continue;
      const bool joined = !chain.empty() && chain.back().direction == step.direction &&
                          follows(at(chain.back()), at(step), step.direction);
      if (!joined) {
        RETURN_IF_ERROR(print_chain(chain));
        chain.clear();
      }
      chain.push_back(step);
    }
    return print_chain(chain);
  }

  Printed take() { return std::move(out_); }

 private:
  Migration& at(const Step& step) { return folder_.migrations[step.migration]; }

  // A body that asks whether it is being printed does something else when it is run.
  Result<bool> says_other_things_offline(const Step& step) {
    ASSIGN_OR_RETURN(const std::string text, os::read_file(path_of(step)));
    for (const char* word : {"is_offline_mode", "as_sql"}) {
      if (text.find(word) == std::string::npos) continue;
      refuse(step, text, word, "does something else when it is printed as SQL than when it is run");
      return true;
    }
    return false;
  }

  // A question that was printed had no answer: what the body did with that is not what it does when it is
  // run.
  Result<bool> asked(const Step& step, const Script& body) {
    ASSIGN_OR_RETURN(const std::string text, os::read_file(path_of(step)));
    const auto word = std::find_if(std::begin(connections), std::end(connections),
                                   [&](const char* one) { return text.find(one) != std::string::npos; });
    if (word == std::end(connections)) return false;
    ASSIGN_OR_RETURN(const auto statements, sql::split(body.sql, dialect()));
    const bool asks = std::any_of(statements.begin(), statements.end(), [](const sql::Statement& one) {
      return to_lower_ascii(one.text.substr(0, 6)) == "select";
    });
    if (asks) refuse(step, text, *word, "asks the database while it runs");
    return asks;
  }

  void refuse(const Step& step, const std::string& text, const char* word, std::string_view why) {
    Error error = make_error(ErrorKind::plan_refused, fmt::format("{} {} ({})", at(step).file, why, word),
                             "have Alembic run it: migrations: {bodies: print-or-run}");
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(text.find(word));
    error.where = {path_of(step), static_cast<int>(std::count(text.begin(), end, '\n')) + 1, 0};
    out_.failures.push_back({step, std::move(error)});
  }

  std::string path_of(const Step& step) { return target_.directory + "/" + at(step).file; }
  [[nodiscard]] sql::Dialect dialect() const { return dialect_of(target_.endpoint); }

  Status print_chain(std::span<const Step> chain) {
    if (chain.empty()) return {};
    const Direction direction = chain.front().direction;
    ASSIGN_OR_RETURN(const os::ChildOutcome outcome,
                     tool_.print(at(chain.front()), at(chain.back()), direction));
    if (outcome.exit_code == 0) {
      for (const Step& step : chain)
        RETURN_IF_ERROR(take_body(outcome.output, step));
      return {};
    }
    if (chain.size() == 1) {
      out_.failures.push_back({chain.front(), not_printed(target_, at(chain.front()), outcome)});
      return {};
    }
    for (size_t i = 0; i < chain.size(); ++i)
      RETURN_IF_ERROR(print_chain(chain.subspan(i, 1)));
    return {};
  }

  Status take_body(const std::string& printed, const Step& step) {
    Migration& migration = at(step);
    auto body = alembic::rendered_body(printed, migration, step.direction, target_.migrations.schema,
                                       target_.migrations.table, dialect());
    if (!body.ok()) {
      out_.failures.push_back({step, body.error()});
      return {};
    }
    ASSIGN_OR_RETURN(const bool question, asked(step, *body));
    if (question) return {};
    // Places in it are those of the SQL, which --dry-run shows.
    body->file = migration.file + " as SQL";
    script_of(migration, step.direction) = std::move(body).value();
    ++out_.bodies;
    return {};
  }

  const Target& target_;
  const AlembicTool& tool_;
  MigrationFolder& folder_;
  Printed out_;
};

}  // namespace

bool prints_bodies(const Target& target) {
  return target.migrations.tool == "alembic" && target.programs.bodies != "run";
}

Result<Printed> print_bodies(const Target& target, const Services& services, const std::vector<Step>& steps,
                             MigrationFolder& folder) {
  const bool any = std::any_of(steps.begin(), steps.end(), [&](const Step& step) {
    return script_of(folder.migrations[step.migration], step.direction).kind == Script::Kind::delegated;
  });
  if (!prints_bodies(target) || !any) return Printed{};
  ASSIGN_OR_RETURN(const AlembicTool tool, AlembicTool::open(target, services));
  Printer printer(target, tool, folder);
  RETURN_IF_ERROR(printer.print(steps));
  return printer.take();
}

Result<bool> print_plan(const Target& target, const Services& services, const Plan& plan,
                        MigrationFolder& folder) {
  if (plan.refused()) return false;
  ASSIGN_OR_RETURN(const Printed printed, print_bodies(target, services, plan.steps, folder));
  if (target.programs.bodies != "print") return printed.bodies > 0;
  // The first of them in the plan.
  for (const Step& step : plan.steps) {
    for (const Unprinted& one : printed.failures)
      if (one.step.migration == step.migration) return one.why;
  }
  return printed.bodies > 0;
}

}  // namespace godwit::schema
