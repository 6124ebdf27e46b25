#include "schema/database/sqlite.h"

#include "base/text.h"
#include "sqlite/database.h"

#include <fmt/format.h>

#include <charconv>

namespace godwit::schema {

namespace {

std::optional<std::string> text_of(const sqlite::Value& value) {
  switch (value.type) {
    case sqlite::ValueType::null:
      return std::nullopt;
    case sqlite::ValueType::integer:
      return std::to_string(value.integer);
    case sqlite::ValueType::real:
      return fmt::format("{}", value.real);
    default:
      return value.bytes;
  }
}

class SqliteDatabase final : public Database {
 public:
  explicit SqliteDatabase(std::unique_ptr<sqlite::Database> database) : database_(std::move(database)) {}

  sql::Dialect dialect() const override { return sql::Dialect::sqlite; }
  std::string name() const override { return database_->path(); }
  std::string server_version() const override { return "SQLite " + sqlite::Database::library_version(); }
  int server_version_number() const override {
    int number = 0;
    for (const std::string& part : split(sqlite::Database::library_version(), '.')) {
      int digits = 0;
      std::from_chars(part.data(), part.data() + part.size(), digits);
      number = number * 1000 + digits;
    }
    return number;
  }
  bool pooled() const override { return false; }
  bool alive() const override { return true; }
  std::string now() const override { return "strftime('%Y-%m-%d %H:%M:%f', 'now')"; }

  Result<std::vector<Row>> rows(const std::string& sql) override {
    refusal_.reset();
    auto answered = database_->rows(sql);
    if (!answered.ok()) {
      note_refusal(answered.error(), 0);
      return answered.error();
    }
    std::vector<Row> rows;
    for (const auto& values : *answered) {
      Row row;
      for (const sqlite::Value& value : values)
        row.push_back(text_of(value));
      rows.push_back(std::move(row));
    }
    return rows;
  }

  Result<std::vector<std::optional<std::vector<Row>>>> rows_where_there(
      const std::vector<std::string>& queries) override {
    std::vector<std::optional<std::vector<Row>>> found;
    for (const std::string& query : queries) {
      auto answer = rows(query);
      if (!answer.ok() && !is_undefined_table(*this, answer.error())) return answer.error();
      found.push_back(answer.ok() ? std::optional(std::move(answer).value()) : std::nullopt);
    }
    return found;
  }

  Status run(const std::vector<std::string>& statements) override {
    refusal_.reset();
    for (size_t i = 0; i < statements.size(); ++i) {
      const Status status = database_->run(statements[i]);
      if (status.ok()) continue;
      note_refusal(status.error(), i);
      // What was asked for has failed already; the next statement would say that the transaction is still
      // open.
      if (database_->in_transaction()) static_cast<void>(database_->run("ROLLBACK"));
      return status;
    }
    return {};
  }

  Status copy(const std::string& /*statement*/, std::string_view /*data*/) override {
    return make_error(ErrorKind::config, "COPY … FROM stdin is PostgreSQL's");
  }

 private:
  void note_refusal(const Error& error, size_t statement) {
    refusal_ = Refusal{"", error.message, false, statement, std::nullopt};
  }

  std::unique_ptr<sqlite::Database> database_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite_database(const StoreEndpoint& endpoint,
                                                       const std::atomic<bool>* cancel) {
  sqlite::OpenOptions options;
  options.mode = endpoint.read_only ? sqlite::OpenMode::read_only : sqlite::OpenMode::create;
  options.busy_timeout_ms = 10'000;
  options.cancel = cancel;
  auto database = sqlite::Database::open(endpoint.path, options);
  if (!database.ok())
    return wrap(database.error(), fmt::format("database {} in {}", endpoint.store, endpoint.environment));
  return std::unique_ptr<Database>(new SqliteDatabase(std::move(database).value()));
}

}  // namespace godwit::schema
