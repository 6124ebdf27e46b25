#include "config/schema/validate.h"

#include "base/text.h"
#include "config/secret_text.h"
#include "os/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <regex>
#include <utility>

namespace godwit::config {

namespace {

// Names of stores, environments and pipelines: they become parts of dataset ids and file names.
bool is_name(std::string_view name) {
  const auto letter_or_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= 63 && letter_or_digit(name[0]) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return letter_or_digit(c) || c == '_' || c == '-'; });
}

// "pipelines.move" and "load" are "pipelines.move.load"; "rule 'a'" and "match" are "rule 'a': match".
std::string below(const std::string& path, std::string_view key) {
  if (path.empty()) return std::string(key);
  return path + (path.ends_with('\'') ? ": " : ".") + std::string(key);
}

class Validator {
 public:
  Validator(const std::string& folder, Problems& problems) : folder_(folder), problems_(problems) {}

  // `path`: where the object stands in the file, in words; empty for the root. `where`: what to point at when
  // something is missing: the key that holds the object.
  void object(const Node& node, const ObjectSchema& schema, const std::string& path,
              const SourceLocation& where) {
    const std::string name = path.empty() ? std::string(schema.title) : path;
    if (node.kind != Node::Kind::mapping) {
      const bool nothing = node.kind == Node::Kind::null && node.text.empty();
      problems_.add(nothing ? where : node.where,
                    fmt::format("{}: expected a mapping, found {}", name, describe(node)));
      return;
    }
    const Inside inside(*this, path);
    for (const auto& entry : node.entries) {
      const KeySchema* key = find_key(schema, entry.key);
      if (key == nullptr) key = schema.others;
      if (key == nullptr) {
        unknown_key(entry, schema, name);
      } else {
        value(entry, *key);
      }
    }
    for (const auto& key : schema.keys) {
      if (key.required && node.find(key.name) == nullptr) {
        problems_.add(where, fmt::format("{}: key '{}' is missing", name, key.name));
      }
    }
  }

 private:
  void unknown_key(const Entry& entry, const ObjectSchema& schema, const std::string& name) {
    std::vector<std::string> names;
    for (const auto& key : schema.keys) {
      if (key.compat_of.empty()) names.emplace_back(key.name);
    }
    problems_.add_unknown(entry.where, fmt::format("unknown key '{}' in {}", entry.key, name), entry.key,
                          names);
  }

  // Every message names the key by its path.
  void problem(const Entry& entry, const SourceLocation& where, std::string_view message) {
    problems_.add(where, fmt::format("{}: {}", below(path_, entry.key), message));
  }

  void expected(const Entry& entry, const Node& node, std::string_view what) {
    const bool number = is_yaml_number(node) || is_yaml_boolean(node);
    const bool text = what.substr(0, 4) == "text" && number;
    problem(entry, node.where,
            fmt::format("expected {}, found {}{}", what, describe(node), text ? "; put it in quotes" : ""));
  }

  static bool is_text(const Node& node) {
    return node.kind == Node::Kind::scalar && !is_yaml_number(node) && !is_yaml_boolean(node);
  }

  void value(const Entry& entry, const KeySchema& key) {
    const Node& node = *entry.value;
    switch (key.type) {
      case ValueType::text:
      case ValueType::scalar:
      case ValueType::reference_text:
      case ValueType::credential:
      case ValueType::regex:
      case ValueType::file:
        text_like(entry, node, key.type);
        break;
      case ValueType::integer_or_reference:
        if (!is_yaml_integer(node) && node.kind == Node::Kind::scalar && has_secret_reference(node.text)) {
          references(entry, node, false);
          break;
        }
        [[fallthrough]];
      case ValueType::integer:
      case ValueType::number:
        numeric(entry, node, key);
        break;
      case ValueType::boolean:
        if (!is_yaml_boolean(node)) expected(entry, node, "true or false");
        break;
      case ValueType::choice:
        choice(entry, node, key);
        break;
      case ValueType::text_list:
      case ValueType::choice_list:
        list(entry, node, key);
        break;
      case ValueType::text_or_list:
        text_or_list(entry, node, key);
        break;
      case ValueType::integer_pair:
        integer_pair(entry, node);
        break;
      case ValueType::text_map:
      case ValueType::reference_map:
      case ValueType::file_map:
      case ValueType::text_list_map:
        map(entry, node, key);
        break;
      case ValueType::choice_map:
      case ValueType::choice_or_map:
        choice_or_map(entry, node, key);
        break;
      case ValueType::object:
        object(node, *key.object, below(path_, entry.key), entry.where);
        break;
      case ValueType::object_list:
        object_list(entry, node, key);
        break;
      case ValueType::object_map:
        object_map(entry, node, key);
        break;
      case ValueType::anything:
        break;
    }
  }

  void text_like(const Entry& entry, const Node& node, ValueType type) {
    if (type == ValueType::scalar ? node.kind != Node::Kind::scalar : !is_text(node)) {
      expected(entry, node, type == ValueType::file ? "text (a path)" : "text");
      return;
    }
    if (type == ValueType::reference_text || type == ValueType::credential) {
      references(entry, node, type == ValueType::credential);
    } else if (type == ValueType::regex) {
      regex(entry, node);
    } else if (type == ValueType::file) {
      file(entry, node);
    }
  }

  void references(const Entry& entry, const Node& node, bool credential) {
    const auto pieces = parse_secret_text(node.text);
    if (!pieces.ok()) {
      problem(entry, node.where, pieces.error().message);
    } else if (credential && !has_secret_reference(node.text)) {
      problem(entry, node.where,
              "a credential must not stand here in the clear: refer to it with ${env:NAME} or ${file:path}");
    } else if (!credential && has_literal_password(node.text)) {
      problem(entry, node.where,
              "a password stands in this url in the clear: refer to it with ${env:NAME} or ${file:path}");
    }
  }

  void regex(const Entry& entry, const Node& node) {
    try {
      const std::regex compiled(node.text, std::regex::ECMAScript | std::regex::icase);
    } catch (const std::regex_error& error) {
      problem(entry, node.where, fmt::format("not a regular expression: {}", error.what()));
    }
  }

  void file(const Entry& entry, const Node& node) {
    if (folder_.empty()) return;
    const std::string path = node.text.starts_with('/') ? node.text : folder_ + "/" + node.text;
    if (!os::exists(path)) {
      problem(entry, node.where, fmt::format("there is no file '{}'", path));
    }
  }

  void numeric(const Entry& entry, const Node& node, const KeySchema& key) {
    const bool integer = key.type != ValueType::number;
    if (integer ? !is_yaml_integer(node) : !is_yaml_number(node)) {
      expected(entry, node, integer ? "an integer" : "a number");
      return;
    }
    const double number = std::strtod(node.text.c_str(), nullptr);
    if (key.maximum > key.minimum || key.minimum != 0) {
      if (number < key.minimum || number > key.maximum) {
        const std::string range = key.minimum == key.maximum
                                      ? fmt::format("{}", key.minimum)
                                      : fmt::format("{} to {}", key.minimum, key.maximum);
        problem(entry, node.where, fmt::format("{} is out of range: expected {}", node.text, range));
      }
    }
  }

  void choice(const Entry& entry, const Node& node, const KeySchema& key) {
    const auto choices = choices_of(key);
    const bool null_word = node.kind == Node::Kind::null && !node.text.empty();
    const std::string word = null_word ? "null" : node.text;
    if (node.kind != Node::Kind::scalar && !null_word) {
      expected(entry, node, "one of " + join(choices, ", "));
      return;
    }
    if (std::find(choices.begin(), choices.end(), word) == choices.end()) {
      problems_.add_unknown(
          node.where, fmt::format("{}: '{}' is not a choice", below(path_, entry.key), word), word, choices);
    }
  }

  void choice_or_map(const Entry& entry, const Node& node, const KeySchema& key) {
    if (key.type == ValueType::choice_map && node.kind != Node::Kind::mapping) {
      expected(entry, node, "a mapping");
    } else if (node.kind == Node::Kind::mapping) {
      const Inside inside(*this, below(path_, entry.key));
      for (const auto& inner : node.entries)
        choice(inner, *inner.value, key);
    } else {
      choice(entry, node, key);
    }
  }

  void list(const Entry& entry, const Node& node, const KeySchema& key) {
    if (node.kind != Node::Kind::sequence) {
      expected(entry, node, "a list");
      return;
    }
    if (node.items.empty() && key.required) problem(entry, node.where, "the list is empty");
    for (size_t i = 0; i < node.items.size(); ++i) {
      const Node& item = *node.items[i];
      if (key.type == ValueType::choice_list) {
        choice(entry, item, key);
      } else if (!is_text(item)) {
        expected(entry, item, "text in the list");
      }
      for (size_t j = 0; j < i; ++j) {
        if (item.kind == Node::Kind::scalar && node.items[j]->text == item.text) {
          problem(entry, item.where, fmt::format("'{}' is listed twice", item.text));
          break;
        }
      }
    }
  }

  void text_or_list(const Entry& entry, const Node& node, const KeySchema& key) {
    if (node.kind == Node::Kind::sequence) {
      list(entry, node, key);
    } else if (!is_text(node)) {
      expected(entry, node, "text, or a list of texts");
    }
  }

  void integer_pair(const Entry& entry, const Node& node) {
    if (node.kind != Node::Kind::sequence || node.items.size() != 2 || !is_yaml_integer(*node.items[0]) ||
        !is_yaml_integer(*node.items[1])) {
      problem(entry, node.where, "expected [minimum, maximum], two integers");
    } else if (std::strtoll(node.items[0]->text.c_str(), nullptr, 10) >
               std::strtoll(node.items[1]->text.c_str(), nullptr, 10)) {
      problem(entry, node.where, "the minimum is above the maximum");
    }
  }

  void map(const Entry& entry, const Node& node, const KeySchema& key) {
    if (node.kind != Node::Kind::mapping) {
      expected(entry, node, "a mapping");
      return;
    }
    const Inside inside(*this, below(path_, entry.key));
    for (const auto& inner : node.entries) {
      if (key.type == ValueType::text_list_map) {
        text_or_list(inner, *inner.value, key);
      } else {
        text_like(inner, *inner.value, value_type_of(key.type));
      }
    }
  }

  static ValueType value_type_of(ValueType map) {
    if (map == ValueType::file_map) return ValueType::file;
    return map == ValueType::reference_map ? ValueType::reference_text : ValueType::text;
  }

  void object_list(const Entry& entry, const Node& node, const KeySchema& key) {
    if (node.kind != Node::Kind::sequence) {
      expected(entry, node, "a list");
      return;
    }
    for (size_t i = 0; i < node.items.size(); ++i) {
      const Node& item = *node.items[i];
      const Entry* name = item.find("name");
      const bool named = name != nullptr && is_text(*name->value);
      object(item, *key.object,
             named ? fmt::format("rule '{}'", name->value->text) : fmt::format("{}[{}]", entry.key, i + 1),
             item.where);
    }
  }

  void object_map(const Entry& entry, const Node& node, const KeySchema& key) {
    if (node.kind != Node::Kind::mapping) {
      expected(entry, node, "a mapping of names");
      return;
    }
    if (node.entries.empty() && key.required) problem(entry, node.where, "the mapping is empty");
    for (const auto& inner : node.entries) {
      if (key.free_names || is_name(inner.key)) {
        object_of_name(inner, key, below(below(path_, entry.key), inner.key));
      } else {
        problem(entry, inner.where,
                fmt::format("'{}' is not a name: letters, digits, '_' and '-', at most 63", inner.key));
      }
    }
  }

  void object_of_name(const Entry& inner, const KeySchema& key, const std::string& path) {
    // "prod:" with nothing behind it is an object without keys.
    if (inner.value->kind == Node::Kind::null) {
      Node empty;
      empty.kind = Node::Kind::mapping;
      empty.where = inner.where;
      object(empty, *key.object, path, inner.where);
    } else {
      object(*inner.value, *key.object, path, inner.where);
    }
  }

  // Names what is validated now; restores the name when it goes.
  class Inside {
   public:
    Inside(Validator& validator, std::string path)
        : validator_(validator), outer_(std::exchange(validator.path_, std::move(path))) {}
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    ~Inside() { validator_.path_ = std::move(outer_); }

   private:
    Validator& validator_;
    std::string outer_;
  };

  const std::string& folder_;
  Problems& problems_;
  std::string path_;  // of the object whose keys are validated
};

}  // namespace

void validate(const Node& root, const ObjectSchema& schema, const std::string& folder, Problems& problems) {
  Validator(folder, problems).object(root, schema, "", root.where);
}

}  // namespace godwit::config
