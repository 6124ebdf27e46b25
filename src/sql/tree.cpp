#include "sql/tree.h"

#include "base/text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace godwit::sql {

using nlohmann::json;

namespace {

std::string quoted_if_needed(const std::string& name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9'); };
  const bool bare =
      !name.empty() && std::ranges::all_of(name, plain) && !(name.front() >= '0' && name.front() <= '9');
  return bare ? name : quote_identifier(name);
}

}  // namespace

Tree::Tree(json statement) : root_(std::make_shared<const json>(std::move(statement))) {}

Node Tree::statement() const {
  return unwrap(child(*root_, "stmt"));
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

std::string qualified(const std::vector<std::string>& parts) {
  std::vector<std::string> quoted;
  for (const std::string& part : parts)
    quoted.push_back(quoted_if_needed(part));
  return join(quoted, ".");
}

std::string relation_name(const json& range_variable) {
  std::vector<std::string> parts;
  for (const char* key : {"catalogname", "schemaname", "relname"})
    if (std::string part = text_of(range_variable, key); !part.empty()) parts.push_back(std::move(part));
  return qualified(parts);
}

}  // namespace godwit::sql
