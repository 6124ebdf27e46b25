// Another program, started without a shell: arguments and environment as given, pipes to its three streams.
//
// It runs in a process group of its own. The destructor, and a cancelled wait, end the whole group (SIGTERM,
// after 2 s SIGKILL) and reap it. One thread at a time. Errors: ErrorKind::io when it cannot be started or a
// pipe breaks, ErrorKind::interrupted when cancelled; that it ended with a failure is no Error.
#pragma once

#include "base/result.h"

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace godwit::os {

struct ChildOptions {
  // The first one is the program: a path, or a name to be looked for in the PATH of this process.
  std::vector<std::string> arguments;
  // All of it: nothing is inherited. Other users cannot read it (proc(5), environ).
  std::vector<std::pair<std::string, std::string>> environment;
  std::string folder;      // it runs there; empty = where this process runs
  bool has_input = false;  // false: its standard input is empty
  const std::atomic<bool>* cancel = nullptr;
};

class ChildProcess {
 public:
  [[nodiscard]] static Result<ChildProcess> start(const ChildOptions& options);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  // The next piece of its standard output, as soon as there is one; empty at its end. The view lasts until
  // the next call.
  [[nodiscard]] Result<std::string_view> read();
  // All of `bytes` into its standard input; what it writes meanwhile is kept (errors) or dropped (output).
  // ErrorKind::io when it reads no more.
  [[nodiscard]] Status write(std::string_view bytes);
  void close_input();
  // Drops the rest of its output, waits for its end: the exit code, or 128 + the signal that ended it.
  [[nodiscard]] Result<int> wait();
  // What it wrote to standard error so far, the last 16 KiB of it.
  [[nodiscard]] const std::string& errors() const { return errors_; }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  ChildProcess() = default;
  // Waits until a stream can be worked on. `wants_input`: also until bytes can be written.
  [[nodiscard]] Status pump(bool wants_input, bool& can_write);
  void take_errors();
  void end() noexcept;

  pid_t pid_ = -1;
  int input_ = -1, output_ = -1, error_ = -1;
  const std::atomic<bool>* cancel_ = nullptr;
  std::string name_;
  std::string buffer_;  // of output that was read
  size_t buffered_ = 0;
  std::string errors_;
};

// Runs it to its end: exit code, output, errors.
struct ChildOutcome {
  int exit_code = 0;
  std::string output, errors;
};
// `input`: what it is given, where options.has_input.
[[nodiscard]] Result<ChildOutcome> run_child(const ChildOptions& options, std::string_view input = {});

}  // namespace godwit::os
