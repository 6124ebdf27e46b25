#include "base/error.h"

#include <fmt/format.h>

namespace godwit {

const std::vector<ErrorKindInfo>& all_error_kinds() {
  static const std::vector<ErrorKindInfo> table = {
#define GODWIT_ERROR_KIND(name, exit_code, retryable, help) \
  {ErrorKind::name, #name, exit_code, retryable, help},
#include "base/error_kinds.def"
#undef GODWIT_ERROR_KIND
  };
  return table;
}

const ErrorKindInfo& info(ErrorKind kind) {
  return all_error_kinds()[static_cast<size_t>(kind)];
}

std::string SourceLocation::text() const {
  if (line == 0) return file;
  if (column == 0) return fmt::format("{}:{}", file, line);
  return fmt::format("{}:{}:{}", file, line, column);
}

std::string Error::text() const {
  std::string out;
  // A message that reports several places, one per line, begins with its first place already.
  const std::string place = where.known() ? where.text() + ": " : "";
  if (message.compare(0, place.size(), place) != 0) out += place;
  out += message;
  if (!sqlstate.empty()) out += " (SQLSTATE " + sqlstate + ")";
  if (cause) out += ": " + cause->text();
  return out;
}

Error make_error(ErrorKind kind, std::string message, std::string hint) {
  Error error;
  error.kind = kind;
  error.message = std::move(message);
  error.hint = std::move(hint);
  return error;
}

Error wrap(Error inner, std::string message) {
  Error outer;
  outer.kind = inner.kind;
  outer.hint = inner.hint;
  outer.message = std::move(message);
  outer.cause = std::make_shared<const Error>(std::move(inner));
  return outer;
}

}  // namespace godwit
