// One run that brings a database to a target: plan, confirm, lock, plan again, apply, validate, record.
// Internal to src/schema.
#pragma once

#include "schema/apply/applier.h"
#include "schema/apply/lock.h"
#include "schema/engine.h"
#include "schema/rehearse/receipt.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace godwit::schema {

[[nodiscard]] MarksSql marks_of(const Database& database, const History& history);

// Both outlive the result.
[[nodiscard]] LockOptions lock_options(const Target& target, const Services& services);

// Single use.
class MigrationRun {
 public:
  // All of them outlive the run.
  MigrationRun(const Target& target, const Services& services, const History& history,
               const MigrateOptions& options, SchemaRunReport& report);
  [[nodiscard]] Status execute();

 private:
  [[nodiscard]] Status open();
  [[nodiscard]] Result<Plan> plan();
  [[nodiscard]] Result<Plan> first_plan();
  [[nodiscard]] Status check_plan(const Plan& plan);
  [[nodiscard]] Status pass_gates(const Plan& plan);
  [[nodiscard]] Result<std::pair<std::string, std::string>> find_receipt(const Plan& plan);
  [[nodiscard]] Status check_rehearsed(const Plan& plan);
  [[nodiscard]] Result<std::vector<Receipt>> receipts_of(const Migration& migration);
  [[nodiscard]] Status check_way_back_rehearsed(const Plan& plan);
  [[nodiscard]] Status compare_with_receipt();
  [[nodiscard]] Status preview();
  [[nodiscard]] Status look_at_health();
  [[nodiscard]] Status back_up();
  [[nodiscard]] Status check_program(const Migration& migration, const Script& script, SchemaStep& told);
  [[nodiscard]] Status check_contents(const Plan& plan, const std::vector<std::string>& destructive);
  [[nodiscard]] Status begin_in_ledger();
  [[nodiscard]] Status under_lock();
  [[nodiscard]] Status apply(const Plan& plan);
  [[nodiscard]] Status one_step(Applier& applier, const Plan& plan, size_t number);
  [[nodiscard]] Status settle_doubt(const Migration& migration, Direction direction);
  [[nodiscard]] Status validate(const Plan& plan);
  void note_catalog();
  void start_watch(const Plan& plan);
  void note_plan(const Plan& plan);
  void note_failure(const Autopsy& autopsy, const Plan& plan, size_t number);
  // The exit of the run, into the report and the ledger.
  [[nodiscard]] Status end(Status status);
  [[nodiscard]] ApplyOptions apply_options() const;
  [[nodiscard]] std::string command(std::string_view what) const;

  const Target& target_;
  const Services& services_;
  const History& history_;
  const MigrateOptions& options_;
  SchemaRunReport& report_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<ProgramRunner> programs_;  // nullptr: nothing but SQL is run
  std::unique_ptr<Watch> watch_;
  const HistoryLock* lock_ = nullptr;  // while it is held
  std::optional<MarksSql> marks_;
  State state_{MigrationFolder{}};
  bool marks_are_read_ = false;
  std::map<const Script*, PreparedScript> prepared_;  // of the plan that was checked last; views into state_
  std::string linted_plan_;                           // its hash
  std::vector<SchemaFinding> lint_findings_;
  size_t steps_done_ = 0;
};

}  // namespace godwit::schema
