// A value as Bolt carries it: the types of Cypher (Neo4j's Bolt manual, "Structure Semantics" and
// "PackStream").
//
// Value types: copied and moved freely, safe to hand to other threads. Nothing is normalised: what the server
// sent is what stands here, and what is written is read again bit for bit.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace godwit::bolt {

struct Value;

// Days since 1970-01-01, proleptic Gregorian calendar.
struct Date {
  int64_t days = 0;
  friend bool operator==(const Date&, const Date&) = default;
};
// Time of day at an offset; `nanoseconds` count from midnight at that offset, not in UTC.
struct Time {
  int64_t nanoseconds = 0;
  int64_t offset_s = 0;
  friend bool operator==(const Time&, const Time&) = default;
};
struct LocalTime {
  int64_t nanoseconds = 0;  // since midnight
  friend bool operator==(const LocalTime&, const LocalTime&) = default;
};
// An instant and the offset that it is shown at. `seconds` are since 1970-01-01 in UTC, whichever of its two
// forms the connection speaks.
struct DateTime {
  int64_t seconds = 0;
  int64_t nanoseconds = 0;  // 0 … 999,999,999
  int64_t offset_s = 0;
  friend bool operator==(const DateTime&, const DateTime&) = default;
};
// An instant in a named zone of the tz database. A server older than the "utc" patch (4.4.11 and before)
// sends the zone's wall clock instead of UTC, which only the zone's rules could turn into an instant: then
// `wall_clock` is true, and such a value can be written to such a server only.
struct ZonedDateTime {
  int64_t seconds = 0;
  int64_t nanoseconds = 0;
  std::string zone;
  bool wall_clock = false;
  friend bool operator==(const ZonedDateTime&, const ZonedDateTime&) = default;
};
struct LocalDateTime {
  int64_t seconds = 0;  // since 1970-01-01T00:00 of the same wall clock
  int64_t nanoseconds = 0;
  friend bool operator==(const LocalDateTime&, const LocalDateTime&) = default;
};
// The four parts are independent: a month has no fixed number of days, a day none of seconds.
struct Duration {
  int64_t months = 0, days = 0, seconds = 0, nanoseconds = 0;
  friend bool operator==(const Duration&, const Duration&) = default;
};
// srid: 7203 cartesian, 4326 WGS-84 (x is the longitude).
struct Point2D {
  int64_t srid = 0;
  double x = 0, y = 0;
  friend bool operator==(const Point2D& a, const Point2D& b);
};
// srid: 9157 cartesian, 4979 WGS-84.
struct Point3D {
  int64_t srid = 0;
  double x = 0, y = 0, z = 0;
  friend bool operator==(const Point3D& a, const Point3D& b);
};

struct Bytes {
  std::string data;
  friend bool operator==(const Bytes&, const Bytes&) = default;
};
using List = std::vector<Value>;
// In the order of the wire; a key may stand twice, as PackStream allows.
using Map = std::vector<std::pair<std::string, Value>>;

// Ids are the server's own and mean nothing outside it; element ids are empty before Bolt 5.0.
struct Node {
  int64_t id = 0;
  std::vector<std::string> labels;
  Map properties;
  std::string element_id;
};
struct Relationship {
  int64_t id = 0, start_id = 0, end_id = 0;
  std::string type;
  Map properties;
  std::string element_id, start_element_id, end_element_id;
};
// A relationship of a Path, whose ends the path itself says.
struct UnboundRelationship {
  int64_t id = 0;
  std::string type;
  Map properties;
  std::string element_id;
};
// `indices` alternate: a relationship (from 1; negative: walked against its direction), then the node that is
// reached (from 0). The walk begins at the first node.
struct Path {
  std::vector<Node> nodes;
  std::vector<UnboundRelationship> relationships;
  std::vector<int64_t> indices;
};
using NodePointer = std::shared_ptr<const Node>;  // never null inside a Value; so with the other three
using RelationshipPointer = std::shared_ptr<const Relationship>;
using UnboundRelationshipPointer = std::shared_ptr<const UnboundRelationship>;
using PathPointer = std::shared_ptr<const Path>;

struct Null {
  friend bool operator==(const Null&, const Null&) = default;
};

template <typename T, typename Variant>
inline constexpr bool is_alternative = false;
template <typename T, typename... Alternatives>
inline constexpr bool is_alternative<T, std::variant<Alternatives...>> = (std::is_same_v<T, Alternatives> ||
                                                                          ...);

struct Value {
  using Variant = std::variant<Null, bool, int64_t, double, std::string, Bytes, List, Map, Date, Time,
                               LocalTime, DateTime, ZonedDateTime, LocalDateTime, Duration, Point2D, Point3D,
                               NodePointer, RelationshipPointer, UnboundRelationshipPointer, PathPointer>;

  Value() = default;
  // From exactly one of the types above: a pointer or a narrower number would choose for the caller.
  template <typename T>
  requires is_alternative<std::remove_cvref_t<T>, Variant> Value(
      T&& value)  // NOLINT(google-explicit-constructor,bugprone-forwarding-reference-overload)
      : data(std::in_place_type<std::remove_cvref_t<T>>, std::forward<T>(value)) {}

  [[nodiscard]] bool is_null() const { return std::holds_alternative<Null>(data); }
  // nullptr when it is of another type.
  template <typename T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&data);
  }
  // Floats are equal when their bits are: NaN equals itself, 0.0 is not -0.0. Nodes and relationships are
  // equal when all they say is.
  friend bool operator==(const Value& a, const Value& b);

  Variant data;
};

// The first entry of that key; nullptr when there is none.
[[nodiscard]] const Value* find(const Map& map, std::string_view key);

}  // namespace godwit::bolt
