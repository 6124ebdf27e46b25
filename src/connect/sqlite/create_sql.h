// What SQLite tells only in the text of CREATE statements: check constraints, collations, partial indexes,
// triggers. A small tokenizer, no grammar: it reads what SQLite has already accepted.
#pragma once

#include "model/catalog.h"

#include <string>
#include <string_view>
#include <vector>

namespace godwit::connect {

struct SqlToken {
  enum class Kind : uint8_t { word, quoted, string, number, symbol };
  Kind kind = Kind::symbol;
  std::string text;  // without quotes for quoted and string
  size_t begin = 0, end = 0;
  // An unquoted word, compared without case.
  [[nodiscard]] bool is(std::string_view upper_case_word) const;
  [[nodiscard]] bool is_symbol(char symbol) const { return kind == Kind::symbol && text[0] == symbol; }
  [[nodiscard]] bool is_name() const { return kind == Kind::word || kind == Kind::quoted; }
};
// Comments and white space dropped.
[[nodiscard]] std::vector<SqlToken> tokenize_sql(std::string_view sql);

struct TableText {
  struct ColumnText {
    std::string name;
    std::string collation;  // as written; empty = BINARY
  };
  std::vector<ColumnText> columns;
  std::vector<CheckConstraint> checks;
  bool autoincrement = false;
};
[[nodiscard]] TableText read_create_table(const std::string& table, std::string_view sql);

// The predicate of a partial index, or empty; the indexed expressions as one text.
struct IndexText {
  std::string expressions;
  std::string predicate;
};
[[nodiscard]] IndexText read_create_index(std::string_view sql);

[[nodiscard]] Trigger read_create_trigger(const std::string& name, std::string_view sql);

// The labels of a check that is exactly: column IN ('a', 'b', …); empty for any other.
[[nodiscard]] std::vector<std::string> labels_of_check(std::string_view expression, std::string_view column);

}  // namespace godwit::connect
