#include "sql/facts/parser.h"

#include "base/text.h"

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

Node unwrap(const json& wrapped) {
  static const json empty = json::object();
  if (!wrapped.is_object() || wrapped.empty()) return {"", &empty};
  const auto first = wrapped.begin();
  return {first.key(), &first.value()};
}

const json& child(const json& value, const char* key) {
  static const json none;
  if (!value.is_object()) return none;
  const auto found = value.find(key);
  return found == value.end() ? none : *found;
}

const json& items_of(const json& value, const char* key) {
  static const json empty = json::array();
  const json& found = child(value, key);
  return found.is_array() ? found : empty;
}

std::string text_of(const json& value, const char* key) {
  const json& text = child(value, key);
  return text.is_string() ? text.get<std::string>() : std::string();
}

bool flag(const json& value, const char* key) {
  const json& found = child(value, key);
  return found.is_boolean() && found.get<bool>();
}

std::vector<std::string> names_of(const json& wrapped) {
  const json& list = child(child(wrapped, "List"), "items");
  const json& type = child(child(wrapped, "TypeName"), "names");
  const json& object = child(child(wrapped, "ObjectWithArgs"), "objname");
  std::vector<std::string> names;
  for (const json* strings : {&wrapped, &list, &type, &object})
    if (strings->is_array())
      for (const json& name : *strings)
        names.push_back(text_of(child(name, "String"), "sval"));
  if (wrapped.is_object() && wrapped.contains("String"))
    names.push_back(text_of(child(wrapped, "String"), "sval"));
  return names;
}

const json* option(const json& options, std::string_view name) {
  if (!options.is_array()) return nullptr;
  for (const json& wrapped : options)
    if (text_of(child(wrapped, "DefElem"), "defname") == name) return &child(wrapped, "DefElem");
  return nullptr;
}

bool any_object(const Node& top, const std::function<bool(const std::string& key, const json&)>& condition) {
  std::vector<Node> waiting = {top};
  while (!waiting.empty()) {
    const Node node = waiting.back();
    waiting.pop_back();
    if (node.value->is_array()) {
      for (const json& item : *node.value)
        waiting.push_back({"", &item});
    } else if (node.value->is_object()) {
      if (condition(node.type, *node.value)) return true;
      for (const auto& [key, inner] : node.value->items())
        waiting.push_back({key, &inner});
    }
  }
  return false;
}

bool means_true(const json& definition) {
  const json& argument = child(definition, "arg");
  if (argument.is_null()) return true;
  if (argument.contains("Integer")) return child(argument["Integer"], "ival").is_number();
  if (argument.contains("Boolean")) return flag(argument["Boolean"], "boolval");
  const std::vector<std::string> names = names_of(argument);
  const std::string word = names.empty() ? std::string() : to_lower_ascii(names.back());
  return word == "true" || word == "on";
}

}  // namespace godwit::sql
