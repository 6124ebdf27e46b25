#include "os/new_file.h"

#include "os/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace godwit::os {

namespace {

Error failed_to(std::string_view action, const std::string& path, int code) {
  return make_error(ErrorKind::io, fmt::format("cannot {} {}: {}", action, path, std::strerror(code)),
                    code == ENOSPC ? "free disk space, or write to a larger disk" : "");
}

}  // namespace

Result<NewFile> NewFile::create(const std::string& path) {
  if (exists(path)) return make_error(ErrorKind::io, path + " is there already");
  NewFile file;
  file.path_ = path;
  file.temporary_ = path + ".partial";
  file.descriptor_ = ::open(file.temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file.descriptor_ < 0) {
    const Error error = failed_to("create", file.temporary_, errno);
    file.temporary_.clear();  // somebody else's
    return error;
  }
  return file;
}

NewFile::NewFile(NewFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      bytes_(other.bytes_) {}

NewFile::~NewFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Status NewFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed_to("write", temporary_, errno);
    bytes_ += written;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Status NewFile::finish() {
  RETURN_IF_ERROR(sync_and_rename(temporary_, path_));
  temporary_.clear();
  return {};
}

}  // namespace godwit::os
