// Rows: a complete small result in text form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::pg {

// Owns the result; move-only, independent of its Session. Indexes out of range are bugs (CHECK).
class Rows {
 public:
  struct Result;  // wraps libpq's
  explicit Rows(std::unique_ptr<Result> result);
  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) noexcept;
  ~Rows();

  [[nodiscard]] size_t size() const;
  [[nodiscard]] size_t columns() const;
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] bool is_null(size_t row, size_t column) const;
  // Empty for NULL; valid as long as the Rows.
  [[nodiscard]] std::string_view text(size_t row, size_t column) const;
  [[nodiscard]] std::string string(size_t row, size_t column) const { return std::string(text(row, column)); }
  [[nodiscard]] std::optional<std::string> optional(size_t row, size_t column) const;
  // 0 for NULL and for what is not a number.
  [[nodiscard]] int64_t number(size_t row, size_t column) const;
  [[nodiscard]] bool boolean(size_t row, size_t column) const { return text(row, column) == "t"; }
  // Rows that an INSERT, UPDATE, DELETE or COPY reports; 0 for other statements.
  [[nodiscard]] int64_t affected() const;

 private:
  std::unique_ptr<Result> result_;
};

}  // namespace godwit::pg
