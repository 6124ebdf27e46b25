#include "os/supervised.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <utility>

namespace godwit::os {

namespace {

constexpr int patience_ms = 10'000;

const passwd* unprivileged_account() {
  if (::geteuid() != 0) return nullptr;
  const passwd* entry = ::getpwnam("postgres");
  return entry != nullptr ? entry : ::getpwnam("nobody");
}

// In the new process: gives up what root may do, and becomes the program.
[[noreturn]] void become(const std::vector<std::string>& arguments, const std::string& folder) {
  const passwd* account = unprivileged_account();
  if (account != nullptr &&
      (::setgroups(0, nullptr) != 0 || ::setgid(account->pw_gid) != 0 || ::setuid(account->pw_uid) != 0)) {
    ::_exit(126);
  }
  ::setsid();
  const int empty = ::open("/dev/null", O_RDONLY);
  const int log = ::open((folder + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (::chdir(folder.c_str()) != 0 || empty < 0 || log < 0) ::_exit(126);
  ::dup2(empty, STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ})
    std::signal(number, SIG_DFL);
  std::vector<char*> words;
  for (const std::string& word : arguments)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  char locale[] = "LC_ALL=C";
  char path[] = "PATH=/usr/bin:/bin";
  char* environment[] = {locale, path, nullptr};
  ::execve(words[0], words.data(), environment);
  ::_exit(127);
}

bool parent_is_gone(int life, int wait_ms) {
  pollfd descriptor{life, POLLIN, 0};
  return ::poll(&descriptor, 1, wait_ms) > 0;
}

bool has_ended(pid_t child, int& status) {
  return ::waitpid(child, &status, WNOHANG) != 0;
}

void end_program(pid_t child) {
  int status = 0;
  ::kill(child, SIGQUIT);
  for (int waited_ms = 0; waited_ms < patience_ms; waited_ms += 20) {
    if (has_ended(child, status)) return;
    ::poll(nullptr, 0, 20);
  }
  ::kill(-child, SIGKILL);
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
}

// True when it ended by itself and well.
bool run_until_end(const std::vector<std::string>& arguments, const std::string& folder, int life) {
  const pid_t child = ::fork();
  if (child == 0) become(arguments, folder);
  if (child < 0) return false;
  int status = 0;
  while (!has_ended(child, status)) {
    if (parent_is_gone(life, 20)) {
      end_program(child);
      return false;
    }
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

[[noreturn]] void watch(const SupervisedOptions& options, int life) {
  ::setsid();
  for (const int number : {SIGINT, SIGTERM, SIGHUP})
    std::signal(number, SIG_IGN);
  const int nothing = ::open("/dev/null", O_RDWR);
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    ::dup2(nothing, descriptor);
  bool ready = true;
  for (const auto& arguments : options.first)
    ready = ready && run_until_end(arguments, options.folder, life);
  if (ready) static_cast<void>(run_until_end(options.program, options.folder, life));
  std::error_code ignored;
  std::filesystem::remove_all(options.folder, ignored);
  ::_exit(0);
}

}  // namespace

Result<std::string> make_scratch_folder(const std::string& base, const std::string& name) {
  std::string folder = fmt::format("{}/{}.XXXXXX", base, name);
  if (::mkdtemp(folder.data()) == nullptr)
    return make_error(ErrorKind::io,
                      fmt::format("cannot make a folder in {}: {}", base, std::strerror(errno)));
  const passwd* account = unprivileged_account();
  if (account != nullptr && ::chown(folder.c_str(), account->pw_uid, account->pw_gid) != 0) {
    const Error error =
        make_error(ErrorKind::io, fmt::format("cannot give {} away: {}", folder, std::strerror(errno)));
    ::rmdir(folder.c_str());
    return error;
  }
  return folder;
}

Result<Supervised> Supervised::start(const SupervisedOptions& options) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return make_error(ErrorKind::io, fmt::format("no pipe: {}", std::strerror(errno)));
  Supervised supervised;
  supervised.life_ = ends[1];
  supervised.watcher_ = ::fork();
  if (supervised.watcher_ == 0) {
    ::close(ends[1]);
    watch(options, ends[0]);
  }
  ::close(ends[0]);
  if (supervised.watcher_ > 0) return supervised;
  std::error_code ignored;
  std::filesystem::remove_all(options.folder, ignored);
  return make_error(ErrorKind::io, fmt::format("no new process: {}", std::strerror(errno)));
}

Supervised::Supervised(Supervised&& other) noexcept
    : watcher_(std::exchange(other.watcher_, -1)), life_(std::exchange(other.life_, -1)) {}

Supervised::~Supervised() {
  if (life_ >= 0) ::close(life_);
  if (watcher_ > 0) ::waitpid(watcher_, nullptr, 0);
}

bool Supervised::running() {
  if (watcher_ <= 0) return false;
  if (::waitpid(watcher_, nullptr, WNOHANG) == 0) return true;
  watcher_ = -1;
  return false;
}

Result<int> in_forked_process(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child < 0) return make_error(ErrorKind::io, fmt::format("no new process: {}", std::strerror(errno)));
  if (child == 0) ::_exit(work());
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void kill_this_process() {
  ::kill(::getpid(), SIGKILL);
  ::_exit(137);
}

}  // namespace godwit::os
