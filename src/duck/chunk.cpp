#include "duck/chunk.h"

#include "base/check.h"
#include "duck/capi/chunk_views.h"
#include "duck/capi/type_mapping.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace godwit::duck {
namespace {

static_assert(sizeof(duckdb_string_t) == 16 && sizeof(duckdb_hugeint) == sizeof(HugeInt));
static_assert(offsetof(duckdb_hugeint, lower) == offsetof(HugeInt, lower));

constexpr size_t in_place_max = sizeof(duckdb_string_t::value.inlined.inlined);

// Bytes of room for texts.
constexpr size_t room_min = size_t{2} << 10;
constexpr size_t room_max = size_t{32} << 10;
constexpr std::array<char, room_max> nothing{};

HugeInt widen(int64_t value) {
  return HugeInt{static_cast<uint64_t>(value), value < 0 ? -1 : 0};
}

}  // namespace

std::string_view ColumnReader::text(size_t row) const {
  const auto& value = static_cast<const duckdb_string_t*>(data_)[row];
  const uint32_t length = value.value.inlined.length;
  return {
      length <= sizeof value.value.inlined.inlined ? value.value.inlined.inlined : value.value.pointer.ptr,
      length};
}

HugeInt ColumnReader::decimal(size_t row) const {
  if (type_.width <= 4) return widen(get<int16_t>(row));
  if (type_.width <= 9) return widen(get<int32_t>(row));
  if (type_.width <= 18) return widen(get<int64_t>(row));
  return get<HugeInt>(row);
}

void ColumnWriter::set_null(size_t row) {
  if (validity_ == nullptr) {
    duckdb_vector vector = static_cast<WrittenVector*>(vector_)->vector;
    library().vector_ensure_validity_writable(vector);
    validity_ = library().vector_get_validity(vector);
  }
  validity_[row / 64] &= ~(uint64_t{1} << (row % 64));
}

// As duckdb.h describes the form: short texts in place, padded with zeros; of longer ones the first bytes,
// and where all of them are.
void ColumnWriter::set_text(size_t row, std::string_view bytes) {
  auto& [vector, room, room_left, room_asked] = *static_cast<WrittenVector*>(vector_);
  duckdb_string_t& slot = static_cast<duckdb_string_t*>(data_)[row];
  if (bytes.size() <= in_place_max) {
    slot = {};
    slot.value.inlined.length = static_cast<uint32_t>(bytes.size());
    if (!bytes.empty()) std::memcpy(slot.value.inlined.inlined, bytes.data(), bytes.size());
    return;
  }
  if (bytes.size() > room_min / 4) {
    library().vector_assign_string_element_len(vector, row, bytes.data(), bytes.size());
    return;
  }
  if (bytes.size() > room_left) {
    // A text that nobody reads, as long as the room is to be: the vector keeps its bytes.
    room_asked = room_asked == 0 ? room_min : std::min(2 * room_asked, room_max);
    library().vector_assign_string_element_len(vector, row, nothing.data(), room_asked);
    room = slot.value.pointer.ptr;
    room_left = room_asked;
  }
  std::memcpy(room, bytes.data(), bytes.size());
  slot.value.pointer.length = static_cast<uint32_t>(bytes.size());
  std::memcpy(slot.value.pointer.prefix, bytes.data(), sizeof slot.value.pointer.prefix);
  slot.value.pointer.ptr = room;
  room += bytes.size();
  room_left -= bytes.size();
}

void ColumnWriter::set_decimal(size_t row, HugeInt unscaled) {
  const auto low = static_cast<int64_t>(unscaled.lower);
  if (type_.width <= 4) {
    set<int16_t>(row, static_cast<int16_t>(low));
  } else if (type_.width <= 9) {
    set<int32_t>(row, static_cast<int32_t>(low));
  } else if (type_.width <= 18) {
    set<int64_t>(row, low);
  } else {
    set<HugeInt>(row, unscaled);
  }
}

ChunkReaderView::ChunkReaderView(duckdb_data_chunk chunk, const std::vector<Type>& types)
    : rows_(library().data_chunk_get_size(chunk)) {
  columns_.reserve(types.size());
  for (size_t index = 0; index < types.size(); ++index) {
    duckdb_vector vector = library().data_chunk_get_vector(chunk, index);
    columns_.emplace_back(library().vector_get_data(vector), library().vector_get_validity(vector),
                          types[index]);
  }
}

ChunkReaderView::ChunkReaderView(duckdb_data_chunk chunk) : rows_(library().data_chunk_get_size(chunk)) {
  const size_t count = library().data_chunk_get_column_count(chunk);
  columns_.reserve(count);
  for (size_t index = 0; index < count; ++index) {
    duckdb_vector vector = library().data_chunk_get_vector(chunk, index);
    const LogicalTypeHandle type(library().vector_get_column_type(vector));
    columns_.emplace_back(library().vector_get_data(vector), library().vector_get_validity(vector),
                          from_logical(type.get()));
  }
}

const ColumnReader& ChunkReaderView::column(size_t index) const {
  CHECK(index < columns_.size());
  return columns_[index];
}

void ChunkWriterView::attach(duckdb_data_chunk chunk, const std::vector<ColumnDef>& columns) {
  chunk_ = chunk;
  rows_ = 0;
  columns_.clear();
  vectors_.assign(columns.size(), WrittenVector{});
  for (size_t index = 0; index < columns.size(); ++index) {
    duckdb_vector vector = library().data_chunk_get_vector(chunk, index);
    vectors_[index].vector = vector;
    columns_.emplace_back(&vectors_[index], library().vector_get_data(vector), columns[index].type);
  }
}

size_t ChunkWriterView::capacity() const {
  return library().vector_size();
}

ColumnWriter& ChunkWriterView::column(size_t index) {
  CHECK(index < columns_.size());
  return columns_[index];
}

void ChunkWriterView::set_rows(size_t rows) {
  CHECK(rows <= capacity());
  rows_ = rows;
  library().data_chunk_set_size(chunk_, rows);
}

}  // namespace godwit::duck
