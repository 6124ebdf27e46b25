#include "base/text.h"
#include "config/docs/json_schema.h"
#include "config/starter.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace godwit::config {

namespace {

std::string code(std::string_view text) {
  return "`" + std::string(text) + "`";
}

// "|" ends a table cell, also inside code.
std::string cell(std::string text) {
  for (size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
    text.insert(at, "\\");
  return text;
}

std::string type_text(const KeySchema& key) {
  std::vector<std::string> choices;
  for (const auto& choice : choices_of(key))
    choices.push_back(code(choice));
  const std::string any = join(choices, ", ");
  const bool ranged = key.maximum > key.minimum;
  const std::string range = ranged ? fmt::format(" {} to {}", key.minimum, key.maximum) : "";
  switch (key.type) {
    case ValueType::text:
      return "text";
    case ValueType::scalar:
      return "text or number";
    case ValueType::reference_text:
      return "text, may hold references";
    case ValueType::credential:
      return "secret reference";
    case ValueType::regex:
      return "regular expression";
    case ValueType::file:
      return "file";
    case ValueType::integer:
      return "integer" + range;
    case ValueType::integer_or_reference:
      return "integer" + range + ", or a reference";
    case ValueType::number:
      return "number" + range;
    case ValueType::boolean:
      return "true or false";
    case ValueType::choice:
      return any;
    case ValueType::choice_list:
      return "list of " + any;
    case ValueType::text_list:
      return "list of text";
    case ValueType::text_or_list:
      return "text, or list of text";
    case ValueType::integer_pair:
      return "[integer, integer]";
    case ValueType::text_map:
      return "map to text";
    case ValueType::reference_map:
      return "map to text, may hold references";
    case ValueType::file_map:
      return "map to files";
    case ValueType::text_list_map:
      return "map to text, or list of text";
    case ValueType::choice_map:
      return "map to " + any;
    case ValueType::choice_or_map:
      return any + ", or a map to these";
    case ValueType::object:
      return "[mapping](#" + std::string(key.object->name) + ")";
    case ValueType::object_list:
      return "list of [mappings](#" + std::string(key.object->name) + ")";
    case ValueType::object_map:
      return "named [mappings](#" + std::string(key.object->name) + ")";
    case ValueType::anything:
      return "anything";
  }
  return "";
}

std::string row_of(const KeySchema& key) {
  const std::string fallback = key.required ? "**required**" : key.fallback.empty() ? "" : code(key.fallback);
  return fmt::format("| {} | {} | {} | {} |\n", code(key.name), cell(type_text(key)), fallback,
                     cell(std::string(key.doc)));
}

std::string section_of(const ObjectSchema& object, int level) {
  std::string out = fmt::format("<a id=\"{}\"></a>\n{} {}\n\n{}\n\n", object.name,
                                std::string(static_cast<size_t>(level), '#'), object.title, object.doc);
  out += "| key | value | default | meaning |\n| --- | --- | --- | --- |\n";
  for (const auto& key : object.keys) {
    if (key.compat_of.empty()) out += row_of(key);
  }
  if (object.others != nullptr) {
    out += fmt::format("| *{}* | {} | | {} |\n", object.others->name, cell(type_text(*object.others)),
                       cell(std::string(object.others->doc)));
  }
  std::string older;
  for (const auto& key : object.keys) {
    if (key.compat_of.empty()) continue;
    older += fmt::format("| {} | {} | {} | {} |\n", code(key.name), code(key.compat_of), cell(type_text(key)),
                         cell(std::string(key.doc)));
  }
  if (!older.empty()) {
    out +=
        "\nOlder spellings, still read:\n\n| key | today | value | meaning |\n| --- | --- | --- | --- |\n" +
        older;
  }
  return out + "\n";
}

void append_sections(const ObjectSchema& object, int level, std::vector<const ObjectSchema*>& seen,
                     std::string& out) {
  if (std::find(seen.begin(), seen.end(), &object) != seen.end()) return;
  seen.push_back(&object);
  out += section_of(object, level);
  for (const auto& key : object.keys) {
    if (key.object != nullptr) append_sections(*key.object, 3, seen, out);
  }
  if (object.others != nullptr && object.others->object != nullptr) {
    append_sections(*object.others->object, 3, seen, out);
  }
}

}  // namespace

std::string reference_page() {
  std::string out;
  std::vector<const ObjectSchema*> seen;
  append_sections(settings_schema(), 2, seen, out);
  append_sections(masks_schema(), 2, seen, out);
  append_sections(checks_schema(), 2, seen, out);
  out += "## What `godwit init` writes\n\nThe smallest whole configuration, commented.\n\n";
  for (const auto& file : starter_settings()) {
    out += fmt::format("`{}`\n\n```yaml\n{}```\n\n", file.name, file.text);
  }
  return out;
}

}  // namespace godwit::config
