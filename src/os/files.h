// Files and folders. Every error names the path and the system's reason (ErrorKind::io).
#pragma once

#include "base/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::os {

[[nodiscard]] Result<std::string> read_file(const std::string& path);
// Not there is not a failure.
[[nodiscard]] Result<std::optional<std::string>> read_file_if_exists(const std::string& path);
// Blocks of the file in order, for digests of files larger than memory; an Error of `visit` ends it.
[[nodiscard]] Status for_each_block(const std::string& path,
                                    const std::function<Status(std::string_view)>& visit);
// Whole or not at all: temporary name beside it, fsync, rename, fsync of the folder. Mode 0600, or 0644 for
// files that other accounts are to read.
enum class FileReaders : uint8_t { owner, everybody };
[[nodiscard]] Status write_file(const std::string& path, std::string_view content,
                                FileReaders readers = FileReaders::owner);
// Makes the folder and its parents, mode 0700 for those it makes.
[[nodiscard]] Status make_folder(const std::string& path);
// A file that another library wrote and nobody synced gets its name: fsync, rename, fsync of the folder.
[[nodiscard]] Status sync_and_rename(const std::string& from, const std::string& to);
// A second name of the file, or a copy where the file system has no such thing. Durable after sync_file(to).
[[nodiscard]] Status link_or_copy(const std::string& from, const std::string& to);
// fsync of a file that another library wrote, then of its folder.
[[nodiscard]] Status sync_file(const std::string& path);
// Removes a file or a whole folder; not there is fine.
[[nodiscard]] Status remove_all(const std::string& path);
[[nodiscard]] bool exists(const std::string& path);
[[nodiscard]] Result<int64_t> file_size(const std::string& path);
// Names inside a folder, sorted; an absent folder is empty.
[[nodiscard]] Result<std::vector<std::string>> list_folder(const std::string& path);
// Regular files at any depth below a folder, relative to it, sorted; what is hidden (a leading dot) is left
// out.
[[nodiscard]] Result<std::vector<std::string>> list_tree(const std::string& path);
[[nodiscard]] std::string absolute_path(const std::string& path);
[[nodiscard]] std::string parent_folder(const std::string& path);
[[nodiscard]] std::string current_folder();

// Appends whole lines; one write(2) per line, so that lines of several threads do not mix.
class LineFile {
 public:
  [[nodiscard]] static Result<LineFile> open(const std::string& path);
  LineFile(LineFile&& other) noexcept;
  LineFile& operator=(LineFile&&) = delete;
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;
  ~LineFile();
  // Best effort: a log that cannot be written never fails a run.
  void append(std::string_view line) noexcept;

 private:
  explicit LineFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace godwit::os
