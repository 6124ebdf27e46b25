#include "os/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace godwit::os {

namespace fs = std::filesystem;

namespace {

Error io_error(std::string_view action, const std::string& path, int code) {
  Error error = make_error(ErrorKind::io, fmt::format("cannot {} {}: {}", action, path, std::strerror(code)));
  if (code == ENOSPC || code == EDQUOT)
    error.hint = "free disk space, or point the run folder at a larger disk";
  if (code == EFBIG)
    error.hint = "raise the limit on file sizes (ulimit -f); free disk space is not what lacks";
  if (code == EACCES || code == EPERM) error.hint = "check the owner and mode of the path";
  return error;
}

// Owns a descriptor for the length of one operation.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] int get() const { return value_; }
  [[nodiscard]] int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

Status sync_folder(const std::string& path) {
  const Descriptor folder(::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) return io_error("open folder", path, errno);
  if (::fsync(folder.get()) != 0) return io_error("sync folder", path, errno);
  return {};
}

Status sync_content(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return io_error("open", path, errno);
  if (::fsync(file.get()) != 0) return io_error("sync", path, errno);
  return {};
}

Status rename_durably(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return io_error("rename to", to, errno);
  return sync_folder(parent_folder(to));
}

Status write_all(int descriptor, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return io_error("write", path, errno);
    }
    content.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

}  // namespace

namespace {
Status read_blocks(int descriptor, const std::string& path,
                   const std::function<Status(std::string_view)>& visit) {
  std::vector<char> buffer(size_t{1} << 18);
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0) {
      if (errno == EINTR) continue;
      return io_error("read", path, errno);
    }
    if (got == 0) return {};
    RETURN_IF_ERROR(visit({buffer.data(), static_cast<size_t>(got)}));
  }
}
}  // namespace

Result<std::optional<std::string>> read_file_if_exists(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<std::string>();
    return io_error("open", path, errno);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return io_error("look at", path, errno);
  // One byte more than there should be: a read that leaves just that one free has met the end. What has no
  // size of its own (a pipe, a file of /proc) is read until nothing comes.
  const auto expected = static_cast<size_t>(status.st_size);
  std::string content(expected + 1, '\0');
  size_t filled = 0;
  for (;;) {
    const ssize_t got = ::read(file.get(), content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_error("read", path, errno);
    filled += static_cast<size_t>(got);
    if (got == 0 || (expected > 0 && filled == expected)) break;
    if (filled == content.size()) content.resize(content.size() * 2 + 4096);
  }
  content.resize(filled);
  return std::optional<std::string>(std::move(content));
}

Status for_each_block(const std::string& path, const std::function<Status(std::string_view)>& visit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return io_error("open", path, errno);
  return read_blocks(file.get(), path, visit);
}

Result<std::string> read_file(const std::string& path) {
  ASSIGN_OR_RETURN(auto content, read_file_if_exists(path));
  if (!content) return io_error("open", path, ENOENT);
  return std::move(*content);
}

Status write_file(const std::string& path, std::string_view content, FileReaders readers) {
  const std::string temporary = path + ".tmp";
  {
    const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (file.get() < 0) return io_error("create", temporary, errno);
    RETURN_IF_ERROR(write_all(file.get(), content, temporary));
    if (readers == FileReaders::everybody && ::fchmod(file.get(), 0644) != 0)
      return io_error("open to readers", temporary, errno);
    if (::fsync(file.get()) != 0) return io_error("sync", temporary, errno);
  }
  return rename_durably(temporary, path);
}

Status make_folder(const std::string& path) {
  if (path.empty() || fs::is_directory(path)) return {};
  RETURN_IF_ERROR(make_folder(parent_folder(path)));
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return io_error("make folder", path, errno);
  return {};
}

Status link_or_copy(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) == 0) return {};
  std::error_code failed;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, failed);
  if (failed) return io_error("copy to", to, failed.value());
  return {};
}

Status sync_and_rename(const std::string& from, const std::string& to) {
  RETURN_IF_ERROR(sync_content(from));
  return rename_durably(from, to);
}

Status sync_file(const std::string& path) {
  RETURN_IF_ERROR(sync_content(path));
  return sync_folder(parent_folder(path));
}

Status remove_all(const std::string& path) {
  std::error_code code;
  fs::remove_all(path, code);
  if (code) return io_error("remove", path, code.value());
  return {};
}

bool exists(const std::string& path) {
  std::error_code code;
  return fs::exists(path, code);
}

Result<int64_t> file_size(const std::string& path) {
  std::error_code code;
  const auto size = fs::file_size(path, code);
  if (code) return io_error("read the size of", path, code.value());
  return static_cast<int64_t>(size);
}

Result<std::vector<std::string>> list_folder(const std::string& path) {
  std::vector<std::string> names;
  std::error_code code;
  for (fs::directory_iterator it(path, code), end; !code && it != end; it.increment(code)) {
    names.push_back(it->path().filename().string());
  }
  if (code && code.value() != ENOENT) return io_error("list", path, code.value());
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::vector<std::string>> list_tree(const std::string& path) {
  std::vector<std::string> files;
  std::error_code code;
  const size_t prefix = path.size() + (path.ends_with('/') ? 0 : 1);
  for (fs::recursive_directory_iterator it(path, code), end; !code && it != end; it.increment(code)) {
    std::error_code of_entry;
    if (it->path().filename().native().starts_with('.')) {
      if (it->is_directory(of_entry)) it.disable_recursion_pending();
      continue;
    }
    if (it->is_regular_file(of_entry)) files.push_back(it->path().string().substr(prefix));
  }
  if (code && code.value() != ENOENT) return io_error("list", path, code.value());
  std::sort(files.begin(), files.end());
  return files;
}

std::string absolute_path(const std::string& path) {
  std::error_code code;
  const auto absolute = fs::weakly_canonical(fs::absolute(path, code), code);
  return code ? path : absolute.string();
}

std::string parent_folder(const std::string& path) {
  return fs::path(path).parent_path().string();
}

std::string current_folder() {
  std::error_code code;
  return fs::current_path(code).string();
}

Result<LineFile> LineFile::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0) return io_error("open", path, errno);
  return LineFile(descriptor);
}

LineFile::LineFile(LineFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

LineFile::~LineFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void LineFile::append(std::string_view line) noexcept {
  std::string whole(line);
  whole += '\n';
  [[maybe_unused]] const ssize_t written = ::write(descriptor_, whole.data(), whole.size());
}

}  // namespace godwit::os
