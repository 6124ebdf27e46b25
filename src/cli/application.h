// What main.cpp gives to the commands: the world, passed in.
#pragma once

#include "base/time.h"
#include "cli/arguments.h"
#include "config/settings.h"
#include "ledger/ledger.h"
#include "model/run_report.h"
#include "pipeline/engine.h"
#include "report/live/run_log.h"
#include "report/live/run_metrics.h"
#include "secrets/resolve.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::cli {

struct World {
  const Clock* clock = nullptr;
  EnvironmentLookup environment;
  std::string current_folder;
  std::string temporary_folder;
  std::string version;
  bool error_is_terminal = false;
  bool input_is_terminal = false;
  int terminal_columns = 80;
  pipeline::Services services;  // without observer
};

// The result of a command goes to standard output, everything else to standard error.
class Application {
 public:
  Application(World world, Arguments arguments);
  ~Application();

  // Runs the command; the Status decides the exit code.
  [[nodiscard]] Status run();

  [[nodiscard]] const World& world() const { return world_; }
  [[nodiscard]] const Arguments& arguments() const { return arguments_; }
  [[nodiscard]] RunObserver& observer() { return *observer_; }

  void print(std::string_view text) const;           // result, to standard output
  void print_json(std::string_view document) const;  // the one document
  void tell(std::string_view text) const;            // to standard error, unless quiet
  // Asks on a terminal; nothing when standard input is none.
  [[nodiscard]] std::optional<std::string> ask(std::string_view question) const;

  // The configuration and what hangs on it; loaded once.
  [[nodiscard]] Result<const Settings*> settings();
  [[nodiscard]] Result<ledger::Ledger*> open_ledger();
  // Of the configuration; a usage error lists the pipelines there are.
  [[nodiscard]] Result<pipeline::Job> job(const std::string& pipeline, const std::string& scope);
  // The job of an earlier migration.
  [[nodiscard]] Result<pipeline::Job> job_of_run(const std::string& run);
  // What `run --metrics` and the pipeline's own settings ask for; the engines made after that keep to it.
  [[nodiscard]] Status use_metrics(const pipeline::Job& job);
  // An engine whose events go to the terminal and into the run's log.
  [[nodiscard]] Result<std::unique_ptr<pipeline::Engine>> engine();
  // After the engine: the last line of the log and the last metrics.
  [[nodiscard]] Status end(const RunReport& report);
  // After end(): why the last metrics did not arrive; empty when they did, or were not to be pushed.
  [[nodiscard]] std::string metrics_problem() const;
  [[nodiscard]] std::string runs_folder() const;
  void use_settings_file(const std::string& file) { arguments_.config = file; }
  // Lets an environment variable of the demo stand in for one of the process.
  void override_environment(const std::string& name, const std::string& value);

 private:
  World world_;
  Arguments arguments_;
  std::unique_ptr<RunObserver> observer_;
  std::string metrics_file_;
  std::optional<report::PushTarget> metrics_push_;
  std::unique_ptr<report::RunMetrics> metrics_;
  std::unique_ptr<report::RunLog> log_;
  [[nodiscard]] Result<std::unique_ptr<ledger::Ledger>> another_ledger();

  std::optional<Settings> settings_;
  std::optional<PipelineSettings> overridden_pipeline_;
  std::unique_ptr<ledger::Ledger> ledger_;
};

}  // namespace godwit::cli
