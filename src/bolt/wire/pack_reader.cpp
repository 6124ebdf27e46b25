#include "base/text.h"
#include "bolt/wire/packstream.h"
#include "bolt/wire/structure_tags.h"

#include <algorithm>
#include <bit>

namespace godwit::bolt {
namespace {

// So much is set aside for items that are only claimed; more grows with what is really there.
constexpr size_t items_ahead_max = 1024;

constexpr uint8_t high(uint8_t marker) {
  return marker & 0xF0;
}

}  // namespace

// The fields of the structures that carry values. A reader's friend, so that those share its limits.
class StructureReader {
 public:
  StructureReader(PackReader& in, size_t depth) : in_(in), depth_(depth) {}

  bool read(uint8_t tag, size_t fields, Value& out) {
    switch (tag) {
      case tag::node:
      case tag::relationship:
      case tag::unbound_relationship:
      case tag::path:
        return graph(tag, fields, out);
      case tag::point_2d:
      case tag::point_3d:
        return point(tag, fields, out);
      case tag::zoned_date_time:
      case tag::legacy_zoned_date_time:
        return zoned(tag, fields, out);
      default:
        return temporal(tag, fields, out);
    }
  }

 private:
  bool expect(size_t fields, size_t expected) {
    return fields == expected || in_.refuse("a structure has another number of fields than its type");
  }
  // A field of one type; the value of another is refused, not converted.
  template <typename T>
  bool field(T& out) {
    Value value;
    if (!in_.read(value, depth_ + 1)) return false;
    T* got = std::get_if<T>(&value.data);
    if (got == nullptr) return in_.refuse("a field of a structure has another type than it should");
    out = std::move(*got);
    return true;
  }
  template <typename... T>
  bool all(T&... out) {
    return (field(out) && ...);
  }
  bool labels(std::vector<std::string>& out) {
    List items;
    if (!field(items)) return false;
    for (Value& item : items) {
      auto* text = std::get_if<std::string>(&item.data);
      if (text == nullptr) return in_.refuse("a label is not a text");
      out.push_back(std::move(*text));
    }
    return true;
  }

  bool node(size_t fields, Node& out) {
    const bool ids = in_.dialect_.element_ids;
    return expect(fields, ids ? 4 : 3) && field(out.id) && labels(out.labels) && field(out.properties) &&
           (!ids || field(out.element_id));
  }
  bool unbound(size_t fields, UnboundRelationship& out) {
    const bool ids = in_.dialect_.element_ids;
    return expect(fields, ids ? 4 : 3) && all(out.id, out.type, out.properties) &&
           (!ids || field(out.element_id));
  }
  bool relationship(size_t fields, Relationship& out) {
    const bool ids = in_.dialect_.element_ids;
    return expect(fields, ids ? 8 : 5) && all(out.id, out.start_id, out.end_id, out.type, out.properties) &&
           (!ids || all(out.element_id, out.start_element_id, out.end_element_id));
  }
  // A list of structures of one type, taken out of their boxes.
  template <typename T>
  bool structures(std::vector<T>& out) {
    List items;
    if (!field(items)) return false;
    for (Value& item : items) {
      auto* pointer = std::get_if<std::shared_ptr<const T>>(&item.data);
      if (pointer == nullptr) return in_.refuse("a path holds something else than it should");
      out.push_back(**pointer);
    }
    return true;
  }
  bool path(size_t fields, Path& out) {
    List indices;
    if (!expect(fields, 3) || !structures(out.nodes) || !structures(out.relationships) || !field(indices))
      return false;
    for (const Value& index : indices) {
      const auto* number = index.as<int64_t>();
      if (number == nullptr) return in_.refuse("an index of a path is not a number");
      out.indices.push_back(*number);
    }
    return sound(out) || in_.refuse("the indices of a path point outside it");
  }
  static bool sound(const Path& path) {
    if (path.nodes.empty() || path.indices.size() % 2 != 0) return false;
    const auto relationships = static_cast<int64_t>(path.relationships.size());
    for (size_t i = 0; i < path.indices.size(); i += 2) {
      const int64_t walked = path.indices[i];
      const int64_t reached = path.indices[i + 1];
      if (walked == 0 || walked > relationships || walked < -relationships) return false;
      if (reached < 0 || reached >= static_cast<int64_t>(path.nodes.size())) return false;
    }
    return true;
  }

  template <typename T, typename Read>
  bool boxed(Value& out, Read read) {
    auto box = std::make_shared<T>();
    if (!read(*box)) return false;
    out.data = std::shared_ptr<const T>(std::move(box));
    return true;
  }
  bool graph(uint8_t tag, size_t fields, Value& out) {
    switch (tag) {
      case tag::node:
        return boxed<Node>(out, [&](Node& node_out) { return node(fields, node_out); });
      case tag::relationship:
        return boxed<Relationship>(out, [&](Relationship& into) { return relationship(fields, into); });
      case tag::unbound_relationship:
        return boxed<UnboundRelationship>(out,
                                          [&](UnboundRelationship& into) { return unbound(fields, into); });
      default:
        return boxed<Path>(out, [&](Path& into) { return path(fields, into); });
    }
  }

  bool point(uint8_t tag, size_t fields, Value& out) {
    if (tag == tag::point_2d) {
      Point2D point;
      if (!expect(fields, 3) || !all(point.srid, point.x, point.y)) return false;
      out.data = point;
      return true;
    }
    Point3D point;
    if (!expect(fields, 4) || !all(point.srid, point.x, point.y, point.z)) return false;
    out.data = point;
    return true;
  }

  bool zoned(uint8_t tag, size_t fields, Value& out) {
    ZonedDateTime value;
    value.wall_clock = tag == tag::legacy_zoned_date_time;
    if (!expect(fields, 3) || !all(value.seconds, value.nanoseconds, value.zone)) return false;
    out.data = std::move(value);
    return true;
  }

  bool temporal(uint8_t tag, size_t fields, Value& out) {
    switch (tag) {
      case tag::date:
        return numbers<Date>(fields, 1, out, [](Date& v) { return std::tie(v.days); });
      case tag::time:
        return numbers<Time>(fields, 2, out, [](Time& v) { return std::tie(v.nanoseconds, v.offset_s); });
      case tag::local_time:
        return numbers<LocalTime>(fields, 1, out, [](LocalTime& v) { return std::tie(v.nanoseconds); });
      case tag::local_date_time:
        return numbers<LocalDateTime>(fields, 2, out,
                                      [](LocalDateTime& v) { return std::tie(v.seconds, v.nanoseconds); });
      case tag::duration:
        return numbers<Duration>(
            fields, 4, out, [](Duration& v) { return std::tie(v.months, v.days, v.seconds, v.nanoseconds); });
      case tag::date_time:
      case tag::legacy_date_time:
        return date_time(tag, fields, out);
      default:
        return in_.refuse("a structure is of a type that this program does not know");
    }
  }
  template <typename T, typename Parts>
  bool numbers(size_t fields, size_t expected, Value& out, Parts parts) {
    T value;
    if (!expect(fields, expected)) return false;
    if (!std::apply([this](auto&... part) { return this->all(part...); }, parts(value))) return false;
    out.data = value;
    return true;
  }
  bool date_time(uint8_t tag, size_t fields, Value& out) {
    DateTime value;
    if (!expect(fields, 3) || !all(value.seconds, value.nanoseconds, value.offset_s)) return false;
    if (tag == tag::legacy_date_time &&
        __builtin_sub_overflow(value.seconds, value.offset_s, &value.seconds)) {
      return in_.refuse("a date-time is outside what can be counted");
    }
    out.data = value;
    return true;
  }

  PackReader& in_;
  size_t depth_;
};

bool PackReader::refuse(std::string_view why) {
  if (why_.empty()) why_ = why;
  return false;
}

Error PackReader::refusal() const {
  return make_error(ErrorKind::failed, "the server's answer cannot be read: " + std::string(why_),
                    "check that the address is that of a Neo4j server's Bolt port");
}

bool PackReader::take(size_t size, std::string_view& out) {
  if (size > rest_.size()) return refuse("it ends in the middle of a value");
  out = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return true;
}

bool PackReader::take_number(size_t width, uint64_t& out) {
  std::string_view bytes;
  if (!take(width, bytes)) return false;
  out = 0;
  for (const char byte : bytes)
    out = out << 8 | static_cast<unsigned char>(byte);
  return true;
}

// Behind one of the three markers from `first` on.
bool PackReader::take_size(uint8_t marker, uint8_t first, size_t& out) {
  uint64_t size = 0;
  if (!take_number(size_t{1} << (marker - first), size)) return false;
  out = size;
  return true;
}

bool PackReader::read_integer(uint8_t marker, int64_t& out) {
  uint64_t bits = 0;
  const size_t width = size_t{1} << (marker - 0xC8);
  if (!take_number(width, bits)) return false;
  const size_t unused = 64 - 8 * width;
  out = static_cast<int64_t>(bits << unused) >> unused;
  return true;
}

bool PackReader::read_string(std::string& out) {
  uint64_t marker = 0;
  if (!take_number(1, marker)) return false;
  size_t size = marker & 0x0F;
  if (marker >= 0xD0 && marker <= 0xD2) {
    if (!take_size(static_cast<uint8_t>(marker), 0xD0, size)) return false;
  } else if (high(static_cast<uint8_t>(marker)) != 0x80) {
    return refuse("a key is not a text");
  }
  std::string_view bytes;
  if (!take(size, bytes)) return false;
  if (!is_valid_utf8(bytes)) return refuse("a text is not UTF-8");
  out = bytes;
  return true;
}

bool PackReader::read_list(uint8_t marker, List& out, size_t depth) {
  size_t items = marker & 0x0F;
  if (marker >= 0xD4 && !take_size(marker, 0xD4, items)) return false;
  if (items > rest_.size()) return refuse("a list claims more items than there are bytes");
  out.reserve(std::min(items, items_ahead_max));
  for (size_t i = 0; i < items; ++i) {
    if (!read(out.emplace_back(), depth + 1)) return false;
  }
  return true;
}

bool PackReader::read_map(uint8_t marker, Map& out, size_t depth) {
  size_t entries = marker & 0x0F;
  if (marker >= 0xD8 && !take_size(marker, 0xD8, entries)) return false;
  if (entries > rest_.size() / 2) return refuse("a map claims more entries than there are bytes");
  out.reserve(std::min(entries, items_ahead_max));
  for (size_t i = 0; i < entries; ++i) {
    auto& [key, value] = out.emplace_back();
    if (!read_string(key) || !read(value, depth + 1)) return false;
  }
  return true;
}

bool PackReader::read_structure(uint8_t marker, Value& out, size_t depth) {
  uint64_t tag = 0;
  if (!take_number(1, tag)) return false;
  return StructureReader(*this, depth).read(static_cast<uint8_t>(tag), marker & 0x0F, out);
}

bool PackReader::read(Value& out, size_t depth) {
  if (depth > depth_max_) return refuse("it is nested too deeply");
  if (values_left_ == 0) return refuse("it holds more values than this program takes at once");
  --values_left_;
  if (rest_.empty()) return refuse("it ends in the middle of a value");
  const auto marker = static_cast<uint8_t>(rest_.front());
  const bool text = high(marker) == 0x80 || (marker >= 0xD0 && marker <= 0xD2);
  if (text) return read_string(out.data.emplace<std::string>());
  rest_.remove_prefix(1);
  if (marker <= 0x7F || marker >= 0xF0) {
    out.data = static_cast<int64_t>(static_cast<int8_t>(marker));
    return true;
  }
  if (high(marker) == 0x90 || (marker >= 0xD4 && marker <= 0xD6))
    return read_list(marker, out.data.emplace<List>(), depth);
  if (high(marker) == 0xA0 || (marker >= 0xD8 && marker <= 0xDA))
    return read_map(marker, out.data.emplace<Map>(), depth);
  if (high(marker) == 0xB0) return read_structure(marker, out, depth);
  if (marker >= 0xC8 && marker <= 0xCB) return read_integer(marker, out.data.emplace<int64_t>());
  switch (marker) {
    case 0xC0:
      out.data = Null{};
      return true;
    case 0xC2:
    case 0xC3:
      out.data = marker == 0xC3;
      return true;
    case 0xC1: {
      uint64_t bits = 0;
      if (!take_number(8, bits)) return false;
      out.data = std::bit_cast<double>(bits);
      return true;
    }
    case 0xCC:
    case 0xCD:
    case 0xCE: {
      size_t size = 0;
      std::string_view bytes;
      if (!take_size(marker, 0xCC, size) || !take(size, bytes)) return false;
      out.data.emplace<Bytes>().data = bytes;
      return true;
    }
    default:
      return refuse("it begins with a marker that means nothing");
  }
}

Status PackReader::value_into(Value& out) {
  if (!read(out, 0)) return refusal();
  return {};
}

Result<Value> PackReader::value() {
  Value out;
  RETURN_IF_ERROR(value_into(out));
  return out;
}

Result<PackReader::Structure> PackReader::structure() {
  uint64_t marker = 0;
  uint64_t tag = 0;
  if (!take_number(1, marker) || !take_number(1, tag)) return refusal();
  if (high(static_cast<uint8_t>(marker)) != 0xB0) {
    static_cast<void>(refuse("it is not a message"));
    return refusal();
  }
  return Structure{static_cast<uint8_t>(tag), static_cast<size_t>(marker & 0x0F)};
}

Result<size_t> PackReader::list() {
  uint64_t marker = 0;
  if (!take_number(1, marker)) return refusal();
  size_t items = marker & 0x0F;
  const bool sized = marker >= 0xD4 && marker <= 0xD6;
  if (!sized && high(static_cast<uint8_t>(marker)) != 0x90) {
    static_cast<void>(refuse("it is not a list"));
    return refusal();
  }
  if (sized && !take_size(static_cast<uint8_t>(marker), 0xD4, items)) return refusal();
  if (items > rest_.size()) {
    static_cast<void>(refuse("a list claims more items than there are bytes"));
    return refusal();
  }
  return items;
}

}  // namespace godwit::bolt
