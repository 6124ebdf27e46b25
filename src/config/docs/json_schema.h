// The key table as JSON Schema (draft-07, what editors complete from) and as the reference part of
// docs/CONFIGURATION.md. Pure.
#pragma once

#include "config/schema/key_table.h"

#include <string>
#include <string_view>

namespace godwit::config {

// Ends with a newline. `title`: "godwit.yml".
[[nodiscard]] std::string json_schema(const ObjectSchema& root, std::string_view title);
// Markdown: one section per object, one table row per key.
[[nodiscard]] std::string reference_page();

}  // namespace godwit::config
