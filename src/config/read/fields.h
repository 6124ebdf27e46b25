// Typed access to a validated mapping. Lenient: what is absent or of another type gives the fallback, because
// the validator has reported it already.
#pragma once

#include "config/yaml/tree.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::config {

struct PlacedText {
  std::string text;
  SourceLocation where;
};

// Borrows the node; single use, on the stack.
class Fields {
 public:
  explicit Fields(const Node& node) : node_(node) {}

  [[nodiscard]] bool has(std::string_view key) const { return node_.find(key) != nullptr; }
  // Of the key; of the mapping when the key is absent.
  [[nodiscard]] const SourceLocation& key_where(std::string_view key) const;
  // Of the value; of the mapping when the key is absent.
  [[nodiscard]] const SourceLocation& where(std::string_view key) const;
  // nullptr when absent.
  [[nodiscard]] const Node* child(std::string_view key) const;
  // Entries of a mapping below `key`; none when it is absent or no mapping.
  [[nodiscard]] const std::vector<Entry>& entries(std::string_view key) const;

  [[nodiscard]] std::string text(std::string_view key, std::string_view fallback = {}) const;
  [[nodiscard]] int64_t integer(std::string_view key, int64_t fallback) const;
  [[nodiscard]] double number(std::string_view key, double fallback) const;
  [[nodiscard]] bool boolean(std::string_view key, bool fallback) const;
  // A list, or one text as a list of one.
  [[nodiscard]] std::vector<PlacedText> texts(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> plain_texts(std::string_view key) const;
  [[nodiscard]] std::optional<std::pair<int64_t, int64_t>> integer_pair(std::string_view key) const;

 private:
  const Node& node_;
};

// A choice as text: a YAML null that was written out is the word "null".
[[nodiscard]] std::string choice_text(const Node& node);
[[nodiscard]] std::vector<PlacedText> texts_of(const Node& node);

}  // namespace godwit::config
