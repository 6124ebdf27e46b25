// The few SQL calls that a ledger needs, over SQLite and PostgreSQL alike. Internal to this folder.
#pragma once

#include "base/result.h"
#include "base/secret.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::ledger {

// The value of $1, $2, …
struct Argument {
  Argument(int64_t value) : number(value), is_number(true) {}  // NOLINT(google-explicit-constructor)
  Argument(std::string_view value) : text(value) {}            // NOLINT(google-explicit-constructor)
  Argument(const std::string& value) : text(value) {}          // NOLINT(google-explicit-constructor)
  std::string text;
  int64_t number = 0;
  bool is_number = false;
};

// A row, all as text; NULL is empty.
using TextRow = std::vector<std::string>;

// One thread at a time. Every statement outside a transaction commits by itself, durably.
class Session {
 public:
  virtual ~Session() = default;
  [[nodiscard]] virtual Result<bool> has_table(const std::string& name) = 0;
  // A script without parameters, whole or not at all, while no other process runs one.
  [[nodiscard]] virtual Status set_up(const std::string& script) = 0;
  // Every row; `columns` is how many the statement returns.
  [[nodiscard]] virtual Result<std::vector<TextRow>> query(const std::string& sql, size_t columns,
                                                           const std::vector<Argument>& arguments) = 0;
  // The number of rows that the statement changed.
  [[nodiscard]] virtual Result<int64_t> change(const std::string& sql,
                                               const std::vector<Argument>& arguments) = 0;
  // A transaction in which no other process can begin, take over or end a run.
  [[nodiscard]] virtual Status begin() = 0;
  [[nodiscard]] virtual Status commit() = 0;
  virtual void roll_back() noexcept = 0;
};

[[nodiscard]] Result<std::unique_ptr<Session>> open_sqlite_session(const std::string& path);
// Lives in schema "godwit_ledger", which set_up() makes.
[[nodiscard]] Result<std::unique_ptr<Session>> open_postgres_session(const Secret& url);

}  // namespace godwit::ledger
