// What godwit keeps in a target: the marker row of every run, and what its undo needs.
//
//   godwit_run         one row per run and store: the marker. It stands in the same transaction as the data.
//   godwit_undo_table  one row per loaded dataset of a run, in load order
//   godwit_undo        one row per row of the run:
//                        insert     inserted and owned: its undo deletes it; after: the hash of its image
//                        shared     a shared or needed row that the run inserted: the same
//                        reference  a shared or needed row that was there already
//                        update     overwritten: the row before and after; deleted: after is NULL
//                      relation (the table) stands where other runs must find the row again by its key
// Keys and images are packed values: each keeps its storage class.
#pragma once

#include "base/result.h"
#include "connect/sink.h"
#include "sqlite/database.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::connect {

// Creates the tables where they are missing and the marker row; its number. A run that is there already is an
// Error.
[[nodiscard]] Result<int64_t> write_marker(sqlite::Database& database, const RunMarker& marker,
                                           int64_t now_us);

struct MarkerRow {
  int64_t number = 0;
  std::string state;  // "committed", "undone"
};
[[nodiscard]] Result<std::optional<MarkerRow>> read_marker(sqlite::Database& database, const std::string& run,
                                                           const std::string& store);

// A list of values as bytes: per value its storage class, then eight bytes (integer, real) or length and
// bytes.
[[nodiscard]] std::string pack_values(const std::vector<sqlite::Value>& values);
[[nodiscard]] std::vector<sqlite::Value> unpack_values(std::string_view bytes);
// Eight bytes of a row's image: whether it is still what it was. 2 and 2.0 are alike.
[[nodiscard]] std::string image_hash(std::vector<sqlite::Value> image);
// The key's values as UndoTable writes them; a blob in hexadecimal digits.
[[nodiscard]] std::string key_text(const std::vector<sqlite::Value>& key);
[[nodiscard]] std::string pack_names(const std::vector<std::string>& names);
[[nodiscard]] std::vector<std::string> unpack_names(std::string_view bytes);

}  // namespace godwit::connect
