#include "sql/facts/parser.h"

#include <pg_query.h>

#include <memory>
#include <nlohmann/json.hpp>

namespace godwit::sql {
namespace {

using nlohmann::json;

struct FreeParse {
  void operator()(PgQueryParseResult* result) const {
    pg_query_free_parse_result(*result);
    delete result;
  }
};
struct FreeSplit {
  void operator()(PgQuerySplitResult* result) const {
    pg_query_free_split_result(*result);
    delete result;
  }
};

// Where the character with this number, from 1, starts.
size_t offset_of_character(std::string_view text, int number) {
  size_t at = 0;
  for (int character = 1; at < text.size(); ++at)
    if ((static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80 && character++ == number) break;
  return at;
}

}  // namespace

std::optional<json> parse(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string terminated(text);
  const std::unique_ptr<PgQueryParseResult, FreeParse> result(
      new PgQueryParseResult(pg_query_parse(terminated.c_str())));
  if (result->error != nullptr) return std::nullopt;
  json tree = json::parse(result->parse_tree, nullptr, false);
  if (!tree.is_object()) return std::nullopt;  // a literal that is not UTF-8
  return std::move(tree["stmts"]);
}

// The parser alone: writing no tree, it needs no bound.
std::optional<SyntaxError> syntax_error(std::string_view statement) {
  const size_t zero = statement.find('\0');
  if (zero != std::string_view::npos) return SyntaxError{"a zero byte", zero};
  const std::string terminated(statement);
  const std::unique_ptr<PgQuerySplitResult, FreeSplit> result(
      new PgQuerySplitResult(pg_query_split_with_parser(terminated.c_str())));
  if (result->error == nullptr) return std::nullopt;
  return SyntaxError{result->error->message, offset_of_character(statement, result->error->cursorpos)};
}

}  // namespace godwit::sql
