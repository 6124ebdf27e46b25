#include "sqlite/backup.h"

#include "sqlite/error.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

namespace godwit::sqlite {

namespace {

constexpr int pages_per_step = 512;
constexpr int busy_pause_ms = 20;
constexpr int busy_times_max = 500;

struct Close {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
using Handle = std::unique_ptr<sqlite3, Close>;

Result<Handle> open(const std::string& path, int flags) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Handle handle(raw);
  if (code != SQLITE_OK) return wrap(error_of(raw, code, "open"), "cannot open " + path);
  return handle;
}

// Removes the copy unless it was kept.
struct Unfinished {
  const std::string& path;
  bool keep = false;
  ~Unfinished() {
    if (!keep) ::unlink(path.c_str());
  }
};

Status copy(sqlite3* source, sqlite3* target, const std::atomic<bool>* cancel,
            const std::function<void(int64_t, int64_t)>& progress) {
  sqlite3_backup* backup = sqlite3_backup_init(target, "main", source, "main");
  if (backup == nullptr) return error_of(target, sqlite3_errcode(target), "begin a backup");
  int code = SQLITE_OK;
  for (int busy = 0; busy < busy_times_max;) {
    if (cancel != nullptr && cancel->load()) break;
    code = sqlite3_backup_step(backup, pages_per_step);
    if (code == SQLITE_DONE) break;
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
      ++busy;
      sqlite3_sleep(busy_pause_ms);
      continue;
    }
    if (code != SQLITE_OK) break;
    busy = 0;
    const int all = sqlite3_backup_pagecount(backup);
    if (progress) progress((all - sqlite3_backup_remaining(backup)) * int64_t{4096}, all * int64_t{4096});
  }
  const int ended = sqlite3_backup_finish(backup);
  if (cancel != nullptr && cancel->load() && code != SQLITE_DONE)
    return make_error(ErrorKind::interrupted, "the backup was cancelled");
  if (code != SQLITE_DONE) return error_of(target, ended == SQLITE_OK ? code : ended, "back up");
  return {};
}

}  // namespace

Status back_up(const std::string& from, const std::string& to, const std::atomic<bool>* cancel,
               const std::function<void(int64_t, int64_t)>& progress) {
  struct stat facts {};
  if (::stat(to.c_str(), &facts) == 0) return make_error(ErrorKind::io, to + " is there already");
  ASSIGN_OR_RETURN(const Handle source, open(from, SQLITE_OPEN_READONLY));
  Unfinished unfinished{to};
  ASSIGN_OR_RETURN(const Handle target, open(to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  RETURN_IF_ERROR(copy(source.get(), target.get(), cancel, progress));
  unfinished.keep = true;
  return {};
}

}  // namespace godwit::sqlite
