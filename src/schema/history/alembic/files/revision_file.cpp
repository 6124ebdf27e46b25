#include "schema/history/alembic/files/revision_file.h"

#include "base/text.h"
#include "schema/history/alembic/files/python_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema::alembic {

namespace {

constexpr std::string_view only_constants =
    "it is read without running Python: write None, a string, or a tuple or list of strings";

std::string_view file_name_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// The value of one variable, from the tokens behind its '='.
class Value {
 public:
  Value(const MigrationFile& file, const Line& line, size_t begin)
      : file_(file), line_(line), position_(begin) {}

  // None is no text at all; `single`: a string, and nothing else.
  Result<std::vector<std::string>> read(std::string_view variable, bool single) {
    variable_ = variable;
    single_ = single;
    const size_t first = position_;
    std::vector<std::string> texts;
    bool is_sequence = false;
    RETURN_IF_ERROR(items(texts, is_sequence, '\0'));
    if (single && (is_sequence || texts.size() != 1))
      return wrong(first, fmt::format("{} is not one string", variable_));
    return texts;
  }

 private:
  // Items up to `end`, or to the end of the line.
  Status items(std::vector<std::string>& texts, bool& is_sequence, char end) {
    bool wants_item = true;
    while (position_ < line_.size() && !(end != '\0' && line_[position_].is(end))) {
      const Token& token = line_[position_];
      if (token.is(',')) {
        if (wants_item) return wrong(position_, fmt::format("the value of {} is not constant", variable_));
        is_sequence = wants_item = true;
        ++position_;
        continue;
      }
      if (!wants_item) return wrong(position_, fmt::format("the value of {} is not constant", variable_));
      wants_item = false;
      RETURN_IF_ERROR(item(texts, is_sequence));
    }
    return {};
  }

  Status item(std::vector<std::string>& texts, bool& is_sequence) {
    const Token& token = line_[position_];
    if (token.is('(') || token.is('[') || token.is('{')) return bracket(texts, is_sequence);
    if (token.is_name("None")) {
      ++position_;
      return {};
    }
    if (token.kind == Token::Kind::broken)
      return wrong(position_, fmt::format("the string of {} does not end", variable_));
    if (token.kind != Token::Kind::string)
      return wrong(position_, fmt::format("the value of {} is not constant", variable_));
    std::string text;
    while (position_ < line_.size() && line_[position_].kind == Token::Kind::string)
      text += line_[position_++].text;
    texts.push_back(std::move(text));
    return {};
  }

  Status bracket(std::vector<std::string>& texts, bool& is_sequence) {
    const size_t open = position_;
    const char close = line_[open].is('(') ? ')' : (line_[open].is('[') ? ']' : '}');
    if (close != ')') is_sequence = true;
    ++position_;
    const size_t before = texts.size();
    bool inner_sequence = false;
    RETURN_IF_ERROR(items(texts, inner_sequence, close));
    if (position_ == line_.size())
      return wrong(open, fmt::format("the bracket of {} is never closed", variable_));
    ++position_;
    if (inner_sequence || texts.size() == before) is_sequence = true;
    return {};
  }

  [[nodiscard]] Error wrong(size_t token, std::string message) const {
    const Token& at = line_[std::min(token, line_.size() - 1)];
    Error error = make_error(ErrorKind::config, std::move(message), std::string(only_constants));
    error.where = {file_.path, at.line, at.column};
    return error;
  }

  const MigrationFile& file_;
  const Line& line_;
  size_t position_;
  std::string_view variable_;
  bool single_ = false;
};

// Where the value begins in "NAME = …" or "NAME: annotation = …"; 0 when the line assigns nothing.
size_t value_of(const Line& line) {
  if (line.size() < 3) return 0;
  if (line[1].is('=')) return line[2].is('=') ? 0 : 2;
  if (!line[1].is(':')) return 0;
  int depth = 0;
  for (size_t i = 2; i + 1 < line.size(); ++i) {
    if (line[i].is('(') || line[i].is('[')) ++depth;
    if (line[i].is(')') || line[i].is(']')) --depth;
    if (depth == 0 && line[i].is('=')) return i + 1;
  }
  return 0;
}

bool mentions(const Line& line, std::string_view name) {
  return std::any_of(line.begin(), line.end(), [&](const Token& token) { return token.is_name(name); });
}

std::string docstring(const std::vector<Line>& lines) {
  if (lines.empty()) return {};
  std::string text;
  for (const Token& token : lines.front()) {
    if (token.kind != Token::Kind::string) return {};
    text += token.text;
  }
  return std::string(trim(text));
}

Error no_revision(const MigrationFile& file) {
  Error error = make_error(
      ErrorKind::config,
      fmt::format("Could not determine revision id from filename {}", file_name_of(file.path)),
      "be sure that the variable 'revision' is assigned in it, at the top level; other files do not belong "
      "into the folder");
  error.where = {file.path, 1, 1};
  return error;
}

struct Found {
  bool id = false, parents = false;
};

Status take(const MigrationFile& file, const Line& line, Revision& revision, Found& found) {
  if (mentions(line, "upgrade")) revision.has_upgrade = true;
  if (mentions(line, "downgrade")) revision.has_downgrade = true;
  const size_t begin = line.front().kind == Token::Kind::name ? value_of(line) : 0;
  if (begin == 0) return {};
  const std::string& variable = line.front().text;
  std::vector<std::string>* texts = nullptr;
  std::vector<std::string> id;
  SourceLocation* at = nullptr;
  if (variable == "revision") {
    texts = &id;
    at = &revision.id_at;
  } else if (variable == "down_revision") {
    texts = &revision.parents;
    at = &revision.parents_at;
    found.parents = true;
  } else if (variable == "branch_labels") {
    texts = &revision.labels;
    at = &revision.labels_at;
  } else if (variable == "depends_on") {
    texts = &revision.depends_on;
    at = &revision.depends_on_at;
  } else {
    return {};
  }
  ASSIGN_OR_RETURN(*texts, Value(file, line, begin).read(variable, texts == &id));
  *at = {file.path, line[begin].line, line[begin].column};
  if (texts == &id) {
    revision.id = id.front();
    found.id = true;
  }
  return {};
}

}  // namespace

bool is_revision_file(std::string_view file_name) {
  return file_name.ends_with(".py") && !file_name.starts_with("__init__") && !file_name.starts_with(".#");
}

Result<Revision> read_revision_file(const MigrationFile& file) {
  const std::vector<Line> lines = top_level_lines(file.text);
  Revision revision;
  revision.file = file.path;
  revision.id_at = revision.parents_at = revision.depends_on_at = revision.labels_at = {file.path, 1, 1};
  revision.doc = docstring(lines);
  Found found;
  for (const Line& line : lines)
    RETURN_IF_ERROR(take(file, line, revision, found));
  if (!found.id) {
    const std::string_view name = file_name_of(file.path);
    const std::string_view stem = name.substr(0, name.size() - std::min<size_t>(name.size(), 3));
    if (stem.empty() || stem.find_first_not_of("0123456789abcdef") != std::string_view::npos)
      return no_revision(file);
    revision.id = stem;
  }
  if (revision.id.empty()) return no_revision(file);
  if (!found.parents) {
    Error error =
        make_error(ErrorKind::config, fmt::format("revision {} does not assign down_revision", revision.id),
                   "write down_revision = None for the first one of a branch");
    error.where = revision.id_at;
    return error;
  }
  return revision;
}

std::string short_doc(const Revision& revision) {
  return revision.doc.substr(0, revision.doc.find("\n\n"));
}

}  // namespace godwit::schema::alembic
