#include "pg/rows.h"

#include "base/check.h"
#include "pg/session_state.h"

#include <charconv>

namespace godwit::pg {
namespace {

int64_t to_number(std::string_view text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

Rows::Rows(std::unique_ptr<Result> result) : result_(std::move(result)) {}
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;
Rows::~Rows() = default;

size_t Rows::size() const {
  return static_cast<size_t>(libpq().PQntuples(result_->handle.get()));
}

size_t Rows::columns() const {
  return static_cast<size_t>(libpq().PQnfields(result_->handle.get()));
}

bool Rows::is_null(size_t row, size_t column) const {
  CHECK(row < size() && column < static_cast<size_t>(libpq().PQnfields(result_->handle.get())));
  return libpq().PQgetisnull(result_->handle.get(), static_cast<int>(row), static_cast<int>(column)) != 0;
}

std::string_view Rows::text(size_t row, size_t column) const {
  CHECK(row < size() && column < static_cast<size_t>(libpq().PQnfields(result_->handle.get())));
  const int r = static_cast<int>(row);
  const int c = static_cast<int>(column);
  return {libpq().PQgetvalue(result_->handle.get(), r, c),
          static_cast<size_t>(libpq().PQgetlength(result_->handle.get(), r, c))};
}

std::optional<std::string> Rows::optional(size_t row, size_t column) const {
  if (is_null(row, column)) return std::nullopt;
  return string(row, column);
}

int64_t Rows::number(size_t row, size_t column) const {
  return to_number(text(row, column));
}

int64_t Rows::affected() const {
  return to_number(libpq().PQcmdTuples(result_->handle.get()));
}

}  // namespace godwit::pg
