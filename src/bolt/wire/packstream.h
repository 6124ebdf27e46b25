// PackStream 1, the encoding of values inside Bolt's messages (Bolt manual, "PackStream", "Structure
// Semantics").
#pragma once

#include "base/result.h"
#include "bolt/value.h"
#include "bolt/wire/chunking.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::bolt {

// What the structures look like on a connection.
struct Dialect {
  bool element_ids = true;  // Bolt 5.0 and later
  bool utc = true;          // date-times count in UTC: Bolt 5.0, and 4.4 with the patch
};

// Writes values in their shortest form, straight into the frames that are sent. Lists, maps and structures
// say their size first; whoever writes one then writes exactly so many items, which this class does not
// count. Nothing fails while writing: what the connection cannot carry is remembered and told by status(),
// and the message must then be dropped. One thread at a time; the frames outlive it.
class PackWriter {
 public:
  PackWriter(FramedBytes& out, Dialect dialect) : out_(out), dialect_(dialect) {}

  void null() { out_.append('\xC0'); }
  void boolean(bool value) { out_.append(value ? '\xC3' : '\xC2'); }
  void integer(int64_t value);
  void real(double value);
  void text(std::string_view utf8);
  void bytes(std::string_view data);
  void list(size_t items);   // then as many values
  void map(size_t entries);  // then as many pairs of text() and value
  void value(const Value& value);
  // A structure's head; then as many values.
  void structure(uint8_t tag, size_t fields);

  // Makes status() fail, with `why`; the first one counts.
  void refuse(std::string_view why);
  // ErrorKind::failed: more than 2^31-1 bytes or items, a graph value (nodes, relationships and paths are
  // never sent), or a zoned date-time of the form that the server does not speak.
  [[nodiscard]] Status status() const;

 private:
  void sized(uint8_t tiny, uint8_t first, size_t size);

  FramedBytes& out_;
  Dialect dialect_;
  std::string refused_;
};

// What one message may cost; a hostile one is refused before it takes more.
struct DecodeLimits {
  size_t depth_max = 64;
  size_t values_max = size_t{8} << 20;
};

// Reads values from one message. Sizes that the bytes claim are never believed: nothing is allocated ahead of
// the bytes that fill it. The bytes outlive the reader, the values own theirs. One thread at a time.
class PackReader {
 public:
  PackReader(std::string_view message, Dialect dialect, DecodeLimits limits = {})
      : rest_(message), dialect_(dialect), values_left_(limits.values_max), depth_max_(limits.depth_max) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  // Any value. ErrorKind::failed for bytes that are no value; the message quotes none of them.
  [[nodiscard]] Result<Value> value();
  // Into a value that is there already; saves the copy where rows are many.
  [[nodiscard]] Status value_into(Value& out);

  struct Structure {
    uint8_t tag = 0;
    size_t fields = 0;
  };
  // The heads of what must follow, for those who read its items one by one.
  [[nodiscard]] Result<Structure> structure();
  [[nodiscard]] Result<size_t> list();

 private:
  friend class StructureReader;

  [[nodiscard]] bool take(size_t size, std::string_view& out);
  [[nodiscard]] bool take_number(size_t width, uint64_t& out);
  [[nodiscard]] bool take_size(uint8_t marker, uint8_t first, size_t& out);
  [[nodiscard]] bool read(Value& out, size_t depth);
  [[nodiscard]] bool read_integer(uint8_t marker, int64_t& out);
  [[nodiscard]] bool read_string(std::string& out);
  [[nodiscard]] bool read_list(uint8_t marker, List& out, size_t depth);
  [[nodiscard]] bool read_map(uint8_t marker, Map& out, size_t depth);
  [[nodiscard]] bool read_structure(uint8_t marker, Value& out, size_t depth);
  [[nodiscard]] bool refuse(std::string_view why);
  [[nodiscard]] Error refusal() const;

  std::string_view rest_;
  Dialect dialect_;
  size_t values_left_;
  size_t depth_max_;
  std::string_view why_;  // of string literals
};

}  // namespace godwit::bolt
