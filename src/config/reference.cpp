#include "config/reference.h"

#include "base/text.h"

#include <fmt/format.h>

namespace godwit {

namespace {

Error wrong(std::string_view written, std::string_view why) {
  return make_error(
      ErrorKind::config, fmt::format("'{}' is not a reference: {}", written, why),
      "write store.table, store.schema.table or store.table.column; quote odd names: ids.\"Odd Name\"");
}

bool is_bare(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '$' || c == '*' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

// Splits at `separator` outside double quotes.
std::vector<std::string_view> split_outside_quotes(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  bool quoted = false;
  size_t from = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == separator && !quoted) {
      pieces.push_back(text.substr(from, i - from));
      from = i + 1;
    }
  }
  pieces.push_back(text.substr(from));
  return pieces;
}

Result<std::string> unquote_part(std::string_view part, std::string_view written) {
  if (part.empty()) return wrong(written, "a part is empty");
  if (part[0] != '"') {
    for (const char c : part) {
      if (!is_bare(c)) return wrong(written, fmt::format("'{}' needs double quotes", part));
    }
    return std::string(part);
  }
  if (part.size() < 3 || part.back() != '"') return wrong(written, "a quoted part is empty or has no end");
  part = part.substr(1, part.size() - 2);
  std::string out;
  for (size_t i = 0; i < part.size(); ++i) {
    if (part[i] == '"') {
      if (i + 1 >= part.size() || part[i + 1] != '"')
        return wrong(written, "a quote inside a part must be doubled");
      ++i;
    }
    out += part[i];
  }
  return out;
}

}  // namespace

Result<std::vector<std::string>> split_reference(std::string_view written) {
  std::vector<std::string> parts;
  for (const auto part : split_outside_quotes(written, '.')) {
    ASSIGN_OR_RETURN(std::string name, unquote_part(part, written));
    parts.push_back(std::move(name));
  }
  return parts;
}

Result<ColumnsReference> split_columns_reference(std::string_view written) {
  written = trim(written);
  ColumnsReference out;
  if (!written.ends_with(')')) {
    ASSIGN_OR_RETURN(out.table, split_reference(written));
    out.columns = {out.table.back()};
    out.table.pop_back();
  } else {
    const size_t open = written.rfind(".(");
    if (open == std::string_view::npos)
      return wrong(written, "columns in parentheses follow a dot: a.t.(x,y)");
    ASSIGN_OR_RETURN(out.table, split_reference(written.substr(0, open)));
    for (const auto column : split_outside_quotes(written.substr(open + 2, written.size() - open - 3), ',')) {
      ASSIGN_OR_RETURN(std::string name, unquote_part(trim(column), written));
      out.columns.push_back(std::move(name));
    }
  }
  if (out.table.empty()) return wrong(written, "a table stands in front of the column");
  return out;
}

Result<LinkReference> split_link(std::string_view written) {
  const size_t arrow = written.find("->");
  if (arrow == std::string_view::npos || written.find("->", arrow + 2) != std::string_view::npos) {
    return make_error(ErrorKind::config, fmt::format("'{}' is not a link", written),
                      "write child -> parent: hcp1.students.external_id -> ids.students.id");
  }
  LinkReference link;
  ASSIGN_OR_RETURN(link.child, split_columns_reference(written.substr(0, arrow)));
  ASSIGN_OR_RETURN(link.parent, split_columns_reference(written.substr(arrow + 2)));
  if (link.child.columns.size() != link.parent.columns.size()) {
    return make_error(ErrorKind::config, fmt::format("'{}' links {} column(s) to {}", written,
                                                     link.child.columns.size(), link.parent.columns.size()));
  }
  return link;
}

}  // namespace godwit
