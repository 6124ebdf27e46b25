#include "config/schema/key_table.h"

#include "base/text.h"

namespace godwit::config {

std::vector<std::string> choices_of(const KeySchema& key) {
  return key.choices.empty() ? std::vector<std::string>() : split(key.choices, '|');
}

const KeySchema* find_key(const ObjectSchema& object, std::string_view name) {
  for (const auto& key : object.keys) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

}  // namespace godwit::config
