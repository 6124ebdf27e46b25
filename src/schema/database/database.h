// The connection to a database whose structure changes: PostgreSQL or SQLite, with the account's own
// settings, as the tool that a history belongs to would see them. One thread at a time.
#pragma once

#include "base/result.h"
#include "config/store_settings.h"
#include "schema/history/history.h"
#include "sql/dialect.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::schema {

// Why a message of statements was refused, as far as it can be said of a script that a person wrote.
struct Refusal {
  std::string sqlstate;  // PostgreSQL; empty on SQLite
  std::string message;   // the database's own words
  bool may_quote_values = true;
  size_t statement = 0;        // which one of those that were sent; their number = the message as a whole
  std::optional<size_t> byte;  // where inside it
};

class Database {
 public:
  virtual ~Database() = default;
  [[nodiscard]] virtual sql::Dialect dialect() const = 0;
  // The database's name (SQLite: the file's path): what locks are keyed by and people are told.
  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual std::string server_version() const = 0;
  [[nodiscard]] virtual int server_version_number() const = 0;  // 150004; SQLite: 3040001
  // Session state does not survive a statement: a transaction pooler stands in between.
  [[nodiscard]] virtual bool pooled() const = 0;
  [[nodiscard]] virtual bool alive() const = 0;

  // One query, its rows as text.
  [[nodiscard]] virtual Result<std::vector<Row>> rows(const std::string& sql) = 0;
  // The rows of several queries in one round trip where the database can; nullopt where a table, or the
  // schema it is looked for in, is not there.
  [[nodiscard]] virtual Result<std::vector<std::optional<std::vector<Row>>>> rows_where_there(
      const std::vector<std::string>& queries) = 0;
  // Statements in order, in one message where the database can (PostgreSQL: one round trip). Stops at the
  // first that is refused; an open transaction is then rolled back. `refusal()` says more.
  [[nodiscard]] virtual Status run(const std::vector<std::string>& statements) = 0;
  // The same also after somebody asked to stop: for what must end once it has begun.
  [[nodiscard]] virtual Status run_to_the_end(const std::vector<std::string>& statements) {
    return run(statements);
  }
  // COPY … FROM stdin with its inline data. PostgreSQL only.
  [[nodiscard]] virtual Status copy(const std::string& statement, std::string_view data) = 0;
  [[nodiscard]] const std::optional<Refusal>& refusal() const { return refusal_; }
  // After work that followed a refusal: what is to be told is still the first one.
  void set_refusal(std::optional<Refusal> refusal) { refusal_ = std::move(refusal); }

  // Statements that bring back the settings that the session began with.
  [[nodiscard]] virtual std::vector<std::string> reset_sql() const { return {}; }

  // SQL expressions.
  [[nodiscard]] virtual std::string now() const = 0;

 protected:
  std::optional<Refusal> refusal_;
};

// What a PostgreSQL session of ours calls itself.
constexpr std::string_view application_name = "godwit db";

[[nodiscard]] inline sql::Dialect dialect_of(const StoreEndpoint& endpoint) {
  return endpoint.kind == "sqlite" ? sql::Dialect::sqlite : sql::Dialect::postgres;
}

// ErrorKind::failed because a table, or the schema it is looked for in, is not there.
[[nodiscard]] bool is_undefined_table(const Database& database, const Error& error);

// `cancel` outlives the database and may be nullptr. Errors name store and environment.
[[nodiscard]] Result<std::unique_ptr<Database>> open_database(const StoreEndpoint& endpoint,
                                                              const std::atomic<bool>* cancel);

}  // namespace godwit::schema
