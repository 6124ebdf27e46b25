// PostgreSQL's parser, sealed: libpg_query's tree as JSON. Inside this folder only; others take tree.h.
#pragma once

#include "sql/tree.h"

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

namespace godwit::sql {

// The statements of the text, or nothing when the parser refuses it. The tree is written recursively: the
// caller bounds the number of tokens.
[[nodiscard]] std::optional<nlohmann::json> parse(std::string_view text);

}  // namespace godwit::sql
