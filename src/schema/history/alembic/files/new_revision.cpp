#include "schema/history/alembic/files/new_revision.h"

#include "base/text.h"
#include "base/time.h"
#include "crypto/sha256.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace godwit::schema::alembic {

namespace {

constexpr size_t id_digits = 12;

bool is_slug_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The bytes of the first `count` characters.
size_t bytes_of(std::string_view text, int count) {
  size_t i = 0;
  for (; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (begins && count-- == 0) break;
  }
  return i;
}

int64_t number_of(std::string_view digits) {
  int64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

// One field of the template; nullopt for a name that there is not.
struct Field {
  std::string text;
  std::optional<int64_t> number;
};

std::optional<Field> field_of(const NewRevision& revision, std::string_view name, int slug_length_max) {
  const std::string_view stamp = revision.timestamp;
  const auto part = [&](size_t begin, size_t size) { return number_of(stamp.substr(begin, size)); };
  if (name == "rev") return Field{revision.id, {}};
  if (name == "slug") return Field{slug_of(revision.title, slug_length_max), {}};
  if (name == "year") return Field{{}, part(0, 4)};
  if (name == "month") return Field{{}, part(4, 2)};
  if (name == "day") return Field{{}, part(6, 2)};
  if (name == "hour") return Field{{}, part(8, 2)};
  if (name == "minute") return Field{{}, part(10, 2)};
  if (name == "second") return Field{{}, part(12, 2)};
  if (name == "epoch") {
    return Field{
        {},
        days_from_civil(part(0, 4), static_cast<int>(part(4, 2)), static_cast<int>(part(6, 2))) * 86400 +
            part(8, 2) * 3600 + part(10, 2) * 60 + part(12, 2)};
  }
  return std::nullopt;
}

// "%(month).2d": reads the format behind the name, up to and with its letter, and writes the field by it.
Result<std::string> formatted(const Field& field, std::string_view format, std::string_view whole) {
  const auto wrong = [&](std::string_view what) {
    return make_error(ErrorKind::config,
                      fmt::format("file_template '{}' holds '{}', which is not understood", whole, what),
                      "write %(name)s, or %(name).2d for a number of two digits");
  };
  const char letter = format.back();
  std::string_view digits = format.substr(0, format.size() - 1);
  size_t width = 0;
  if (!digits.empty() && (digits.front() == '.' || digits.front() == '0')) digits.remove_prefix(1);
  if (!digits.empty()) {
    if (digits.find_first_not_of("0123456789") != std::string_view::npos || digits.size() > 2 ||
        digits.size() + 1 == format.size())
      return wrong(format);
    width = static_cast<size_t>(number_of(digits));
  }
  if (letter == 's' && width == 0) return field.number ? std::to_string(*field.number) : field.text;
  if (letter != 'd' || !field.number) return wrong(format);
  return fmt::format("{:0{}}", *field.number, width);
}

std::string python_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string python_value(const std::vector<std::string>& texts) {
  if (texts.empty()) return "None";
  if (texts.size() == 1) return python_text(texts.front());
  std::vector<std::string> quoted;
  for (const std::string& text : texts)
    quoted.push_back(python_text(text));
  return "(" + join(quoted, ", ") + ")";
}

// Inside a docstring.
std::string doc_text(std::string_view title) {
  std::string out;
  for (const char c : trim(title)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

}  // namespace

std::string new_id(std::string_view timestamp, std::string_view title,
                   const std::vector<std::string>& parents) {
  const std::string hash =
      crypto::sha256_hex(fmt::format("{}\n{}\n{}", timestamp, title, join(parents, "\n")));
  return hash.substr(hash.size() - id_digits);
}

std::string slug_of(std::string_view title, int length_max) {
  std::string out;
  bool gap = false;
  for (const char c : to_lower_ascii(title)) {
    if (!is_slug_byte(c)) {
      gap = true;
      continue;
    }
    if (gap && !out.empty()) out += '_';
    gap = false;
    out += c;
  }
  const size_t end = bytes_of(out, length_max);
  if (end == out.size()) return out;
  out.resize(end);
  if (const size_t last = out.rfind('_'); last != std::string::npos) out.resize(last);
  return out + '_';
}

Result<std::string> file_name(const NewRevision& revision, std::string_view file_template,
                              int slug_length_max) {
  std::string out;
  size_t at = 0;
  while (at < file_template.size()) {
    const char c = file_template[at++];
    if (c != '%') {
      out += c;
      continue;
    }
    if (at < file_template.size() && file_template[at] == '%') {
      out += file_template[at++];
      continue;
    }
    const size_t close = file_template.find(')', at);
    const size_t letter =
        file_template.find_first_not_of(".0123456789", std::min(close, file_template.size() - 1) + 1);
    if (at == file_template.size() || file_template[at] != '(' || close == std::string_view::npos ||
        letter == std::string_view::npos) {
      return make_error(ErrorKind::config,
                        fmt::format("file_template '{}': a '%' that begins no %(name)s", file_template),
                        "write %% for the sign itself");
    }
    const std::string_view name = file_template.substr(at + 1, close - at - 1);
    const auto field = field_of(revision, name, slug_length_max);
    if (!field) {
      return make_error(ErrorKind::config,
                        fmt::format("file_template '{}' holds '{}', which is not known", file_template, name),
                        "known are: rev, slug, epoch, year, month, day, hour, minute, second");
    }
    ASSIGN_OR_RETURN(const std::string text,
                     formatted(*field, file_template.substr(close + 1, letter - close), file_template));
    out += text;
    at = letter + 1;
  }
  return out + ".py";
}

std::string file_text(const NewRevision& revision) {
  const std::string& t = revision.timestamp;
  return fmt::format(
      "\"\"\"{0}\n\nRevision ID: {1}\nRevises: {2}\nCreate Date: {3}-{4}-{5} {6}:{7}:{8}\n\n\"\"\"\n"
      "from typing import Sequence, Union\n\n"
      "from alembic import op\nimport sqlalchemy as sa\n\n\n"
      "# revision identifiers, used by Alembic.\n"
      "revision: str = {9}\n"
      "down_revision: Union[str, Sequence[str], None] = {10}\n"
      "branch_labels: Union[str, Sequence[str], None] = None\n"
      "depends_on: Union[str, Sequence[str], None] = None\n\n\n"
      "def upgrade() -> None:\n    \"\"\"Upgrade schema.\"\"\"\n    pass\n\n\n"
      "def downgrade() -> None:\n    \"\"\"Downgrade schema.\"\"\"\n    pass\n",
      doc_text(revision.title), revision.id, join(revision.parents, ", "), t.substr(0, 4), t.substr(4, 2),
      t.substr(6, 2), t.substr(8, 2), t.substr(10, 2), t.substr(12, 2), python_text(revision.id),
      python_value(revision.parents));
}

}  // namespace godwit::schema::alembic
