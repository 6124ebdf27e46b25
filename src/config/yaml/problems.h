// The problems of one or more configuration files, gathered so that all are reported at once.
#pragma once

#include "base/error.h"

#include <string>
#include <string_view>
#include <vector>

namespace godwit::config {

// Value type, single thread.
class Problems {
 public:
  void add(const SourceLocation& where, std::string message);
  // "… : did you mean 'x'?" when a candidate is near, else "…; known: a, b, c" (for short lists).
  void add_unknown(const SourceLocation& where, const std::string& message, std::string_view word,
                   const std::vector<std::string>& candidates);
  [[nodiscard]] bool empty() const { return lines_.empty(); }
  [[nodiscard]] size_t size() const { return lines_.size(); }
  // ErrorKind::config; the message has one "file:line:column: message" per line, files in the order in which
  // their first problem was found, lines ascending; after 200 a last line counts the rest. `where` is the
  // first. CHECKs !empty().
  [[nodiscard]] Error error() const;

 private:
  struct Line {
    SourceLocation where;
    std::string message;
  };
  static constexpr size_t lines_max = 200;  // a file of another kind would have thousands
  std::vector<Line> lines_;
  size_t left_off_ = 0;
};

}  // namespace godwit::config
