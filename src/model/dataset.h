// A dataset: one table's rows inside a run, staged as Parquet. Plain values.
#pragma once

#include "model/catalog.h"
#include "model/closure.h"
#include "model/mask_rule.h"

#include <cstdint>
#include <string>
#include <vector>

namespace godwit {

// How a column stands in Parquet. `text` columns hold the store's own text form (PostgreSQL's output with
// pinned settings), lossless, loaded back as text.
enum class StagingType : uint8_t {
  boolean,
  int16,
  int32,
  int64,
  float32,
  float64,
  decimal,
  text,
  binary,
  date,
  time,
  timestamp,
  timestamptz,
  uuid,
};
[[nodiscard]] std::string_view to_string(StagingType type);

struct DatasetColumn {
  std::string name;
  StagingType staging = StagingType::text;
  int precision = 0, scale = 0;  // decimal
  bool as_text = false;          // the source casts the value to its text form
  bool sql_text = false;  // a text-like SQL type: text staging is the value itself, not a rendering of it
};

// The name of the staged boolean column that tells owned rows from needed ones, in datasets that hold both.
inline constexpr std::string_view owned_column_name = "godwit$owned";

// What the plan knows and prints of a column's mask.
struct MaskFacts {
  bool always_changes = false;  // no value comes out as it went in (an empty text stays empty)
  bool injective = false;
  int mac_bits = 0;      // of an injective mask: 0 = a bijection, else the bits that keep fakes apart
  double capacity = 0;   // distinct fakes
  bool reserved = true;  // fakes belong to nobody by construction
  std::string text;      // "first name from 815, by subject student"
};

struct Dataset {
  std::string id;  // "ids.public.students"
  std::string store;
  Table table;  // as the source's catalog says; generated columns are not among `columns`
  TableClosure closure;
  std::vector<DatasetColumn> columns;
  std::vector<MaskSpec> masks;          // parallel to columns
  std::vector<std::string> mask_rules;  // parallel: the name of the rule that decided
  std::vector<MaskFacts> mask_facts;    // parallel
  // Parallel: the column that identifies the person of a mask's subject; empty without one.
  std::vector<std::string> subject_columns;
  bool has_owned_column = false;
};

// What one mask did to one column, counted while it streamed.
struct MaskCount {
  std::string column;
  std::string rule;
  int64_t values = 0;  // not NULL
  int64_t nulls = 0;
  int64_t unchanged = 0;  // came out as they went in
};

// What extraction wrote, per dataset (manifest.json).
struct DatasetFile {
  std::string path;  // relative to the run's folder
  int64_t rows = 0;
  int64_t bytes = 0;
  std::string sha256;
};
struct DatasetManifest {
  std::string id;
  int64_t rows = 0;
  int64_t owned_rows = 0;
  int64_t needed_rows = 0;
  int64_t bytes = 0;
  std::string digest;  // order-independent 128-bit row digest, hexadecimal
  std::vector<DatasetFile> files;
  std::vector<MaskCount> masks;
  // Columns that were staged as text after all, because a value did not fit the planned staging type.
  std::vector<std::string> restaged_columns;
};

}  // namespace godwit
