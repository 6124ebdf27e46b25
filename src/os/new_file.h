// A file that is written piece by piece and has its name only when it is whole.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::os {

// The destructor removes what has not been given its name. Mode 0600. Errors: ErrorKind::io.
class NewFile {
 public:
  // Written as `path`.partial beside it. A file of that final name is never replaced.
  [[nodiscard]] static Result<NewFile> create(const std::string& path);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile();

  [[nodiscard]] Status write(std::string_view bytes);
  // fsync, rename, fsync of the folder.
  [[nodiscard]] Status finish();
  [[nodiscard]] int64_t bytes() const { return bytes_; }

 private:
  NewFile() = default;
  int descriptor_ = -1;
  std::string path_, temporary_;
  int64_t bytes_ = 0;
};

}  // namespace godwit::os
