#include "config/docs/json_schema.h"

#include "base/text.h"

#include <cstdlib>
#include <nlohmann/json.hpp>

namespace godwit::config {

namespace {

using Json = nlohmann::ordered_json;

Json reference_to(const ObjectSchema& object) {
  return {{"$ref", "#/definitions/" + std::string(object.name)}};
}

Json choice_of(const KeySchema& key) {
  Json values = Json::array();
  for (const auto& choice : choices_of(key)) {
    values.push_back(choice);
    // Without quotes the word null is YAML's null.
    if (choice == "null") values.push_back(nullptr);
  }
  return {{"enum", values}};
}

Json map_of(Json value) {
  return {{"type", "object"}, {"additionalProperties", std::move(value)}};
}

Json list_of(Json item, bool required) {
  Json out = {{"type", "array"}, {"items", std::move(item)}, {"uniqueItems", true}};
  if (required) out["minItems"] = 1;
  return out;
}

Json text_or_list(bool required) {
  return {{"anyOf", Json::array({Json{{"type", "string"}}, list_of({{"type", "string"}}, required)})}};
}

Json number_of(const KeySchema& key, const char* type) {
  Json out = {{"type", type}};
  if (key.maximum > key.minimum || key.minimum != 0) {
    const auto bound = [](double value) {
      return value == static_cast<double>(static_cast<int64_t>(value)) ? Json(static_cast<int64_t>(value))
                                                                       : Json(value);
    };
    out["minimum"] = bound(key.minimum);
    out["maximum"] = bound(key.maximum);
  }
  return out;
}

bool has_required_key(const ObjectSchema& object) {
  for (const auto& key : object.keys) {
    if (key.required) return true;
  }
  return !object.needs_one_of.empty();
}

Json object_map(const KeySchema& key) {
  Json value = reference_to(*key.object);
  // "cert:" with nothing behind it is an object without keys.
  if (!has_required_key(*key.object)) value = {{"anyOf", Json::array({value, Json{{"type", "null"}}})}};
  Json out = map_of(std::move(value));
  if (!key.free_names) out["propertyNames"] = {{"pattern", "^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$"}};
  if (key.required) out["minProperties"] = 1;
  return out;
}

Json value_of(const KeySchema& key) {
  switch (key.type) {
    case ValueType::text:
    case ValueType::reference_text:
    case ValueType::file:
      return {{"type", "string"}};
    case ValueType::scalar:
      return {{"type", Json::array({"string", "number", "boolean"})}};
    case ValueType::credential:
      return {{"type", "string"}, {"pattern", "\\$\\{(env|file|op|aws-sm|vault|age):[^}]+\\}"}};
    case ValueType::regex:
      return {{"type", "string"}, {"format", "regex"}};
    case ValueType::integer:
      return number_of(key, "integer");
    case ValueType::integer_or_reference:
      return {{"anyOf", Json::array({number_of(key, "integer"),
                                     Json{{"type", "string"}, {"pattern", "^\\$\\{[a-z-]+:[^}]+\\}$"}}})}};
    case ValueType::number:
      return number_of(key, "number");
    case ValueType::boolean:
      return {{"type", "boolean"}};
    case ValueType::choice:
      return choice_of(key);
    case ValueType::text_list:
      return list_of({{"type", "string"}}, key.required);
    case ValueType::choice_list:
      return list_of(choice_of(key), key.required);
    case ValueType::text_or_list:
      return text_or_list(key.required);
    case ValueType::integer_pair:
      return {{"type", "array"}, {"items", {{"type", "integer"}}}, {"minItems", 2}, {"maxItems", 2}};
    case ValueType::text_map:
    case ValueType::reference_map:
    case ValueType::file_map:
      return map_of({{"type", "string"}});
    case ValueType::text_list_map:
      return map_of(text_or_list(false));
    case ValueType::choice_map:
      return map_of(choice_of(key));
    case ValueType::choice_or_map:
      return {{"anyOf", Json::array({choice_of(key), map_of(choice_of(key))})}};
    case ValueType::object:
      return {{"allOf", Json::array({reference_to(*key.object)})}};
    case ValueType::object_list:
      return {{"type", "array"}, {"items", reference_to(*key.object)}};
    case ValueType::object_map:
      return object_map(key);
    case ValueType::anything:
      return Json::object();
  }
  return Json::object();
}

// The default as the JSON value that it is.
Json fallback_of(const KeySchema& key) {
  const std::string text(key.fallback);
  switch (key.type) {
    case ValueType::integer:
    case ValueType::integer_or_reference:
      return std::strtoll(text.c_str(), nullptr, 10);
    case ValueType::number:
      return std::strtod(text.c_str(), nullptr);
    case ValueType::boolean:
      return text == "true";
    default:
      return text;
  }
}

Json property_of(const KeySchema& key) {
  Json out = value_of(key);
  std::string doc(key.doc);
  if (!key.compat_of.empty()) {
    doc = "Older spelling of `" + std::string(key.compat_of) + "`. " + doc;
    out["deprecated"] = true;
  }
  out["description"] = doc;
  if (!key.fallback.empty()) out["default"] = fallback_of(key);
  return out;
}

Json any_of_required(std::string_view alternatives) {
  Json out = Json::array();
  for (const auto& alternative : split(alternatives, '|'))
    out.push_back({{"required", split(alternative, '+')}});
  return out;
}

Json object_of(const ObjectSchema& object) {
  Json out = {{"type", "object"}, {"description", object.doc}};
  Json properties = Json::object();
  Json required = Json::array();
  for (const auto& key : object.keys) {
    properties[std::string(key.name)] = property_of(key);
    if (key.required) required.push_back(key.name);
  }
  if (!properties.empty()) out["properties"] = std::move(properties);
  if (!required.empty()) out["required"] = std::move(required);
  if (!object.needs_one_of.empty()) out["anyOf"] = any_of_required(object.needs_one_of);
  out["additionalProperties"] = object.others == nullptr ? Json(false) : property_of(*object.others);
  return out;
}

void collect(const ObjectSchema& object, Json& definitions) {
  const auto visit = [&](const KeySchema& key) {
    if (key.object == nullptr || definitions.contains(std::string(key.object->name))) return;
    definitions[std::string(key.object->name)] = object_of(*key.object);
    collect(*key.object, definitions);
  };
  for (const auto& key : object.keys)
    visit(key);
  if (object.others != nullptr) visit(*object.others);
}

}  // namespace

std::string json_schema(const ObjectSchema& root, std::string_view title) {
  Json out = {{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", title}};
  const Json fields = object_of(root);
  for (const auto& [name, value] : fields.items())
    out[name] = value;
  Json definitions = Json::object();
  collect(root, definitions);
  out["definitions"] = std::move(definitions);
  return out.dump(2) + "\n";
}

}  // namespace godwit::config
