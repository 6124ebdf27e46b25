// DuckDB chunks → COPY rows, binary or text.
#pragma once

#include "base/result.h"
#include "connect/postgres/catalog/wire_type.h"
#include "duck/chunk.h"
#include "duck/types.h"

#include <optional>
#include <string>
#include <vector>

namespace godwit::connect::postgres {

// True when a value of this DuckDB type is encoded as this wire type without a conversion.
[[nodiscard]] bool encodes(duck::TypeId staged, WireType wire);

// The target columns of one COPY, in the order of the staged ones. `binary` holds when every column encodes.
struct CopyShape {
  std::vector<std::optional<WireType>> wires;
  bool binary = true;

  void add(duck::TypeId staged, std::optional<WireType> wire) {
    binary = binary && wire && encodes(staged, *wire);
    wires.push_back(wire);
  }
};

// One thread at a time.
class CopyEncoder {
 public:
  explicit CopyEncoder(CopyShape shape) : shape_(std::move(shape)) {}

  [[nodiscard]] const char* format() const { return shape_.binary ? "binary" : "text"; }
  void begin(std::string& out) const;
  // Appends one row: the first wires.size() columns of the chunk, then `last` as int8.
  void add(const duck::ChunkReader& chunk, size_t row, std::optional<int64_t> last, std::string& out) const;
  void end(std::string& out) const;

 private:
  void add_binary(const duck::ChunkReader& chunk, size_t row, std::optional<int64_t> last,
                  std::string& out) const;
  void add_text(const duck::ChunkReader& chunk, size_t row, std::optional<int64_t> last,
                std::string& out) const;
  CopyShape shape_;
};

}  // namespace godwit::connect::postgres
