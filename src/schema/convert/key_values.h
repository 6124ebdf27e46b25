// Configuration files of other tools as keys and values with their lines: as much of each format as those
// files use. Lenient: what is not understood is left out. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace godwit::schema {

struct KeyValue {
  std::string key, value;
  int line = 0;
  std::vector<std::string> items;  // TOML: those of an array, or the one value
};

class KeyValues {
 public:
  explicit KeyValues(std::vector<KeyValue> pairs) : pairs_(std::move(pairs)) {}
  // The last of that name, as the tools have it; empty = there is none, or it is empty.
  [[nodiscard]] std::string value(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] int line(std::string_view key) const;  // 0 = there is none
  [[nodiscard]] const std::vector<KeyValue>& all() const { return pairs_; }

 private:
  [[nodiscard]] const KeyValue* find(std::string_view key) const;
  std::vector<KeyValue> pairs_;
};

// Java's properties: "key=value" or "key: value", comments with # or !, a line that ends in '\' goes on.
[[nodiscard]] KeyValues read_properties(std::string_view text);
// "NAME=value", "export NAME='value'"; comments with #.
[[nodiscard]] KeyValues read_dotenv(std::string_view text);
// TOML's tables: key "table.key"; the items of an array also joined by ','. An inline table is a table; of
// arrays of tables the last one counts.
[[nodiscard]] KeyValues read_toml(std::string_view text);

}  // namespace godwit::schema
