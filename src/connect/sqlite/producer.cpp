#include "connect/sqlite/producer.h"

#include <fmt/format.h>

namespace godwit::connect {

SqliteProducer::SqliteProducer(std::shared_ptr<StoreConnection> connection, std::string sql,
                               std::string scope, const Dataset& dataset)
    : connection_(std::move(connection)),
      sql_(std::move(sql)),
      scope_(std::move(scope)),
      dataset_id_(dataset.id),
      has_owned_column_(dataset.has_owned_column) {
  for (const DatasetColumn& column : dataset.columns) {
    forms_.push_back(cell_form(column, dataset.table));
    columns_.push_back({column.name, staged_type(column)});
  }
  if (has_owned_column_) columns_.push_back({std::string(owned_column_name), {duck::TypeId::boolean}});
}

Error SqliteProducer::misfit(const CellForm& form, Fit fit) const {
  const std::string where =
      fmt::format("{}: column {}, row {} of the scan", dataset_id_, form.column, rows_ + 1);
  // A column that is text already has no other form to go to.
  if (fit == Fit::restage && form.staging != StagingType::text) {
    Error error = make_error(ErrorKind::failed, fmt::format("{}: a value does not fit staging type {}", where,
                                                            to_string(form.staging)));
    error.sqlstate = std::string(restage_sqlstate);
    error.hint = form.column;
    return error;
  }
  return make_error(ErrorKind::failed,
                    fmt::format("{}: a blob, or bytes that are not UTF-8, where text is declared", where),
                    "repair the row, or declare the column BLOB");
}

Result<bool> SqliteProducer::fill(size_t, duck::ChunkWriter& chunk) {
  chunk.set_rows(0);
  if (done_) return false;
  connection_->set_scope(scope_);  // another scan of this connection may have set its own in between
  if (!statement_.has_value()) {
    ASSIGN_OR_RETURN(sqlite::Statement prepared, connection_->database().prepare(sql_));
    statement_.emplace(std::move(prepared));
  }
  size_t row = 0;
  while (row < chunk.capacity()) {
    ASSIGN_OR_RETURN(const bool more, statement_->step());
    if (!more) {
      done_ = true;
      statement_.reset();
      break;
    }
    for (size_t i = 0; i < forms_.size(); ++i) {
      const Fit fit = read_cell(*statement_, static_cast<int>(i), forms_[i], chunk.column(i), row);
      if (fit != Fit::fits) return misfit(forms_[i], fit);
    }
    if (has_owned_column_) {
      chunk.column(forms_.size()).set<bool>(row, statement_->integer(static_cast<int>(forms_.size())) != 0);
    }
    ++row;
    ++rows_;
  }
  chunk.set_rows(row);
  return row > 0;
}

}  // namespace godwit::connect
