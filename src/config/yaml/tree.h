// A YAML file as a tree whose every key and value knows its place in the file.
//
// Seals yaml-cpp: its own tree silently keeps the first of two equal keys and has no place for keys, so this
// one is built from its events. Stricter than YAML: one document, text keys, no tags, no duplicate keys.
// Anchors, aliases and merge keys ("<<") work.
#pragma once

#include "base/error.h"
#include "config/yaml/problems.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::config {

struct Node;
using NodePointer = std::shared_ptr<const Node>;

struct Entry {
  std::string key;
  SourceLocation where;  // of the key
  NodePointer value;     // never null
};

// Immutable once parsed; safe to share between threads.
struct Node {
  enum class Kind : uint8_t { null, scalar, sequence, mapping };
  Kind kind = Kind::null;
  SourceLocation where;
  std::string text;     // scalar: its value; null: as written ("", "~", "null")
  bool quoted = false;  // scalar in quotes, in a block or tagged !!str: always text
  std::vector<NodePointer> items;
  std::vector<Entry> entries;  // in file order, keys unique
  size_t size = 1;             // nodes in this tree; what an alias stands for counts each time

  [[nodiscard]] const Entry* find(std::string_view key) const;
};

// Kind of a plain scalar by the YAML 1.2 core schema ("yes" is text).
[[nodiscard]] bool is_yaml_integer(const Node& node);
[[nodiscard]] bool is_yaml_number(const Node& node);  // integers too
[[nodiscard]] bool is_yaml_boolean(const Node& node);
// "a mapping", "the number 12", "true", "nothing": for messages. Never the content of a text: it could be a
// credential.
[[nodiscard]] std::string describe(const Node& node);

// The root, or nullptr when the text is no YAML or has, aliases expanded, more than a million nodes. Problems
// found on the way are added; a tree with problems may still be validated further. An empty file is a null
// node.
[[nodiscard]] NodePointer parse_yaml(std::string_view text, const std::string& file, Problems& problems);

}  // namespace godwit::config
