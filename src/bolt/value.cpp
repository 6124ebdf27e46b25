#include "bolt/value.h"

#include <bit>

namespace godwit::bolt {
namespace {

bool same_bits(double a, double b) {
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

bool same(const Node& a, const Node& b) {
  return a.id == b.id && a.labels == b.labels && a.properties == b.properties && a.element_id == b.element_id;
}
bool same(const UnboundRelationship& a, const UnboundRelationship& b) {
  return a.id == b.id && a.type == b.type && a.properties == b.properties && a.element_id == b.element_id;
}
bool same(const Relationship& a, const Relationship& b) {
  return a.id == b.id && a.start_id == b.start_id && a.end_id == b.end_id && a.type == b.type &&
         a.properties == b.properties && a.element_id == b.element_id &&
         a.start_element_id == b.start_element_id && a.end_element_id == b.end_element_id;
}

template <typename T>
bool same_all(const std::vector<T>& a, const std::vector<T>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!same(a[i], b[i])) return false;
  }
  return true;
}
bool same(const Path& a, const Path& b) {
  return same_all(a.nodes, b.nodes) && same_all(a.relationships, b.relationships) && a.indices == b.indices;
}

}  // namespace

bool operator==(const Point2D& a, const Point2D& b) {
  return a.srid == b.srid && same_bits(a.x, b.x) && same_bits(a.y, b.y);
}
bool operator==(const Point3D& a, const Point3D& b) {
  return a.srid == b.srid && same_bits(a.x, b.x) && same_bits(a.y, b.y) && same_bits(a.z, b.z);
}

bool operator==(const Value& a, const Value& b) {
  if (a.data.index() != b.data.index()) return false;
  return std::visit(
      [&b](const auto& mine) {
        using T = std::remove_cvref_t<decltype(mine)>;
        const T& other = std::get<T>(b.data);
        if constexpr (std::is_same_v<T, double>) {
          return same_bits(mine, other);
        } else if constexpr (std::is_same_v<T, NodePointer> || std::is_same_v<T, RelationshipPointer> ||
                             std::is_same_v<T, UnboundRelationshipPointer> ||
                             std::is_same_v<T, PathPointer>) {
          return mine == other || same(*mine, *other);
        } else {
          return mine == other;
        }
      },
      a.data);
}

const Value* find(const Map& map, std::string_view key) {
  for (const auto& [name, value] : map) {
    if (name == key) return &value;
  }
  return nullptr;
}

}  // namespace godwit::bolt
