// Declared types of SQLite: what a column is meant to hold, and the affinity that decides what it stores.
// Affinity rules: SQLite documentation, "Datatypes In SQLite", §3.1.
#pragma once

#include "model/catalog.h"
#include "model/dataset.h"

#include <cstdint>
#include <string_view>

namespace godwit::connect {

enum class Affinity : uint8_t { text, numeric, integer, real, blob };
[[nodiscard]] Affinity affinity_of(std::string_view declared);

// Fills the type fields of the column from its declared type: "VARCHAR(40)", "" (none), "TIMESTAMP".
void describe_type(std::string_view declared, Column& column);

// How a column is staged. SQLite stores what it is given, so a value may not fit: the read then says so and
// the column is staged as text (restage_sqlstate).
[[nodiscard]] DatasetColumn stage_sqlite_column(const Column& column);

}  // namespace godwit::connect
