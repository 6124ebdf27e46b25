#include "connect/sqlite/load/run_tables.h"

#include "base/check.h"
#include "base/text.h"
#include "duck/row_digest.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

namespace godwit::connect {

using sqlite::Value;
using sqlite::ValueType;

namespace {

constexpr const char* create_script = R"sql(
CREATE TABLE IF NOT EXISTS godwit_run (
  number INTEGER PRIMARY KEY,
  run TEXT NOT NULL,
  store TEXT NOT NULL,
  pipeline TEXT NOT NULL,
  scope TEXT NOT NULL,
  plan_hash TEXT NOT NULL,
  strategy TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('committed', 'undone')),
  loaded_us INTEGER NOT NULL,
  undone_us INTEGER NOT NULL DEFAULT 0,
  format INTEGER NOT NULL DEFAULT 1,
  UNIQUE (run, store)
);
CREATE TABLE IF NOT EXISTS godwit_undo_table (
  run_number INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  dataset TEXT NOT NULL,
  relation TEXT NOT NULL,
  key_columns BLOB NOT NULL,
  image_columns BLOB NOT NULL,
  whole_rows INTEGER NOT NULL,
  PRIMARY KEY (run_number, ordinal)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS godwit_undo (
  run_number INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('insert', 'shared', 'reference', 'update')),
  relation TEXT,
  key BLOB NOT NULL,
  before_image BLOB,
  after_image BLOB,
  PRIMARY KEY (run_number, ordinal, seq)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS godwit_undo_key ON godwit_undo (relation, key) WHERE relation IS NOT NULL;
)sql";

// What a newer godwit wrote is not read: it may mean something else.
Status check_format(sqlite::Database& database) {
  constexpr int64_t known_format = 1;
  ASSIGN_OR_RETURN(const int64_t format, database.number("SELECT coalesce(max(format), 1) FROM godwit_run"));
  if (format <= known_format) return {};
  return make_error(
      ErrorKind::config,
      fmt::format("table godwit_run of the target has format {}, this godwit knows {}", format, known_format),
      "use the godwit that wrote it, or a newer one");
}

void append_bytes(std::string& out, const void* from, size_t size) {
  out.append(static_cast<const char*>(from), size);
}

template <typename T>
T take(std::string_view& bytes) {
  CHECK(bytes.size() >= sizeof(T));
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

}  // namespace

Result<int64_t> write_marker(sqlite::Database& database, const RunMarker& marker, int64_t now_us) {
  RETURN_IF_ERROR(database.run(create_script));
  ASSIGN_OR_RETURN(const auto there, read_marker(database, marker.run, marker.store));
  if (there.has_value()) {
    return make_error(
        ErrorKind::failed,
        "run " + marker.run + " is in store " + marker.store + " already (" + there->state + ")",
        "see: godwit status");
  }
  ASSIGN_OR_RETURN(auto insert,
                   database.prepare("INSERT INTO godwit_run (run, store, pipeline, scope, plan_hash, "
                                    "strategy, state, loaded_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
                                    "'committed', ?7)"));
  insert.bind_text(1, marker.run).bind_text(2, marker.store).bind_text(3, marker.pipeline);
  insert.bind_text(4, marker.scope)
      .bind_text(5, marker.plan_hash)
      .bind_text(6, marker.strategy)
      .bind(7, now_us);
  ASSIGN_OR_RETURN([[maybe_unused]] const int64_t added, insert.run());
  return database.last_insert_rowid();
}

Result<std::optional<MarkerRow>> read_marker(sqlite::Database& database, const std::string& run,
                                             const std::string& store) {
  ASSIGN_OR_RETURN(
      const int64_t tables,
      database.number("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'godwit_run'"));
  if (tables == 0) return std::optional<MarkerRow>();
  RETURN_IF_ERROR(check_format(database));
  ASSIGN_OR_RETURN(const auto rows,
                   database.rows("SELECT number, state FROM godwit_run WHERE run = ?1 AND store = ?2",
                                 {Value::text(run), Value::text(store)}));
  if (rows.empty()) return std::optional<MarkerRow>();
  return std::optional<MarkerRow>({rows[0][0].integer, rows[0][1].bytes});
}

std::string pack_values(const std::vector<Value>& values) {
  std::string out;
  for (const Value& value : values) {
    out += static_cast<char>(value.type);
    switch (value.type) {
      case ValueType::null:
        break;
      case ValueType::integer:
        append_bytes(out, &value.integer, sizeof value.integer);
        break;
      case ValueType::real:
        append_bytes(out, &value.real, sizeof value.real);
        break;
      case ValueType::text:
      case ValueType::blob: {
        const auto size = static_cast<uint32_t>(value.bytes.size());
        append_bytes(out, &size, sizeof size);
        out += value.bytes;
        break;
      }
    }
  }
  return out;
}

std::vector<Value> unpack_values(std::string_view bytes) {
  std::vector<Value> values;
  while (!bytes.empty()) {
    Value& value = values.emplace_back();
    value.type = static_cast<ValueType>(take<uint8_t>(bytes));
    switch (value.type) {
      case ValueType::null:
        break;
      case ValueType::integer:
        value.integer = take<int64_t>(bytes);
        break;
      case ValueType::real:
        value.real = take<double>(bytes);
        break;
      case ValueType::text:
      case ValueType::blob: {
        const auto size = take<uint32_t>(bytes);
        CHECK(bytes.size() >= size);
        value.bytes = std::string(bytes.substr(0, size));
        bytes.remove_prefix(size);
        break;
      }
    }
  }
  return values;
}

std::string image_hash(std::vector<Value> image) {
  // RETURNING gives a whole number of a REAL column as an integer, SELECT as a real.
  constexpr double whole_max = 9007199254740992.0;  // 2^53
  for (Value& value : image) {
    if (value.type == ValueType::real && std::abs(value.real) < whole_max &&
        value.real == std::trunc(value.real)) {
      value = Value::of(static_cast<int64_t>(value.real));
    }
  }
  std::string out;
  const int64_t hash = duck::bytes_hash(pack_values(image));
  append_bytes(out, &hash, sizeof hash);
  return out;
}

std::string key_text(const std::vector<Value>& key) {
  std::string text;
  for (const Value& value : key) {
    if (!text.empty()) text += ',';
    std::string part = value.bytes;
    if (value.type == ValueType::integer) part = std::to_string(value.integer);
    if (value.type == ValueType::real) part = fmt::format("{}", value.real);
    if (value.type == ValueType::blob) part = to_hex(value.bytes);
    for (const char c : part) {
      if (key.size() > 1 && (c == ',' || c == '\\')) text += '\\';
      text += c;
    }
  }
  return text;
}

std::string pack_names(const std::vector<std::string>& names) {
  std::vector<Value> values;
  for (const std::string& name : names)
    values.push_back(Value::text(name));
  return pack_values(values);
}

std::vector<std::string> unpack_names(std::string_view bytes) {
  std::vector<std::string> names;
  for (Value& value : unpack_values(bytes))
    names.push_back(std::move(value.bytes));
  return names;
}

}  // namespace godwit::connect
