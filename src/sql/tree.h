// The parse tree of one PostgreSQL statement, as a value: what src/schema/lint judges, and what `classify`
// judged.
//
// The shape is that of the server's parser (15), protobuf in JSON: a node is an object with its type as the
// only key ({"IndexStmt": {…}}), false and zero are left out, enumerations are their names in parsenodes.h.
// The names of fields are those of parsenodes.h too. Copies share the tree; any thread may read it.
#pragma once

#include "sql/classify.h"

#include <functional>
#include <memory>
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

class Tree {
 public:
  explicit Tree(nlohmann::json statement);  // an element of `stmts`
  // The statement's own node; valid as long as a copy of the tree lives.
  [[nodiscard]] Node statement() const;

 private:
  std::shared_ptr<const nlohmann::json> root_;
};

struct Classified {
  StatementFacts facts;
  std::optional<Tree> tree;  // PostgreSQL, and only where facts.parsed
};

// As classify, which it is the whole of: the parser runs once for both.
[[nodiscard]] Result<Classified> classify_with_tree(std::string_view statement, Dialect dialect,
                                                    int server_version = 150000);

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

// "s.t" of a RangeVar and of the parts of a name, in double quotes where needed: StatementFacts' spelling.
[[nodiscard]] std::string relation_name(const nlohmann::json& range_variable);
[[nodiscard]] std::string qualified(const std::vector<std::string>& parts);

}  // namespace godwit::sql
