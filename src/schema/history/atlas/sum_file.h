// atlas.sum: one running SHA-256 over the names and bytes of all files in the order of their names, noted
// after each; so an edit changes the line of its file and all below. Its first line is a SHA-256 over the
// others.
#pragma once

#include "base/result.h"
#include "schema/migration.h"

#include <optional>
#include <string>
#include <vector>

namespace godwit::schema {

struct AtlasSum {
  std::string file;
  std::string sum;  // base64, without "h1:"
};

// `files`: the migrations, sorted by name. Files that say "atlas:sum ignore" have no line.
[[nodiscard]] std::vector<AtlasSum> atlas_sums(const std::vector<const MigrationFile*>& files);
// The text of atlas.sum.
[[nodiscard]] std::string atlas_sum_text(const std::vector<AtlasSum>& sums);
// Ok when `recorded` (atlas.sum) says what the files are; else ErrorKind::config with the first file that was
// added, edited or removed.
[[nodiscard]] Status verify_sums(const MigrationFile& recorded, const std::vector<AtlasSum>& sums);

// The values of "-- atlas:NAME value". Atlas looks for some of them ("sum", "delimiter") at the very
// beginning of a file, for others ("txmode", "checkpoint") in its head: comments that a blank line divides
// from the SQL. Nothing when it is not there; "" when it has no value.
[[nodiscard]] std::optional<std::string> first_directive(std::string_view text, std::string_view name);
[[nodiscard]] std::optional<std::string> head_directive(std::string_view text, std::string_view name);

}  // namespace godwit::schema
