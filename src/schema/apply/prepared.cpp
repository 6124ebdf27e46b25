#include "schema/apply/prepared.h"

#include "base/text.h"

#include <fmt/format.h>

namespace godwit::schema {

namespace {

Error at(const Script& script, const sql::Statement& statement, std::string message, std::string hint) {
  Error error = make_error(ErrorKind::config, std::move(message), std::move(hint));
  error.where = place_of(script, statement);
  return error;
}

std::string first_word(std::string_view text) {
  const size_t end = text.find_first_of(" \t\r\n;");
  return to_lower_ascii(text.substr(0, end));
}

// What pg_dump writes for psql's own protection, and what every session does anyway.
bool says_nothing_here(std::string_view meta) {
  const std::string word = first_word(meta);
  if (word == "\\restrict" || word == "\\unrestrict") return true;
  return word == "\\set" && to_lower_ascii(meta).find("on_error_stop") != std::string::npos;
}

bool begins(const PreparedStatement& prepared) {
  return prepared.facts.transaction_control &&
         (prepared.facts.command == "BEGIN" || prepared.facts.command == "START TRANSACTION");
}

bool commits(const PreparedStatement& prepared) {
  return prepared.facts.transaction_control &&
         (prepared.facts.command == "COMMIT" || prepared.facts.command == "END");
}

// BEGIN … COMMIT around the whole file says what happens anyway.
void drop_outer_transaction(std::vector<PreparedStatement>& statements) {
  if (statements.size() < 2 || !begins(statements.front()) || !commits(statements.back())) return;
  statements.pop_back();
  statements.erase(statements.begin());
}

Status decide_mode(const Script& script, PreparedScript& prepared) {
  bool copies = false;
  const PreparedStatement* outside = nullptr;
  for (const PreparedStatement& one : prepared.statements) {
    copies = copies || one.statement.kind == sql::Statement::Kind::copy_data;
    if (one.facts.transaction_control && one.facts.command != "SAVEPOINT" && one.facts.command != "RELEASE") {
      return at(script, one.statement, fmt::format("{} in the middle of a migration", one.facts.command),
                "godwit opens and ends the transaction: divide the file, or mark it as not transactional");
    }
    if (!one.facts.transactional && outside == nullptr) outside = &one;
  }
  if (outside != nullptr && script.transaction == TransactionMode::always) {
    return at(
        script, outside->statement,
        fmt::format("{} cannot run in a transaction, and the file asks for one", outside->facts.command),
        outside->facts.why_not);
  }
  if (outside != nullptr) prepared.why = outside->facts.why_not;
  if (outside != nullptr || script.transaction == TransactionMode::never) {
    prepared.mode = RunMode::by_statement;
  } else if (copies) {
    prepared.mode = RunMode::one_transaction;
  }
  return {};
}

}  // namespace

SourceLocation place_of(const Script& script, const sql::Statement& statement) {
  return {script.file, script.first_line + statement.line - 1, statement.column};
}

bool makes_others_queue(const sql::StatementFacts& facts) {
  return facts.lock > sql::LockMode::share_update_exclusive;
}

Status fits_shared_sessions(const Script& script, const PreparedScript& prepared) {
  if (prepared.mode != RunMode::by_statement) return {};
  for (const PreparedStatement& one : prepared.statements) {
    const bool unlimited = !one.facts.transactional && makes_others_queue(one.facts);
    if (!one.facts.changes_session && !unlimited) continue;
    return at(script, one.statement,
              unlimited ? one.facts.command +
                              " lets others queue behind it for as long as it waits, and behind a "
                              "transaction pooler no limit can be set"
                        : one.facts.command +
                              " is meant for the session, and behind a transaction pooler the "
                              "next statement may meet another one",
              "connect past the pooler, or, if it pools by session, say so: migrations: {lock: session}");
  }
  return {};
}

Result<PreparedScript> prepare(const Script& script, sql::Dialect dialect, int server_version) {
  auto statements = sql::split(script.sql, dialect);
  if (!statements.ok()) {
    Error error = statements.error();
    error.where.file = script.file;
    error.where.line += script.first_line - 1;
    return error;
  }
  PreparedScript prepared;
  for (const sql::Statement& statement : *statements) {
    if (statement.kind == sql::Statement::Kind::meta) {
      if (says_nothing_here(statement.text)) continue;
      return at(script, statement, fmt::format("{} is a command of psql", first_word(statement.text)),
                "a migration is sent to the server: write it as SQL");
    }
    ASSIGN_OR_RETURN(auto facts, sql::classify(statement.text, dialect, server_version));
    prepared.statements.push_back({statement, std::move(facts)});
  }
  drop_outer_transaction(prepared.statements);
  RETURN_IF_ERROR(decide_mode(script, prepared));
  return prepared;
}

}  // namespace godwit::schema
