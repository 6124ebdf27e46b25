// PostgreSQL's parser, sealed: libpg_query's tree as JSON. Inside this folder only.
//
// The shape is libpg_query's, protobuf in JSON: a node is an object with its type as the only key, false and
// zero are left out; pg_query.proto names everything.
#pragma once

#include "sql/classify.h"

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::sql {

// One node: "IndexStmt" and what it holds.
struct Node {
  std::string type;
  const nlohmann::json* value;  // never null; belongs to the tree
};

// The statements of the text, or nothing when the parser refuses it. The tree is written recursively: the
// caller bounds the number of tokens.
[[nodiscard]] std::optional<nlohmann::json> parse(std::string_view text);

// Access that takes what is left out for empty.
[[nodiscard]] Node unwrap(const nlohmann::json& wrapped);
[[nodiscard]] const nlohmann::json& child(const nlohmann::json& value, const char* key);
[[nodiscard]] const nlohmann::json& items_of(const nlohmann::json& value, const char* key);  // an array
[[nodiscard]] std::string text_of(const nlohmann::json& value, const char* key);
[[nodiscard]] bool flag(const nlohmann::json& value, const char* key);
// The strings of a List, {"List": {"items": [{"String": …}]}}, of an array of Strings, of a TypeName or of a
// single String.
[[nodiscard]] std::vector<std::string> names_of(const nlohmann::json& wrapped);
// A DefElem of a list of options by its name; null when it is not there.
[[nodiscard]] const nlohmann::json* option(const nlohmann::json& options, std::string_view name);
// Whether some object of the tree, `value` included, fulfils the condition; it is told the key under which
// the object stands. Not recursive: a chain of operators is as deep as it is long.
[[nodiscard]] bool any_object(
    const Node& top, const std::function<bool(const std::string& key, const nlohmann::json&)>& condition);
// Whether the option means true, as the server reads it: WITH (x), x = on, x = 1.
[[nodiscard]] bool means_true(const nlohmann::json& definition);

}  // namespace godwit::sql
