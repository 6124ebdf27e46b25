#include "schema/history/sections.h"

#include "base/text.h"
#include "schema/history/lines.h"

#include <fmt/format.h>

namespace godwit::schema {

namespace {

// "-- godwit:up transaction:false" -> "up transaction:false"; empty for any other line.
std::string_view directive_of(std::string_view line, std::string_view tool) {
  line = trim(line);
  if (!line.starts_with("--")) return {};
  line = trim(line.substr(2));
  if (!line.starts_with(tool) || line.size() <= tool.size() || line[tool.size()] != ':') return {};
  return trim(line.substr(tool.size() + 1));
}

// Reads a file line by line into the script that is open.
class Reader {
 public:
  Reader(const MigrationFile& file, std::string_view tool) : file_(file), tool_(tool) {}

  Result<Sections> read() {
    for (const std::string_view line : lines_of(file_.text)) {
      ++line_;
      RETURN_IF_ERROR(take(line));
    }
    if (open_ == nullptr) {
      sections_.up.sql = file_.text;
      sections_.up.first_line = 1;
      start(sections_.up);
    }
    return std::move(sections_);
  }

 private:
  void start(Script& script) {
    script.kind = Script::Kind::sql;
    script.file = file_.path;
    script.transaction = transaction_;
  }

  Status take(std::string_view line) {
    const std::string_view directive = directive_of(line, tool_);
    if (directive.empty()) {
      if (open_ != nullptr) {
        open_->sql += line;
      } else if (first_code_line_ == 0 && !is_blank_or_comment(line)) {
        first_code_line_ = line_;
      }
      return {};
    }
    const std::vector<std::string> words = split(directive, ' ');
    if (words[0] == "no-transaction") {
      if (open_ != nullptr) {
        open_->transaction = TransactionMode::never;
      } else {
        transaction_ = TransactionMode::never;
      }
      return {};
    }
    return open_section(words);
  }

  Status open_section(const std::vector<std::string>& words) {
    if (words[0] != "up" && words[0] != "down") {
      return error_at(file_, line_, fmt::format("'{}:{}' is not known", tool_, words[0]),
                      fmt::format("known are: {0}:up, {0}:down, {0}:no-transaction", tool_));
    }
    if (first_code_line_ != 0) {
      return error_at(file_, first_code_line_, fmt::format("SQL before the first section {}:up", tool_),
                      fmt::format("put the line -- {}:up above it", tool_));
    }
    Script& script = words[0] == "up" ? sections_.up : sections_.down;
    if (script.kind != Script::Kind::none)
      return error_at(file_, line_, fmt::format("a second section {}:{}", tool_, words[0]), "join the two");
    start(script);
    script.first_line = line_ + 1;
    for (size_t i = 1; i < words.size(); ++i) {
      if (words[i].empty()) continue;
      if (words[i] != "transaction:false")
        return error_at(file_, line_, fmt::format("'{}' is not known", words[i]),
                        "known is: transaction:false");
      script.transaction = TransactionMode::never;
    }
    open_ = &script;
    return {};
  }

  const MigrationFile& file_;
  std::string_view tool_;
  Sections sections_;
  Script* open_ = nullptr;
  TransactionMode transaction_ = TransactionMode::automatic;
  int line_ = 0;
  int first_code_line_ = 0;
};

}  // namespace

Result<Sections> read_sections(const MigrationFile& file, std::string_view tool) {
  return Reader(file, tool).read();
}

std::string slug(std::string_view title) {
  std::string out;
  for (const char c : to_lower_ascii(trim(title))) {
    const bool kept =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (static_cast<unsigned char>(c) >= 0x80);
    if (kept) {
      out += c;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  while (!out.empty() && out.back() == '_')
    out.pop_back();
  return out.empty() ? "migration" : out;
}

}  // namespace godwit::schema
