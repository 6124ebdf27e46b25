// The one table of configuration keys. The validator, docs/godwit.schema.json (and its siblings) and the
// reference part of docs/CONFIGURATION.md all come from it: a key that does not stand here does not exist.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::config {

enum class ValueType : uint8_t {
  text,            // a string; plain numbers and booleans must be quoted
  scalar,          // any scalar, taken as text
  reference_text,  // a string that may hold secret references
  credential,      // a string that must hold at least one secret reference
  integer,
  integer_or_reference,  // an integer, or a string that is one secret reference
  number,
  boolean,
  choice,
  regex,  // ECMAScript
  file,   // a path relative to the file that names it; must exist
  text_list,
  text_or_list,  // a string, or a list of strings
  choice_list,
  integer_pair,   // [minimum, maximum]
  text_map,       // NAME: string
  reference_map,  // NAME: string that may hold secret references
  file_map,       // NAME: path
  text_list_map,  // NAME: string or list of strings
  choice_map,     // NAME: choice
  choice_or_map,  // one choice, or NAME: choice
  object,
  object_list,
  object_map,  // NAME: object
  anything,    // read by a later version
};

struct ObjectSchema;

struct KeySchema {
  std::string_view name = {};
  ValueType type = ValueType::text;
  std::string_view doc = {};
  bool required = false;
  std::string_view fallback = {};  // the default as it would be written; empty = none
  std::string_view choices = {};   // "a|b|c"
  const ObjectSchema* object = nullptr;
  double minimum = 0, maximum = 0;  // integer, number: when maximum > minimum
  bool free_names = false;          // object_map: the names are any text (paths into a document)
  std::string_view compat_of = {};  // an older spelling of this key: accepted, documented apart
};

struct ObjectSchema {
  std::string_view name = {};   // "pipeline": $defs name
  std::string_view title = {};  // "pipelines.NAME": as messages and the reference page call it
  std::string_view doc = {};
  std::span<const KeySchema> keys = {};
  std::string_view needs_one_of = {};  // "a+b|c": a and b together, or c; decided by src/config/read
  const KeySchema* others = nullptr;   // what any other key holds; null = unknown keys are errors
};

[[nodiscard]] const ObjectSchema& settings_schema();  // godwit.yml
[[nodiscard]] const ObjectSchema& masks_schema();     // masks.yml
[[nodiscard]] const ObjectSchema& checks_schema();    // checks.yml

[[nodiscard]] std::vector<std::string> choices_of(const KeySchema& key);
[[nodiscard]] const KeySchema* find_key(const ObjectSchema& object, std::string_view name);

}  // namespace godwit::config
