// The file behind a database: its identity, and a lock beside it that dies with its process.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>

namespace godwit::sqlite {

// "device:inode": the same for every path that leads to the file.
[[nodiscard]] Result<std::string> file_identity(const std::string& path);
// Whether this user may write the file itself and, for the journal, its folder; `evidence` says which is not.
struct FileAccess {
  bool can_write = false;
  std::string evidence;
};
[[nodiscard]] FileAccess file_access(const std::string& path);

// Who holds a lock; written into the lock file for others to read.
struct LockHolder {
  int64_t pid = 0;
  std::string host;
  std::string application;
  int64_t since_us = 0;
};

// An advisory lock (flock(2)) on a file of its own. The kernel drops it when the process ends, however it
// ends. The destructor releases it and removes the file.
class FileLock {
 public:
  // ErrorKind::locked when it is taken; the message names pid, host, application and age by `now_us`.
  [[nodiscard]] static Result<FileLock> acquire(const std::string& path, const LockHolder& holder,
                                                int64_t now_us);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) = delete;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  FileLock(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_ = -1;
  std::string path_;
};

}  // namespace godwit::sqlite
