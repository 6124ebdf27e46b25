// Composition root: builds the real adapters, dispatches, maps Error to exit code.
#include "cli/application.h"
#include "connect/open.h"
#include "os/files.h"
#include "os/process.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace {

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): read before threads write
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

int report_error(const godwit::Error& error) {
  std::fprintf(stderr, "godwit: %s\n", error.text().c_str());
  if (!error.hint.empty()) std::fprintf(stderr, "  hint: %s\n", error.hint.c_str());
  return error.exit_code();
}

// Named points of the commit protocol, for crash tests: the process kills itself there, stops until it is
// asked to stop for good, or is suspended until SIGCONT.
std::function<void(const std::string&)> test_checkpoint(const std::atomic<bool>& cancel) {
  const auto kill_at = environment("GODWIT_TEST_KILL_AT");
  const auto stop_at = environment("GODWIT_TEST_STOP_AT");
  const auto suspend_at = environment("GODWIT_TEST_SUSPEND_AT");
  if (!kill_at && !stop_at && !suspend_at) return nullptr;
  return [kill_at, stop_at, suspend_at, &cancel](const std::string& reached) {
    if (kill_at && *kill_at == reached) ::kill(::getpid(), SIGKILL);
    if (suspend_at && *suspend_at == reached) ::kill(::getpid(), SIGSTOP);
    if (!stop_at || *stop_at != reached) return;
    std::fprintf(stderr, "stopped at %s\n", reached.c_str());
    while (!cancel)
      ::usleep(1000);
  };
}

godwit::cli::World real_world(const godwit::os::SystemClock& clock) {
  godwit::cli::World world;
  world.clock = &clock;
  world.environment = environment;
  world.current_folder = godwit::os::current_folder();
  world.temporary_folder = environment("TMPDIR").value_or("/tmp");
  world.version = GODWIT_VERSION;
  world.error_is_terminal = godwit::os::is_terminal(STDERR_FILENO);
  world.input_is_terminal = godwit::os::is_terminal(STDIN_FILENO);
  world.terminal_columns = godwit::os::terminal_columns(STDERR_FILENO);
  static godwit::StreamTimes streams;
  godwit::pipeline::Services& services = world.services;
  services.streams = &streams;
  services.clock = &clock;
  std::atomic<bool>& cancel = godwit::os::install_cancel_flag();
  services.cancel = &cancel;
  services.random_number = godwit::os::random_number;
  services.peak_memory_bytes = godwit::os::peak_memory_bytes;
  services.open_source = [&clock, &cancel](const godwit::StoreEndpoint& endpoint) {
    return godwit::connect::open_source(endpoint, clock, &cancel, &streams);
  };
  services.open_sink = [&clock, &cancel](const godwit::StoreEndpoint& endpoint) {
    return godwit::connect::open_sink(endpoint, clock, &cancel, &streams);
  };
  services.actor = environment("GITHUB_ACTOR").value_or(godwit::os::user_name());
  services.host = godwit::os::host_name();
  services.pid = godwit::os::process_id();
  services.version = GODWIT_VERSION;
  services.test_checkpoint = test_checkpoint(cancel);
  return world;
}

}  // namespace

int main(int argc, char** argv) {
  godwit::os::harden_process();
  const godwit::os::SystemClock clock;
  auto arguments = godwit::cli::parse(argc, argv, GODWIT_VERSION);
  if (!arguments.ok()) return report_error(arguments.error());
  godwit::cli::Application app(real_world(clock), std::move(arguments).value());
  const godwit::Status status = app.run();
  return status.ok() ? 0 : report_error(status.error());
}
