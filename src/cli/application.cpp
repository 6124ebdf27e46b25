#include "cli/application.h"

#include "base/text.h"
#include "cli/commands.h"
#include "cli/db/commands.h"
#include "cli/terminal_observer.h"
#include "config/load.h"
#include "net/url.h"
#include "os/files.h"

#include <fmt/format.h>

#include <cstdio>
#include <iostream>

namespace godwit::cli {

namespace {

struct Command {
  std::string_view name;
  Status (*run)(Application&);
};

constexpr Command commands[] = {
    {"run", run_command},         {"verify", verify_command},   {"rollback", rollback_command},
    {"runs", runs_command},       {"status", status_command},   {"report", report_command},
    {"inspect", inspect_command}, {"analyze", analyze_command}, {"init", init_command},
    {"doctor", doctor_command},   {"demo", demo_command},       {"cancel", cancel_command},
    {"mask", mask_command},       {"db", db_command},           {"health", db_command},
};

void write(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

}  // namespace

Application::Application(World world, Arguments arguments)
    : world_(std::move(world)), arguments_(std::move(arguments)) {
  TerminalOptions options;
  options.live = world_.error_is_terminal && !arguments_.quiet && arguments_.log_format == "text";
  options.color = world_.error_is_terminal && !arguments_.no_color && !world_.environment("NO_COLOR");
  options.quiet = arguments_.quiet;
  options.verbose = arguments_.verbose;
  options.json_lines = arguments_.log_format == "json";
  options.columns = world_.terminal_columns;
  observer_ = make_terminal_observer(*world_.clock, options);
}

Application::~Application() = default;

Status Application::run() {
  if (arguments_.command == "help") {
    print(arguments_.help);
    return {};
  }
  for (const Command& command : commands) {
    if (command.name == arguments_.command) return command.run(*this);
  }
  return make_error(ErrorKind::usage, "unknown command " + arguments_.command);
}

void Application::print(std::string_view text) const {
  write(stdout, text);
}

void Application::print_json(std::string_view document) const {
  write(stdout, document);
}

void Application::tell(std::string_view text) const {
  if (!arguments_.quiet) write(stderr, std::string(text) + "\n");
}

std::optional<std::string> Application::ask(std::string_view question) const {
  if (!world_.input_is_terminal) return std::nullopt;
  write(stderr, std::string(question) + " ");
  std::string answer;
  if (!std::getline(std::cin, answer)) return std::nullopt;
  return std::string(trim(answer));
}

Result<const Settings*> Application::settings() {
  if (!settings_) {
    std::string file = arguments_.config;
    if (file.empty()) {
      ASSIGN_OR_RETURN(file, find_settings_file(world_.current_folder));
    }
    ASSIGN_OR_RETURN(settings_, load_settings(file));
    for (const std::string& section : settings_->sections_not_used) {
      tell(fmt::format("note: section {} of {} is understood but not used by this command", section,
                       settings_->file));
    }
  }
  return static_cast<const Settings*>(&*settings_);
}

Result<ledger::Ledger*> Application::open_ledger() {
  if (ledger_ == nullptr) {
    ASSIGN_OR_RETURN(ledger_, another_ledger());
  }
  return ledger_.get();
}

Result<std::unique_ptr<ledger::Ledger>> Application::another_ledger() {
  ASSIGN_OR_RETURN(const Settings* loaded, settings());
  ASSIGN_OR_RETURN(const Secret location, resolve_ledger(*loaded, world_.environment));
  return ledger::open(location, *world_.clock);
}

Result<pipeline::Job> Application::job(const std::string& pipeline, const std::string& scope) {
  ASSIGN_OR_RETURN(const Settings* loaded, settings());
  const auto found = loaded->pipelines.find(pipeline);
  if (found == loaded->pipelines.end()) {
    std::vector<std::string> names;
    for (const auto& [name, unused] : loaded->pipelines)
      names.push_back(name);
    return make_error(ErrorKind::usage, fmt::format("{} has no pipeline {}", loaded->file, pipeline),
                      "there is: " + join(names, ", "));
  }
  overridden_pipeline_ = found->second;
  if (!arguments_.strategy.empty()) overridden_pipeline_->load.strategy = arguments_.strategy;
  pipeline::Job job;
  job.settings = loaded;
  job.pipeline = &*overridden_pipeline_;
  job.scope = scope;
  ASSIGN_OR_RETURN(job.resolved, resolve(*loaded, *job.pipeline, world_.environment));
  return job;
}

Result<pipeline::Job> Application::job_of_run(const std::string& run) {
  if (!is_run_id(run)) {
    return make_error(ErrorKind::usage, fmt::format("'{}' is not a run id", run),
                      "run ids look like mig-20261121-025219-482913; list them with: godwit runs");
  }
  ASSIGN_OR_RETURN(ledger::Ledger * ledger, open_ledger());
  ASSIGN_OR_RETURN(const ledger::RunRecord record, pipeline::migration_record(*ledger, run));
  ASSIGN_OR_RETURN(pipeline::Job found, job(record.pipeline, record.scope));
  overridden_pipeline_->load.strategy = record.strategy;
  return found;
}

Status Application::use_metrics(const pipeline::Job& job) {
  const MetricsSettings& settings = job.pipeline->metrics;
  const bool push_is_argument = net::is_http_url(arguments_.metrics);
  Secret url;
  if (push_is_argument) {
    const auto parsed = net::parse_url(arguments_.metrics);
    if (!parsed.ok()) return wrap(parsed.error(), "--metrics");
    if (parsed->has_user) {
      return make_error(ErrorKind::usage,
                        "--metrics: user and password on a command line are seen by everybody on the machine",
                        "write into the pipeline in godwit.yml: metrics: {push: \"${env:METRICS_URL}\"}");
    }
    url = Secret(arguments_.metrics);
  } else {
    metrics_file_ = arguments_.metrics;
    if (settings.push.written.empty()) return {};
    ASSIGN_OR_RETURN(url, resolve_secret(settings.push, world_.environment));
  }
  report::PushTarget target;
  auto whole = report::push_url(url, job.pipeline->name, job.scope);
  if (!whole.ok()) {
    Error error = whole.error();
    if (push_is_argument) return wrap(error, "--metrics");
    error.kind = ErrorKind::config;
    error.where = settings.push.where;
    return wrap(error, "metrics.push");
  }
  target.url = std::move(whole).value();
  if (!settings.tls_root_certificate.empty()) {
    target.ca_file = settings.tls_root_certificate.starts_with('/')
                         ? settings.tls_root_certificate
                         : job.settings->folder + "/" + settings.tls_root_certificate;
  }
  metrics_push_ = std::move(target);
  return {};
}

Result<std::unique_ptr<pipeline::Engine>> Application::engine() {
  ASSIGN_OR_RETURN(ledger::Ledger * ledger, open_ledger());
  RunObserver* next = observer_.get();
  if (!metrics_file_.empty() || metrics_push_) {
    metrics_ = std::make_unique<report::RunMetrics>(*next, *world_.clock, metrics_file_, metrics_push_);
    next = metrics_.get();
  }
  log_ = std::make_unique<report::RunLog>(*next, *world_.clock, runs_folder());
  pipeline::Services services = world_.services;
  services.observer = log_.get();
  services.open_ledger = [this] { return another_ledger(); };
  return std::make_unique<pipeline::Engine>(std::move(services), *ledger);
}

Status Application::end(const RunReport& report) {
  if (log_ != nullptr) log_->on_end(report);
  return metrics_ == nullptr ? Status() : metrics_->finish(report);
}

std::string Application::metrics_problem() const {
  return metrics_ == nullptr ? "" : metrics_->push_problem();
}

std::string Application::runs_folder() const {
  return (settings_ ? settings_->folder : world_.current_folder) + "/.godwit/runs";
}

void Application::override_environment(const std::string& name, const std::string& value) {
  EnvironmentLookup outer = world_.environment;
  world_.environment = [outer, name, value](const std::string& wanted) {
    return wanted == name ? std::optional<std::string>(value) : outer(wanted);
  };
}

}  // namespace godwit::cli
