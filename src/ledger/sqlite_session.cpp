#include "ledger/session.h"
#include "os/files.h"
#include "sqlite/database.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

namespace godwit::ledger {

namespace {

class SqliteSession final : public Session {
 public:
  explicit SqliteSession(std::unique_ptr<sqlite::Database> database) : database_(std::move(database)) {}

  Result<bool> has_table(const std::string& name) override {
    ASSIGN_OR_RETURN(
        const int64_t found,
        database_->number("SELECT count(*) FROM sqlite_schema WHERE name = ?1", {sqlite::Value::text(name)}));
    return found > 0;
  }

  Status set_up(const std::string& script) override {
    ASSIGN_OR_RETURN(sqlite::Transaction transaction, sqlite::Transaction::begin(*database_));
    RETURN_IF_ERROR(database_->run(script));
    return transaction.commit();
  }

  Result<std::vector<TextRow>> query(const std::string& sql, size_t columns,
                                     const std::vector<Argument>& arguments) override {
    ASSIGN_OR_RETURN(sqlite::Statement statement, prepare(sql, arguments));
    std::vector<TextRow> rows;
    for (;;) {
      ASSIGN_OR_RETURN(const bool more, statement.step());
      if (!more) return rows;
      TextRow& row = rows.emplace_back();
      for (size_t column = 0; column < columns; ++column) {
        row.emplace_back(statement.text(static_cast<int>(column)));
      }
    }
  }

  Result<int64_t> change(const std::string& sql, const std::vector<Argument>& arguments) override {
    ASSIGN_OR_RETURN(sqlite::Statement statement, prepare(sql, arguments));
    return statement.run();
  }

  Status begin() override {
    ASSIGN_OR_RETURN(sqlite::Transaction begun, sqlite::Transaction::begin(*database_));
    transaction_.emplace(std::move(begun));
    return {};
  }

  Status commit() override {
    const Status done = transaction_->commit();
    transaction_.reset();  // a failed COMMIT is rolled back
    return done;
  }

  void roll_back() noexcept override { transaction_.reset(); }

 private:
  Result<sqlite::Statement> prepare(const std::string& sql, const std::vector<Argument>& arguments) {
    std::string own = sql;  // $1 would be a name here, ?1 is a number
    std::replace(own.begin(), own.end(), '$', '?');
    ASSIGN_OR_RETURN(sqlite::Statement statement, database_->prepare(own));
    for (size_t i = 0; i < arguments.size(); ++i) {
      const int index = static_cast<int>(i) + 1;
      const Argument& argument = arguments[i];
      if (argument.is_number) {
        statement.bind(index, argument.number);
      } else {
        statement.bind_text(index, argument.text);
      }
    }
    return statement;
  }

  std::unique_ptr<sqlite::Database> database_;
  std::optional<sqlite::Transaction> transaction_;
};

// Write-ahead: readers (godwit status) do not stop a run. FULL: a commit that returned survives a power cut.
// To change the mode SQLite wants the file for itself and does not wait for it: whoever makes the ledger
// beside us is done soon.
Status prepare_file(sqlite::Database& database) {
  Status ready;
  for (int attempt = 0; attempt < 300; ++attempt) {
    ready = database.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON");
    if (ready.ok() || ready.error().kind != ErrorKind::locked) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return ready;
}

}  // namespace

Result<std::unique_ptr<Session>> open_sqlite_session(const std::string& path) {
  RETURN_IF_ERROR(os::make_folder(os::parent_folder(os::absolute_path(path))));
  ASSIGN_OR_RETURN(auto database, sqlite::Database::open(path, {sqlite::OpenMode::create, 15'000}));
  RETURN_IF_ERROR(prepare_file(*database));
  return std::unique_ptr<Session>(std::make_unique<SqliteSession>(std::move(database)));
}

}  // namespace godwit::ledger
