#include "connect/postgres/undo/undo_keys.h"

#include "base/check.h"
#include "base/text.h"
#include "connect/postgres/catalog/wire_type.h"
#include "connect/postgres/load/run_schema.h"
#include "connect/postgres/read/binary_form.h"
#include "connect/postgres/read/value_text.h"
#include "connect/postgres/undo/packed_numbers.h"
#include "pg/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace godwit::connect::postgres {
namespace {

constexpr uint32_t text_oid = 25;  // pg_type.dat: fixed for ever

bool is_integer(const Column& column) {
  const std::string& base = column.domain_base.empty() ? column.type_identity : column.domain_base;
  return base == "pg_catalog.int2" || base == "pg_catalog.int4" || base == "pg_catalog.int8";
}

template <typename T>
void append(std::string& out, T value) {
  char bytes[sizeof(T)];
  store_big_endian(bytes, value);
  out.append(bytes, sizeof bytes);
}

void append_text_field(std::string& out, std::string_view text) {
  append(out, static_cast<int32_t>(text.size()));
  out += text;
}

// array_recv's header: dimensions, no NULLs, element type, length, lower bound.
void append_array_header(std::string& out, uint32_t element, size_t length) {
  append(out, int32_t{1});
  append(out, int32_t{0});
  append(out, element);
  append(out, static_cast<int32_t>(length));
  append(out, int32_t{1});
}

bool usable(const Key& key, const Table& table, const std::vector<std::string>& loaded) {
  if (key.columns.empty() || !key.predicate.empty() || !key.expression.empty()) return false;
  return std::all_of(key.columns.begin(), key.columns.end(), [&](const std::string& name) {
    const Column* column = table.column(name);
    return column != nullptr && (key.primary || !column->nullable) &&
           std::find(loaded.begin(), loaded.end(), name) != loaded.end();
  });
}

}  // namespace

std::string row_text(const std::string& alias, const std::vector<std::string>& columns) {
  std::string list;
  for (const std::string& column : columns) {
    list += (list.empty() ? "" : ", ") + alias + "." + quote_identifier(column);
  }
  return "ROW(" + list + ")::text";
}

std::string RowIdentity::part(const std::string& a, size_t index) const {
  return whole_rows ? row_text(a, columns) : a + "." + quote_identifier(columns[index]);
}

std::string RowIdentity::part_text(const std::string& a, size_t index) const {
  return whole_rows ? part(a, index) : output_text(part(a, index), types[index]);
}

std::string RowIdentity::match(const std::string& a, const std::string& b) const {
  std::string sql;
  for (size_t i = 0; i < parts(); ++i)
    sql += (i == 0 ? "" : " AND ") + part(a, i) + " = " + part(b, i);
  return sql;
}

std::string key_array_sql(const RowIdentity& identity, const std::string& a) {
  std::string list;
  for (size_t i = 0; i < identity.parts(); ++i)
    list += (i == 0 ? "" : ", ") + identity.part_text(a, i);
  return "ARRAY[" + list + "]";
}

RowIdentity identity_of(const Table& table, const std::vector<std::string>& loaded) {
  RowIdentity identity;
  const auto key = std::find_if(table.keys.begin(), table.keys.end(),
                                [&](const Key& candidate) { return usable(candidate, table, loaded); });
  identity.whole_rows = key == table.keys.end();
  identity.columns = identity.whole_rows ? loaded : key->columns;
  for (const std::string& name : identity.columns) {
    const Column* column = table.column(name);
    CHECK(column != nullptr);
    identity.types.push_back(column->type_name);
    identity.integers.push_back(!identity.whole_rows && is_integer(*column));
  }
  return identity;
}

KeyRecorder::KeyRecorder(RowIdentity identity, std::vector<size_t> positions, std::string run,
                         std::string store, int ordinal)
    : identity_(std::move(identity)),
      positions_(std::move(positions)),
      run_(std::move(run)),
      store_(std::move(store)),
      ordinal_(ordinal),
      columns_(positions_.size() + 1) {
  CHECK(!identity_.whole_rows && positions_.size() == identity_.columns.size());
}

void KeyRecorder::add(const duck::ChunkReader& chunk, size_t row, int64_t hash) {
  for (size_t i = 0; i < positions_.size(); ++i) {
    const duck::ColumnReader& column = chunk.column(positions_[i]);
    if (!identity_.integers[i]) {
      std::string text;
      if (!column.is_null(row)) append_value_text(text, column, row);
      columns_[i].texts.push_back(std::move(text));
      continue;
    }
    int64_t value = 0;  // a NULL key cannot get past the target's constraint
    if (!column.is_null(row)) {
      switch (column.type().id) {
        case duck::TypeId::int16:
          value = column.get<int16_t>(row);
          break;
        case duck::TypeId::int32:
          value = column.get<int32_t>(row);
          break;
        case duck::TypeId::int64:
          value = column.get<int64_t>(row);
          break;
        default: {
          std::string text;
          append_value_text(text, column, row);
          value = std::strtoll(text.c_str(), nullptr, 10);
        }
      }
    }
    columns_[i].integers.push_back(value);
  }
  columns_.back().integers.push_back(hash);
  ++held_;
}

void KeyRecorder::append_row(std::string& out, size_t column, size_t from, size_t to) const {
  append(out, int16_t{7});  // the columns of flush()
  append_text_field(out, run_);
  append_text_field(out, store_);
  for (const int32_t number :
       {ordinal_, part_ + static_cast<int>(from / keys_per_row), static_cast<int32_t>(column)}) {
    append(out, int32_t{4});
    append(out, number);
  }
  if (holds_integers(column)) {
    const std::span<const int64_t> numbers(&columns_[column].integers[from], to - from);
    append(out, static_cast<int32_t>(packed_size(numbers)));
    append_packed(out, numbers);
    append(out, int32_t{-1});
    return;
  }
  append(out, int32_t{-1});
  size_t size = 20;
  for (size_t i = from; i < to; ++i)
    size += 4 + columns_[column].texts[i].size();
  append(out, static_cast<int32_t>(size));
  append_array_header(out, text_oid, to - from);
  for (size_t i = from; i < to; ++i)
    append_text_field(out, columns_[column].texts[i]);
}

Status KeyRecorder::flush(pg::Session& session) {
  if (held_ == 0) return {};
  ASSIGN_OR_RETURN(pg::CopyIn copy,
                   session.copy_in("COPY godwit.undo_key (run, store, ordinal, part, column_number, packed, "
                                   "texts) FROM STDIN (FORMAT binary)"));
  std::string out(copy_signature);
  out.append(8, '\0');
  const auto held = static_cast<size_t>(held_);
  for (size_t column = 0; column < columns_.size(); ++column) {
    for (size_t from = 0; from < held; from += keys_per_row) {
      append_row(out, column, from, std::min(held, from + keys_per_row));
      RETURN_IF_ERROR(copy.put(out));
      out.clear();
    }
    columns_[column].integers.clear();
    columns_[column].texts.clear();
  }
  append(out, int16_t{-1});
  RETURN_IF_ERROR(copy.put(out));
  ASSIGN_OR_RETURN(const int64_t ignored, copy.finish());
  static_cast<void>(ignored);
  part_ += static_cast<int>((held + keys_per_row - 1) / keys_per_row);
  held_ = 0;
  return {};
}

std::string pack_keys_sql(const RowIdentity& identity, const std::string& relation,
                          const std::string& condition, const std::string& hash, const std::string& run,
                          const std::string& store, int ordinal) {
  std::string sql;
  const size_t columns = identity.parts() + (hash.empty() ? 0 : 1);
  for (size_t i = 0; i < columns; ++i) {
    const bool is_hash = i == identity.parts();
    const bool integer = is_hash || (!identity.whole_rows && identity.integers[i]);
    const std::string packed = fmt::format("array_agg(k.key{} ORDER BY k.n)", integer ? "::bigint" : "");
    const std::string key = is_hash   ? "s." + hash
                            : integer ? identity.part("s", i)
                                      : identity.part_text("s", i);
    // The same order for every key column: the columns of one key stand at the same place.
    sql += fmt::format(
        "INSERT INTO godwit.undo_key (run, store, ordinal, part, column_number, integers, texts) SELECT {}, "
        "{}, {}, ((k.n - 1) / {})::int, {}, {}, {} FROM "
        "(SELECT {} AS key, row_number() OVER (ORDER BY s.ctid) AS n FROM {} s WHERE {}) k "
        "GROUP BY (k.n - 1) / {};",
        quote_literal(run), quote_literal(store), ordinal, keys_per_row, i, integer ? packed : "NULL",
        integer ? "NULL" : packed, key, relation, condition, keys_per_row);
  }
  return sql;
}

namespace {

std::string unpack_sql(const RowIdentity& identity, const std::string& run, const std::string& store,
                       int ordinal, bool hashes) {
  std::string from;
  std::string arrays;
  std::string names;
  std::string list;
  for (size_t i = 0; i < identity.parts() + (hashes ? 1 : 0); ++i) {
    const bool is_hash = i == identity.parts();
    const bool integer = is_hash || (!identity.whole_rows && identity.integers[i]);
    const std::string where =
        fmt::format("u{0}.run = {1} AND u{0}.store = {2} AND u{0}.ordinal = {3} AND u{0}.column_number = {0}",
                    i, quote_literal(run), quote_literal(store), ordinal);
    from += i == 0 ? "godwit.undo_key u0"
                   : fmt::format(" JOIN godwit.undo_key u{0} ON u{0}.part = u0.part AND {1}", i, where);
    arrays += (i == 0 ? "" : ", ") + (integer ? fmt::format("coalesce(u{}.integers, {})", i,
                                                            unpack_numbers_sql(fmt::format("u{}.packed", i)))
                                              : fmt::format("u{}.texts", i));
    names += fmt::format("{}k{}", i == 0 ? "" : ", ", i);
    const std::string key = fmt::format("k.k{}", i);
    if (is_hash) {
      list += ", " + key + " AS hash";
      continue;
    }
    list += fmt::format("{}{} AS k{}", i == 0 ? "" : ", ",
                        identity.whole_rows ? key
                        : integer           ? key + "::" + identity.types[i]
                                            : input_value(key, identity.types[i]),
                        i);
  }
  return fmt::format(
      "SELECT {} FROM {}, LATERAL unnest({}) AS k({}) WHERE u0.run = {} AND u0.store = {} AND u0.ordinal = "
      "{} "
      "AND u0.column_number = 0",
      list, from, arrays, names, quote_literal(run), quote_literal(store), ordinal);
}

}  // namespace

std::string unpack_keys_sql(const RowIdentity& identity, const std::string& run, const std::string& store,
                            int ordinal) {
  return unpack_sql(identity, run, store, ordinal, false);
}

std::string unpack_hashes_sql(const RowIdentity& identity, const std::string& run, const std::string& store,
                              int ordinal) {
  return unpack_sql(identity, run, store, ordinal, true);
}

}  // namespace godwit::connect::postgres
