#include "ledger/session.h"
#include "pg/session.h"
#include "pg/transaction.h"

#include <optional>

namespace godwit::ledger {

namespace {

// Any number of our own: two ledgers being made at once must not collide.
constexpr const char* set_up_lock = "SELECT pg_advisory_xact_lock(7811328504216593257)";
constexpr const char* our_schema = "SET search_path = godwit_ledger";

class PostgresSession final : public Session {
 public:
  explicit PostgresSession(const Secret& url) { options_.url = url; }

  Status open() {
    options_.application_name = "godwit ledger";
    ASSIGN_OR_RETURN(session_, pg::Session::open(options_));
    return session_->run(our_schema);
  }

  Result<bool> has_table(const std::string& name) override {
    RETURN_IF_ERROR(revive());
    ASSIGN_OR_RETURN(const pg::Rows found, session_->query("SELECT 1 FROM pg_tables WHERE schemaname = "
                                                           "'godwit_ledger' AND tablename = $1",
                                                           {name}));
    return !found.empty();
  }

  Status set_up(const std::string& script) override {
    RETURN_IF_ERROR(revive());
    ASSIGN_OR_RETURN(pg::Transaction transaction, pg::Transaction::begin(*session_));
    RETURN_IF_ERROR(session_->run(set_up_lock));
    // A role that may not make schemas can use one that was made for it.
    ASSIGN_OR_RETURN(const pg::Rows there,
                     session_->query("SELECT 1 FROM pg_namespace WHERE nspname = 'godwit_ledger'"));
    if (there.empty()) RETURN_IF_ERROR(session_->run("CREATE SCHEMA godwit_ledger"));
    RETURN_IF_ERROR(session_->run(script));
    return transaction.commit();
  }

  Result<std::vector<TextRow>> query(const std::string& sql, size_t columns,
                                     const std::vector<Argument>& arguments) override {
    RETURN_IF_ERROR(revive());
    ASSIGN_OR_RETURN(const pg::Rows answer, session_->query(sql, as_text(arguments)));
    std::vector<TextRow> rows(answer.size());
    for (size_t row = 0; row < rows.size(); ++row) {
      for (size_t column = 0; column < columns; ++column)
        rows[row].push_back(answer.string(row, column));
    }
    return rows;
  }

  Result<int64_t> change(const std::string& sql, const std::vector<Argument>& arguments) override {
    RETURN_IF_ERROR(revive());
    return session_->execute(sql, as_text(arguments));
  }

  Status begin() override {
    RETURN_IF_ERROR(revive());
    ASSIGN_OR_RETURN(pg::Transaction begun, pg::Transaction::begin(*session_));
    transaction_.emplace(std::move(begun));
    // Conflicts with itself and not with readers.
    if (Status locked = session_->run("LOCK TABLE run IN SHARE ROW EXCLUSIVE MODE"); !locked.ok()) {
      roll_back();
      return locked;
    }
    return {};
  }

  Status commit() override {
    const Status done = transaction_->commit();
    transaction_.reset();
    return done;
  }

  void roll_back() noexcept override { transaction_.reset(); }

 private:
  // A run lasts longer than many a firewall keeps an idle connection.
  Status revive() {
    if (session_->alive() || transaction_.has_value()) return {};
    return open();
  }

  static std::vector<pg::Parameter> as_text(const std::vector<Argument>& arguments) {
    std::vector<pg::Parameter> parameters;
    for (const Argument& argument : arguments) {
      parameters.emplace_back(argument.is_number ? std::to_string(argument.number) : argument.text);
    }
    return parameters;
  }

  pg::ConnectOptions options_;
  std::unique_ptr<pg::Session> session_;
  std::optional<pg::Transaction> transaction_;
};

}  // namespace

Result<std::unique_ptr<Session>> open_postgres_session(const Secret& url) {
  auto session = std::make_unique<PostgresSession>(url);
  RETURN_IF_ERROR(session->open());
  return std::unique_ptr<Session>(std::move(session));
}

}  // namespace godwit::ledger
