#include "schema/history/liquibase/formatted_sql.h"

#include "base/text.h"
#include "crypto/md5.h"
#include "schema/history/lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace godwit::schema {

namespace {

// What stands behind "--NAME", trimmed; nothing when the line says something else.
std::optional<std::string_view> directive(std::string_view line, std::string_view name) {
  line = trim(line);
  if (!line.starts_with("--")) return std::nullopt;
  line = trim(line.substr(2));
  if (to_lower_ascii(line.substr(0, name.size())) != to_lower_ascii(name)) return std::nullopt;
  line.remove_prefix(name.size());
  if (!line.empty() && line[0] != ' ' && line[0] != '\t' && line[0] != ':') return std::nullopt;
  return trim(line.starts_with(':') ? line.substr(1) : line);
}

// Takes a word, or a text in quotes, up to one of `ends`.
std::string take(std::string_view& line, std::string_view ends) {
  line = trim(line);
  if (line.starts_with('"')) {
    const size_t close = std::min(line.find('"', 1), line.size());
    std::string quoted(line.substr(1, close - 1));
    line.remove_prefix(std::min(close + 1, line.size()));
    return quoted;
  }
  const size_t end = std::min(line.find_first_of(ends), line.size());
  std::string word(line.substr(0, end));
  line.remove_prefix(end);
  return word;
}

std::map<std::string, std::string> read_attributes(std::string_view line) {
  std::map<std::string, std::string> attributes;
  while (!trim(line).empty()) {
    const std::string key = take(line, ": \t");
    if (!line.starts_with(':')) continue;
    line.remove_prefix(1);
    attributes[key] = take(line, " \t");
  }
  return attributes;
}

std::string expand(std::string_view text, const std::map<std::string, std::string>& properties) {
  std::string out;
  size_t at = 0;
  while (true) {
    const size_t begin = text.find("${", at);
    const size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
    if (end == std::string_view::npos) return out.append(text.substr(at));
    const auto found = properties.find(std::string(text.substr(begin + 2, end - begin - 2)));
    out += text.substr(at, begin - at);
    out += found != properties.end() ? std::string_view(found->second) : text.substr(begin, end + 1 - begin);
    at = end + 1;
  }
}

class Reader {
 public:
  Reader(const MigrationFile& file, std::map<std::string, std::string> properties)
      : file_(file), properties_(std::move(properties)) {}

  Result<FormattedSql> read() {
    for (const std::string_view line : lines_of(file_.text)) {
      ++line_;
      if (line_ == 1) {
        const auto rest = directive(line, "liquibase formatted sql");
        if (!rest) return std::move(found_);
        found_.formatted = true;
        found_.attributes = read_attributes(*rest);
        continue;
      }
      RETURN_IF_ERROR(take_line(line));
    }
    if (in_rollback_) return error_at(file_, rollback_line_, "a rollback comment that does not end");
    for (ChangeSet& changeset : found_.changesets)
      finish(changeset);
    return std::move(found_);
  }

 private:
  Status take_line(std::string_view line) {
    if (ignored_lines_ > 0) {
      --ignored_lines_;
      return {};
    }
    if (ignoring_) {
      if (const auto end = directive(line, "ignoreLines")) ignoring_ = *end != "end";
      return {};
    }
    if (in_rollback_) {
      in_rollback_ = trim(line) != "*/";
      if (in_rollback_) add_down(line);
      return {};
    }
    if (const auto rest = directive(line, "changeset")) return open(*rest);
    if (const auto rest = directive(line, "property")) {
      auto attributes = read_attributes(*rest);
      properties_.emplace(attributes["name"], attributes["value"]);  // the first value holds
      return {};
    }
    if (const auto rest = directive(line, "ignoreLines")) {
      ignoring_ = *rest == "start";
      if (!ignoring_) ignored_lines_ = std::atoi(std::string(*rest).c_str());
      return {};
    }
    if (open_ != nullptr) take_changeset_line(line);
    return {};
  }

  void take_changeset_line(std::string_view line) {
    if (const auto rest = directive(line, "rollback")) {
      add_down(std::string(*rest) + "\n");
    } else if (to_lower_ascii(trim(line)).starts_with("/* liquibase rollback")) {
      in_rollback_ = true;
      rollback_line_ = line_;
    } else if (const auto comment = directive(line, "comment")) {
      open_->comment = *comment;
    } else if (const auto checksum = directive(line, "validCheckSum")) {
      open_->valid_checksums.emplace_back(*checksum);
    } else if (directive(line, "preconditions") || directive(line, "precondition-sql-check")) {
      open_->preconditions = true;
    } else {
      open_->up.sql += line;
    }
  }

  Status open(std::string_view rest) {
    ChangeSet changeset;
    changeset.author = take(rest, ":");
    if (!rest.starts_with(':')) {
      return error_at(file_, line_, "a changeset without author and id",
                      "write --changeset author:id, in quotes where they have blanks");
    }
    rest.remove_prefix(1);
    changeset.id = take(rest, " \t");
    changeset.attributes = read_attributes(rest);
    changeset.up.kind = Script::Kind::sql;
    changeset.up.file = file_.path;
    changeset.up.first_line = line_ + 1;
    found_.changesets.push_back(std::move(changeset));
    open_ = &found_.changesets.back();
    return {};
  }

  void add_down(std::string_view line) {
    if (open_->down.kind == Script::Kind::none) {
      open_->down.kind = Script::Kind::sql;
      open_->down.file = file_.path;
      open_->down.first_line = line_;
    }
    open_->down.sql += line;
  }

  void finish(ChangeSet& changeset) const {
    changeset.up.sql = expand(changeset.up.sql, properties_);
    changeset.down.sql = expand(changeset.down.sql, properties_);
    // "Nothing has to be done": a way down of no statements.
    const std::string down = to_lower_ascii(trim(changeset.down.sql));
    if (down == "empty" || down == "not required") changeset.down.sql.clear();
    if (changeset.attributes["runInTransaction"] == "false")
      changeset.up.transaction = changeset.down.transaction = TransactionMode::never;
  }

  const MigrationFile& file_;
  std::map<std::string, std::string> properties_;
  FormattedSql found_;
  ChangeSet* open_ = nullptr;
  int line_ = 0;
  int rollback_line_ = 0;
  int ignored_lines_ = 0;
  bool ignoring_ = false;
  bool in_rollback_ = false;
};

}  // namespace

Result<FormattedSql> read_formatted_sql(const MigrationFile& file,
                                        std::map<std::string, std::string> properties) {
  ASSIGN_OR_RETURN(FormattedSql found, Reader(file, std::move(properties)).read());
  return found;
}

std::string liquibase_checksum(std::string_view sql) {
  std::string dense(sql);
  std::erase_if(dense, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
  if (dense.empty()) return "9:" + crypto::md5_hex("");
  return "9:" + crypto::md5_hex("9:" + crypto::md5_hex(dense) + ":");
}

}  // namespace godwit::schema
