#include "config/read/fields.h"

#include <charconv>
#include <cstdlib>

namespace godwit::config {

namespace {
int64_t to_integer(const Node& node, int64_t fallback) {
  if (!is_yaml_integer(node)) return fallback;
  errno = 0;
  const long long value = std::strtoll(node.text.c_str(), nullptr, 10);
  return errno == 0 ? value : fallback;
}
}  // namespace

std::string choice_text(const Node& node) {
  return node.kind == Node::Kind::null && !node.text.empty() ? "null" : node.text;
}

std::vector<PlacedText> texts_of(const Node& node) {
  std::vector<PlacedText> out;
  if (node.kind == Node::Kind::scalar) {
    out.push_back({node.text, node.where});
  } else {
    for (const auto& item : node.items) {
      if (item->kind == Node::Kind::scalar) out.push_back({item->text, item->where});
    }
  }
  return out;
}

const SourceLocation& Fields::key_where(std::string_view key) const {
  const Entry* entry = node_.find(key);
  return entry == nullptr ? node_.where : entry->where;
}

const SourceLocation& Fields::where(std::string_view key) const {
  const Entry* entry = node_.find(key);
  return entry == nullptr ? node_.where : entry->value->where;
}

const Node* Fields::child(std::string_view key) const {
  const Entry* entry = node_.find(key);
  return entry == nullptr ? nullptr : entry->value.get();
}

const std::vector<Entry>& Fields::entries(std::string_view key) const {
  static const std::vector<Entry> none;
  const Node* node = child(key);
  return node == nullptr ? none : node->entries;
}

std::string Fields::text(std::string_view key, std::string_view fallback) const {
  const Node* node = child(key);
  if (node == nullptr) return std::string(fallback);
  const std::string text = choice_text(*node);
  return node->kind == Node::Kind::scalar || !text.empty() ? text : std::string(fallback);
}

int64_t Fields::integer(std::string_view key, int64_t fallback) const {
  const Node* node = child(key);
  return node == nullptr ? fallback : to_integer(*node, fallback);
}

double Fields::number(std::string_view key, double fallback) const {
  const Node* node = child(key);
  return node == nullptr || !is_yaml_number(*node) ? fallback : std::strtod(node->text.c_str(), nullptr);
}

bool Fields::boolean(std::string_view key, bool fallback) const {
  const Node* node = child(key);
  if (node == nullptr || !is_yaml_boolean(*node)) return fallback;
  return node->text[0] == 't' || node->text[0] == 'T';
}

std::vector<PlacedText> Fields::texts(std::string_view key) const {
  const Node* node = child(key);
  return node == nullptr ? std::vector<PlacedText>() : texts_of(*node);
}

std::vector<std::string> Fields::plain_texts(std::string_view key) const {
  std::vector<std::string> out;
  for (auto& placed : texts(key))
    out.push_back(std::move(placed.text));
  return out;
}

std::optional<std::pair<int64_t, int64_t>> Fields::integer_pair(std::string_view key) const {
  const Node* node = child(key);
  if (node == nullptr || node->items.size() != 2) return std::nullopt;
  return std::pair(to_integer(*node->items[0], 0), to_integer(*node->items[1], 0));
}

}  // namespace godwit::config
