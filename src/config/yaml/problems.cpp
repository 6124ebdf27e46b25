#include "config/yaml/problems.h"

#include "base/check.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::config {

void Problems::add(const SourceLocation& where, std::string message) {
  // The same node can be read twice through an anchor; one report is enough.
  for (const auto& line : lines_) {
    if (line.message == message && line.where.text() == where.text()) return;
  }
  if (lines_.size() == lines_max) {
    ++left_off_;
    return;
  }
  lines_.push_back({where, std::move(message)});
}

void Problems::add_unknown(const SourceLocation& where, const std::string& message, std::string_view word,
                           const std::vector<std::string>& candidates) {
  constexpr size_t listed_max = 24;
  const auto near = nearest(word, candidates);
  if (!near.empty()) {
    add(where, fmt::format("{}: did you mean '{}'?", message, near.front()));
  } else if (!candidates.empty() && candidates.size() <= listed_max) {
    add(where, fmt::format("{}; known: {}", message, join(candidates, ", ")));
  } else {
    add(where, message);
  }
}

Error Problems::error() const {
  CHECK(!lines_.empty());
  std::vector<std::string> files;
  for (const auto& line : lines_) {
    if (std::find(files.begin(), files.end(), line.where.file) == files.end()) {
      files.push_back(line.where.file);
    }
  }
  std::vector<const Line*> sorted;
  for (const auto& line : lines_)
    sorted.push_back(&line);
  const auto rank = [&](const Line* line) {
    return std::find(files.begin(), files.end(), line->where.file) - files.begin();
  };
  std::stable_sort(sorted.begin(), sorted.end(), [&](const Line* a, const Line* b) {
    return std::tuple(rank(a), a->where.line, a->where.column) <
           std::tuple(rank(b), b->where.line, b->where.column);
  });
  std::vector<std::string> text;
  for (const Line* line : sorted)
    text.push_back(line->where.text() + ": " + line->message);
  if (left_off_ > 0) text.push_back(fmt::format("and {} more", left_off_));
  Error error =
      make_error(ErrorKind::config, join(text, "\n"), "every key is described in docs/CONFIGURATION.md");
  error.where = sorted.front()->where;
  return error;
}

}  // namespace godwit::config
