#include "schema/program/alembic_runner.h"

#include "os/files.h"
#include "pg/errors.h"
#include "schema/program/alembic_tool.h"
#include "schema/program/python_failure.h"

namespace godwit::schema {

namespace {

class AlembicRunner final : public ProgramRunner {
 public:
  AlembicRunner(const Target& target, const StoreEndpoint& endpoint, const Services& services)
      : target_(target), endpoint_(endpoint), services_(services) {}

  std::string tool() const override { return "alembic"; }
  bool records() const override { return true; }
  Status check() override {
    const auto tool = AlembicTool::open(target_, services_);
    return tool.ok() ? Status() : Status(tool.error());
  }

  Status run(const ProgramOrder& order, ProgramFailure& failure) override {
    ASSIGN_OR_RETURN(const AlembicTool tool, AlembicTool::open(target_, services_));
    const Migration& migration = *order.migration;
    ASSIGN_OR_RETURN(const os::ChildOutcome outcome,
                     tool.run(endpoint_, migration, order.direction, !order.shared_sessions));
    log_program(order.log, migration, order.direction, outcome.output, outcome.errors);
    if (outcome.exit_code == 0) return {};
    const std::string file = target_.directory + "/" + migration.file;
    const PythonFailure said = python_failure(outcome.errors, migration.file);
    const auto source = os::read_file(file);
    const std::string kind = said.message.substr(0, said.message.find_first_of(": "));
    const bool names_only = !said.sqlstate.empty() && !pg::may_quote_values(said.sqlstate);
    failure.message = told_message(said.message, kind, source.ok() ? *source : "", !names_only);
    failure.sqlstate = said.sqlstate;
    failure.where = said.where;
    if (failure.where.file.empty()) failure.where = {file, 0, 0};
    failure.silent = outcome.exit_code > 128;
    // What was committed inside of the body stands.
    failure.transactional = !source.ok() || source->find("autocommit_block") == std::string::npos;
    return make_error(said.sqlstate == "55P03" ? ErrorKind::locked : ErrorKind::failed, failure.message);
  }

 private:
  const Target& target_;
  const StoreEndpoint& endpoint_;
  const Services& services_;
};

}  // namespace

std::unique_ptr<ProgramRunner> make_alembic_runner(const Target& target, const StoreEndpoint& endpoint,
                                                   const Services& services) {
  return std::make_unique<AlembicRunner>(target, endpoint, services);
}

}  // namespace godwit::schema
