#include "schema/database/postgres.h"

#include "connect/postgres/endpoint.h"
#include "pg/copy.h"
#include "pg/session.h"

namespace godwit::schema {

namespace {

// The byte at which the character of that number (from 1) begins.
size_t byte_of_character(std::string_view text, int64_t character) {
  size_t byte = 0;
  for (int64_t seen = 1; byte < text.size(); ++byte) {
    if ((static_cast<unsigned char>(text[byte]) & 0xC0U) == 0x80U) continue;
    if (seen == character) break;
    ++seen;
  }
  return byte;
}

std::vector<Row> texts_of(const pg::Rows& answered) {
  std::vector<Row> rows(answered.size());
  for (size_t row = 0; row < answered.size(); ++row) {
    for (size_t column = 0; column < answered.columns(); ++column)
      rows[row].push_back(answered.optional(row, column));
  }
  return rows;
}

class PostgresDatabase final : public Database {
 public:
  explicit PostgresDatabase(std::unique_ptr<pg::Session> session) : session_(std::move(session)) {}

  sql::Dialect dialect() const override { return sql::Dialect::postgres; }
  std::string name() const override { return session_->facts().database; }
  std::string server_version() const override {
    return "PostgreSQL " + session_->facts().server_version_text;
  }
  int server_version_number() const override { return session_->facts().server_version; }
  bool pooled() const override { return session_->facts().pooled; }
  bool alive() const override { return session_->alive(); }
  std::string now() const override { return "pg_catalog.now()"; }

  Result<std::vector<Row>> rows(const std::string& sql) override {
    refusal_.reset();
    auto answered = session_->query(sql);
    if (!answered.ok()) {
      note_refusal({sql}, sql);
      return answered.error();
    }
    return texts_of(*answered);
  }

  Result<std::vector<std::optional<std::vector<Row>>>> rows_where_there(
      const std::vector<std::string>& queries) override {
    refusal_.reset();
    ASSIGN_OR_RETURN(const auto answers, session_->query_together(queries));
    std::vector<std::optional<std::vector<Row>>> found;
    for (const auto& answer : answers) {
      if (!answer.ok() && !is_undefined_table(*this, answer.error())) return answer.error();
      found.push_back(answer.ok() ? std::optional(texts_of(*answer)) : std::nullopt);
    }
    return found;
  }

  Status run(const std::vector<std::string>& statements) override {
    refusal_.reset();
    std::string message;
    for (const std::string& statement : statements) {
      message += statement;
      // On a line of its own: a statement may end in a comment.
      message += "\n;\n";
    }
    const Status status = session_->run(message);
    if (status.ok()) return status;
    note_refusal(statements, message);
    if (session_->alive() && session_->in_transaction()) {
      const pg::CancelPause must_end(*session_);
      // What was asked for has failed already; an unsuccessful rollback leaves a connection that says so.
      static_cast<void>(session_->run("ROLLBACK"));
    }
    return status;
  }

  Status run_to_the_end(const std::vector<std::string>& statements) override {
    const pg::CancelPause must_end(*session_);
    return run(statements);
  }

  Status copy(const std::string& statement, std::string_view data) override {
    refusal_.reset();
    auto open = session_->copy_in(statement);
    Status status = open.ok() ? Status() : Status(open.error());
    if (status.ok()) {
      status = open->put(data);
      if (status.ok()) {
        const auto loaded = open->finish();
        if (!loaded.ok()) status = loaded.error();
      }
    }
    if (!status.ok()) note_refusal({statement}, statement);
    return status;
  }

 private:
  void note_refusal(const std::vector<std::string>& statements, std::string_view message) {
    const auto& said = session_->last_refusal();
    if (!said) return;
    Refusal refusal{said->sqlstate, said->text, said->may_quote_values, said->statements_before,
                    std::nullopt};
    if (said->position > 0) {
      // A syntax error is found before anything runs: the place says which statement it is.
      size_t byte = byte_of_character(message, said->position);
      refusal.statement = 0;
      while (refusal.statement + 1 < statements.size() && byte > statements[refusal.statement].size()) {
        const size_t length = statements[refusal.statement].size() + 3;
        if (byte < length) break;
        byte -= length;
        ++refusal.statement;
      }
      refusal.byte = byte;
    }
    refusal_ = std::move(refusal);
  }

  std::unique_ptr<pg::Session> session_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_postgres_database(const StoreEndpoint& endpoint,
                                                         const std::atomic<bool>* cancel) {
  pg::ConnectOptions options = connect::postgres::connect_options(endpoint, cancel);
  options.pinned = false;
  options.application_name = application_name;
  ASSIGN_OR_RETURN(auto session, connect::postgres::open_session(endpoint, options));
  return std::unique_ptr<Database>(new PostgresDatabase(std::move(session)));
}

}  // namespace godwit::schema
