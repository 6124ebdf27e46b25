#include "os/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

namespace godwit::os {

namespace {

constexpr int look_every_ms = 100;
constexpr size_t errors_kept_bytes = 16 * 1024;
constexpr size_t output_block_bytes = 256 * 1024;
constexpr auto grace = std::chrono::seconds(2);

Error system_error(const std::string& what, int code) {
  return make_error(ErrorKind::io, fmt::format("{}: {}", what, std::strerror(code)));
}

void close_if_open(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

// Both ends close when another program is started.
struct Pipe {
  std::array<int, 2> ends = {-1, -1};
  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_if_open(ends[0]);
    close_if_open(ends[1]);
  }
  Status open() { return ::pipe2(ends.data(), O_CLOEXEC) == 0 ? Status() : system_error("pipe", errno); }
};

struct SpawnPlan {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }

  // Signals as a program expects them, not as this one has set them; a process group of its own.
  void set_up(int input, int output, int error, const std::string& folder) {
    sigset_t every;
    sigset_t none;
    ::sigfillset(&every);
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigdefault(&attributes, &every);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes,
                               POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    if (!folder.empty()) ::posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
    if (input >= 0) {
      ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    } else {
      ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, error, STDERR_FILENO);
  }
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

Status do_not_block(int descriptor) {
  return ::fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 ? Status() : system_error("fcntl", errno);
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const ChildOptions& options) {
  CHECK(!options.arguments.empty());
  Pipe input;
  Pipe output;
  Pipe error;
  if (options.has_input) RETURN_IF_ERROR(input.open());
  RETURN_IF_ERROR(output.open());
  RETURN_IF_ERROR(error.open());
  SpawnPlan plan;
  plan.set_up(input.ends[0], output.ends[1], error.ends[1], options.folder);
  std::vector<std::string> arguments = options.arguments;
  std::vector<std::string> environment;
  for (const auto& [name, value] : options.environment)
    environment.push_back(name + "=" + value);
  ChildProcess child;
  child.name_ = options.arguments[0];
  child.cancel_ = options.cancel;
  const int code = ::posix_spawnp(&child.pid_, options.arguments[0].c_str(), &plan.actions, &plan.attributes,
                                  pointers_to(arguments).data(), pointers_to(environment).data());
  if (code != 0) {
    child.pid_ = -1;
    Error failed = system_error("cannot start " + child.name_, code);
    if (code == ENOENT) failed.hint = "install it, or say in the configuration where it is";
    return failed;
  }
  child.input_ = std::exchange(input.ends[1], -1);
  child.output_ = std::exchange(output.ends[0], -1);
  child.error_ = std::exchange(error.ends[0], -1);
  if (child.input_ >= 0) RETURN_IF_ERROR(do_not_block(child.input_));
  RETURN_IF_ERROR(do_not_block(child.output_));
  RETURN_IF_ERROR(do_not_block(child.error_));
  child.buffer_.resize(output_block_bytes);
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      input_(std::exchange(other.input_, -1)),
      output_(std::exchange(other.output_, -1)),
      error_(std::exchange(other.error_, -1)),
      cancel_(other.cancel_),
      name_(std::move(other.name_)),
      buffer_(std::move(other.buffer_)),
      buffered_(std::exchange(other.buffered_, 0)),
      errors_(std::move(other.errors_)) {}

ChildProcess::~ChildProcess() {
  end();
  close_if_open(input_);
  close_if_open(output_);
  close_if_open(error_);
}

void ChildProcess::end() noexcept {
  if (pid_ < 0) return;
  ::kill(-pid_, SIGTERM);
  const auto deadline = std::chrono::steady_clock::now() + grace;
  while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      ::kill(-pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  pid_ = -1;
}

void ChildProcess::take_errors() {
  std::array<char, 4096> block{};
  const ssize_t got = ::read(error_, block.data(), block.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    close_if_open(error_);
    return;
  }
  errors_.append(block.data(), static_cast<size_t>(got));
  if (errors_.size() > errors_kept_bytes) errors_.erase(0, errors_.size() - errors_kept_bytes);
}

Status ChildProcess::pump(bool wants_input, bool& can_write) {
  can_write = false;
  for (;;) {
    if (cancel_ != nullptr && cancel_->load()) {
      end();
      return make_error(ErrorKind::interrupted, name_ + " was cancelled");
    }
    std::array<pollfd, 3> waiting = {pollfd{output_, POLLIN, 0}, pollfd{error_, POLLIN, 0},
                                     pollfd{wants_input ? input_ : -1, POLLOUT, 0}};
    const int ready = ::poll(waiting.data(), waiting.size(), look_every_ms);
    if (ready < 0 && errno != EINTR) return system_error("poll", errno);
    if (ready <= 0) continue;
    if (waiting[1].revents != 0) take_errors();
    can_write = waiting[2].revents != 0;
    if (waiting[0].revents != 0) {
      const ssize_t got = ::read(output_, buffer_.data(), buffer_.size());
      if (got > 0) buffered_ = static_cast<size_t>(got);
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) close_if_open(output_);
    }
    if (can_write || buffered_ > 0 || output_ < 0) return {};
  }
}

Result<std::string_view> ChildProcess::read() {
  buffered_ = 0;
  bool unused = false;
  while (output_ >= 0 && buffered_ == 0)
    RETURN_IF_ERROR(pump(false, unused));
  return std::string_view(buffer_.data(), buffered_);
}

Status ChildProcess::write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (input_ < 0) return make_error(ErrorKind::io, name_ + " takes no input");
    bool can_write = false;
    buffered_ = 0;
    RETURN_IF_ERROR(pump(true, can_write));
    if (!can_write) {
      if (output_ < 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      continue;
    }
    const ssize_t written = ::write(input_, bytes.data(), bytes.size());
    if (written < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (written < 0) return system_error(name_ + " reads no more", errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

void ChildProcess::close_input() {
  close_if_open(input_);
}

Result<int> ChildProcess::wait() {
  close_input();
  for (;;) {
    ASSIGN_OR_RETURN(const std::string_view piece, read());
    if (piece.empty()) break;
  }
  int status = 0;
  while (::waitpid(pid_, &status, WNOHANG) == 0) {
    if (cancel_ != nullptr && cancel_->load()) {
      end();
      return make_error(ErrorKind::interrupted, name_ + " was cancelled");
    }
    if (error_ >= 0) take_errors();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  // What it said last.
  for (int looks = 0; error_ >= 0 && looks < 16; ++looks)
    take_errors();
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Result<ChildOutcome> run_child(const ChildOptions& options, std::string_view input) {
  ASSIGN_OR_RETURN(ChildProcess child, ChildProcess::start(options));
  if (options.has_input) {
    // One that ends before it has read everything says why at its end.
    const Status written = child.write(input);
    if (!written.ok() && written.error().kind == ErrorKind::interrupted) return written.error();
    child.close_input();
  }
  ChildOutcome outcome;
  for (;;) {
    ASSIGN_OR_RETURN(const std::string_view piece, child.read());
    if (piece.empty()) break;
    outcome.output += piece;
  }
  ASSIGN_OR_RETURN(outcome.exit_code, child.wait());
  outcome.errors = child.errors();
  return outcome;
}

}  // namespace godwit::os
