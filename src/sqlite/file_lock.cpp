#include "sqlite/file_lock.h"

#include "base/text.h"
#include "base/time.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>
#include <vector>

namespace godwit::sqlite {

namespace {

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

int64_t number_of(std::string_view text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

LockHolder read_holder(int descriptor) {
  char buffer[1024];
  const ssize_t size = ::pread(descriptor, buffer, sizeof buffer, 0);
  LockHolder holder;
  if (size <= 0) return holder;
  const std::vector<std::string> lines = split(std::string_view(buffer, static_cast<size_t>(size)), '\n');
  if (lines.size() < 4) return holder;
  holder.pid = number_of(lines[0]);
  holder.host = lines[1];
  holder.application = lines[2];
  holder.since_us = number_of(lines[3]);
  return holder;
}

Error taken(const std::string& path, const LockHolder& holder, int64_t now_us) {
  std::string who = "another process";
  if (holder.pid != 0) {
    who = fmt::format("{} (pid {} on {}, for {})", holder.application, holder.pid, holder.host,
                      human_duration(now_us - holder.since_us));
  }
  return make_error(ErrorKind::locked, fmt::format("{} holds the lock {}", who, path), "wait for it to end");
}

}  // namespace

Result<std::string> file_identity(const std::string& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) {
    return make_error(ErrorKind::unreachable,
                      fmt::format("cannot look at {}: {}", path, std::strerror(errno)));
  }
  return fmt::format("{}:{}", info.st_dev, info.st_ino);
}

FileAccess file_access(const std::string& path) {
  if (::access(path.c_str(), W_OK) != 0) {
    return {false, fmt::format("the file {} is not writable for this user", path)};
  }
  const std::string folder = folder_of(path);
  if (::access(folder.c_str(), W_OK) != 0) {
    return {false, fmt::format("the folder {} is not writable for this user: no journal", folder)};
  }
  return {true, fmt::format("the file {} is writable for this user", path)};
}

Result<FileLock> FileLock::acquire(const std::string& path, const LockHolder& holder, int64_t now_us) {
  for (;;) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
      const ErrorKind kind = errno == EACCES || errno == EROFS ? ErrorKind::gate : ErrorKind::io;
      return make_error(kind, fmt::format("cannot open the lock file {}: {}", path, std::strerror(errno)));
    }
    FileLock lock(descriptor, {});  // no path yet: not ours to remove
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno == EWOULDBLOCK) return taken(path, read_holder(descriptor), now_us);
      return make_error(ErrorKind::io, fmt::format("cannot lock {}: {}", path, std::strerror(errno)));
    }
    // The former holder may have removed the file between our open and our lock.
    struct stat ours = {};
    struct stat current = {};
    if (::fstat(descriptor, &ours) != 0 || ::stat(path.c_str(), &current) != 0 ||
        ours.st_ino != current.st_ino || ours.st_dev != current.st_dev) {
      continue;
    }
    lock.path_ = path;
    const std::string text =
        fmt::format("{}\n{}\n{}\n{}\n", holder.pid, holder.host, holder.application, holder.since_us);
    if (::ftruncate(descriptor, 0) != 0 ||
        ::pwrite(descriptor, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
      return make_error(ErrorKind::io,
                        fmt::format("cannot write the lock file {}: {}", path, std::strerror(errno)));
    }
    return lock;
  }
}

FileLock::FileLock(FileLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

FileLock::~FileLock() {
  if (descriptor_ < 0) return;
  if (!path_.empty()) ::unlink(path_.c_str());  // while the lock is still held: see acquire
  ::close(descriptor_);
}

}  // namespace godwit::sqlite
