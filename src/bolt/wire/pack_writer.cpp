#include "bolt/wire/packstream.h"
#include "bolt/wire/structure_tags.h"

#include <array>
#include <bit>
#include <limits>

namespace godwit::bolt {
namespace {

constexpr size_t size_max = std::numeric_limits<int32_t>::max();

// `width` bytes, the most significant first.
void append_number(FramedBytes& out, uint64_t number, size_t width) {
  std::array<char, 8> bytes{};
  for (size_t i = 0; i < width; ++i)
    bytes.at(i) = static_cast<char>(number >> (8 * (width - 1 - i)) & 0xff);
  out.append(std::string_view(bytes.data(), width));
}

// One value of the variant each.
class ValueWriter {
 public:
  ValueWriter(PackWriter& out, Dialect dialect) : out_(out), dialect_(dialect) {}

  void operator()(const Null&) { out_.null(); }
  void operator()(bool value) { out_.boolean(value); }
  void operator()(int64_t value) { out_.integer(value); }
  void operator()(double value) { out_.real(value); }
  void operator()(const std::string& value) { out_.text(value); }
  void operator()(const Bytes& value) { out_.bytes(value.data); }
  void operator()(const List& items) {
    out_.list(items.size());
    for (const Value& item : items)
      out_.value(item);
  }
  void operator()(const Map& entries) {
    out_.map(entries.size());
    for (const auto& [key, value] : entries) {
      out_.text(key);
      out_.value(value);
    }
  }
  void operator()(const Date& value) { numbers(tag::date, {value.days}); }
  void operator()(const Time& value) { numbers(tag::time, {value.nanoseconds, value.offset_s}); }
  void operator()(const LocalTime& value) { numbers(tag::local_time, {value.nanoseconds}); }
  void operator()(const DateTime& value) {
    if (dialect_.utc) {
      numbers(tag::date_time, {value.seconds, value.nanoseconds, value.offset_s});
      return;
    }
    int64_t wall_clock = 0;
    if (__builtin_add_overflow(value.seconds, value.offset_s, &wall_clock)) {
      out_.refuse("a date-time is outside what can be written");
      return;
    }
    numbers(tag::legacy_date_time, {wall_clock, value.nanoseconds, value.offset_s});
  }
  void operator()(const ZonedDateTime& value) {
    if (dialect_.utc == value.wall_clock) {
      out_.refuse("a date-time with a named zone came from a server that counts it differently");
      return;
    }
    out_.structure(dialect_.utc ? tag::zoned_date_time : tag::legacy_zoned_date_time, 3);
    out_.integer(value.seconds);
    out_.integer(value.nanoseconds);
    out_.text(value.zone);
  }
  void operator()(const LocalDateTime& value) {
    numbers(tag::local_date_time, {value.seconds, value.nanoseconds});
  }
  void operator()(const Duration& value) {
    numbers(tag::duration, {value.months, value.days, value.seconds, value.nanoseconds});
  }
  void operator()(const Point2D& value) {
    out_.structure(tag::point_2d, 3);
    out_.integer(value.srid);
    out_.real(value.x);
    out_.real(value.y);
  }
  void operator()(const Point3D& value) {
    out_.structure(tag::point_3d, 4);
    out_.integer(value.srid);
    out_.real(value.x);
    out_.real(value.y);
    out_.real(value.z);
  }
  void operator()(const NodePointer&) { graph_value(); }
  void operator()(const RelationshipPointer&) { graph_value(); }
  void operator()(const UnboundRelationshipPointer&) { graph_value(); }
  void operator()(const PathPointer&) { graph_value(); }

 private:
  void numbers(uint8_t tag, std::initializer_list<int64_t> fields) {
    out_.structure(tag, fields.size());
    for (const int64_t field : fields)
      out_.integer(field);
  }
  void graph_value() { out_.refuse("nodes, relationships and paths cannot be parameters"); }

  PackWriter& out_;
  Dialect dialect_;
};

}  // namespace

void PackWriter::refuse(std::string_view why) {
  if (refused_.empty()) refused_ = why;
}

Status PackWriter::status() const {
  if (refused_.empty()) return {};
  return make_error(ErrorKind::failed, refused_);
}

void PackWriter::integer(int64_t value) {
  if (value >= -16 && value <= 127) {
    out_.append(static_cast<char>(value));
  } else if (value >= std::numeric_limits<int8_t>::min() && value < 0) {
    out_.append('\xC8');
    out_.append(static_cast<char>(value));
  } else if (value >= std::numeric_limits<int16_t>::min() && value <= std::numeric_limits<int16_t>::max()) {
    out_.append('\xC9');
    append_number(out_, static_cast<uint64_t>(value), 2);
  } else if (value >= std::numeric_limits<int32_t>::min() && value <= std::numeric_limits<int32_t>::max()) {
    out_.append('\xCA');
    append_number(out_, static_cast<uint64_t>(value), 4);
  } else {
    out_.append('\xCB');
    append_number(out_, static_cast<uint64_t>(value), 8);
  }
}

void PackWriter::real(double value) {
  out_.append('\xC1');
  append_number(out_, std::bit_cast<uint64_t>(value), 8);
}

// The markers follow each other: of one, two and four bytes of size.
void PackWriter::sized(uint8_t tiny, uint8_t first, size_t size) {
  if (tiny != 0 && size < 16) {
    out_.append(static_cast<char>(tiny | size));
  } else if (size <= 0xff) {
    out_.append(static_cast<char>(first));
    append_number(out_, size, 1);
  } else if (size <= 0xffff) {
    out_.append(static_cast<char>(first + 1));
    append_number(out_, size, 2);
  } else {
    if (size > size_max) refuse("a value is larger than 2 GiB");
    out_.append(static_cast<char>(first + 2));
    append_number(out_, size, 4);
  }
}

void PackWriter::text(std::string_view utf8) {
  sized(0x80, 0xD0, utf8.size());
  out_.append(utf8);
}
void PackWriter::bytes(std::string_view data) {
  sized(0, 0xCC, data.size());
  out_.append(data);
}
void PackWriter::list(size_t items) {
  sized(0x90, 0xD4, items);
}
void PackWriter::map(size_t entries) {
  sized(0xA0, 0xD8, entries);
}

void PackWriter::structure(uint8_t tag, size_t fields) {
  CHECK(fields < 16);
  out_.append(static_cast<char>(0xB0 | fields));
  out_.append(static_cast<char>(tag));
}

void PackWriter::value(const Value& value) {
  std::visit(ValueWriter(*this, dialect_), value.data);
}

}  // namespace godwit::bolt
