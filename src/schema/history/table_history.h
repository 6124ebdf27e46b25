// A History that keeps one table: where it is, and how its values are written. The base of most of them.
#pragma once

#include "schema/history/history.h"
#include "schema/history/sql_text.h"

#include <string>
#include <string_view>

namespace godwit::schema {

class TableHistory : public History {
 public:
  [[nodiscard]] std::string_view tool() const override { return tool_; }
  [[nodiscard]] std::string table() const override {
    return schema_.empty() ? table_ : schema_ + "." + table_;
  }

 protected:
  // `schema`, `table`: what the tool takes when the options name none; an empty schema is the search path's.
  TableHistory(const HistoryOptions& options, std::string_view tool, std::string_view schema,
               std::string_view table)
      : tool_(tool),
        dialect_(options.dialect),
        schema_(!options.schema.empty() || !postgres() ? options.schema : std::string(schema)),
        table_(!options.table.empty() ? options.table : std::string(table)) {}

  [[nodiscard]] bool postgres() const { return dialect_ == sql::Dialect::postgres; }
  // Quoted.
  [[nodiscard]] std::string name() const { return qualified(schema_, table_); }
  [[nodiscard]] std::string text(std::string_view value) const { return literal(value, dialect_); }
  [[nodiscard]] std::string text_or_null(std::string_view value) const {
    return literal_or_null(value, dialect_);
  }
  [[nodiscard]] const std::string& schema() const { return schema_; }
  [[nodiscard]] const std::string& table_name() const { return table_; }
  [[nodiscard]] sql::Dialect dialect() const { return dialect_; }

 private:
  std::string_view tool_;
  sql::Dialect dialect_;
  std::string schema_, table_;
};

}  // namespace godwit::schema
