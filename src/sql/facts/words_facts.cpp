// A statement judged by its words. Where they leave a doubt, the answer is the careful one: not
// transactional, destructive, the stronger lock.
#include "base/text.h"
#include "sql/facts/relations.h"
#include "sql/facts/words.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace godwit::sql {
namespace {

using Words = std::initializer_list<std::string_view>;

// The words outside of parentheses, looked through in order.
class Outline {
 public:
  explicit Outline(const std::vector<Token>& tokens) {
    int depth = 0;
    for (const Token& token : tokens) {
      depth -= static_cast<int>(token.kind == TokenKind::closes);
      if (depth <= 0) tokens_.push_back(token);
      depth += static_cast<int>(token.kind == TokenKind::opens);
    }
  }

  [[nodiscard]] size_t size() const { return tokens_.size(); }
  [[nodiscard]] const Token& at(size_t index) const {
    static const Token nothing;
    return index < tokens_.size() ? tokens_[index] : nothing;
  }
  [[nodiscard]] size_t find(std::string_view word) const {
    const auto found = std::ranges::find_if(tokens_, [word](const Token& token) { return token.is(word); });
    return static_cast<size_t>(found - tokens_.begin());
  }
  [[nodiscard]] bool has(std::string_view word) const { return find(word) < tokens_.size(); }
  [[nodiscard]] bool at_is(size_t index, Words words) const {
    return std::ranges::any_of(words, [&](std::string_view word) { return at(index).is(word); });
  }
  // The first index from here on that holds none of these.
  [[nodiscard]] size_t past(size_t index, Words words) const {
    while (at_is(index, words))
      ++index;
    return index;
  }
  // The qualified name that starts here, and its end; empty when none does.
  [[nodiscard]] std::string name(size_t& index) const {
    std::vector<std::string> parts;
    while (at(index).kind == TokenKind::word || at(index).kind == TokenKind::quoted) {
      parts.push_back(part(at(index)));
      ++index;
      if (at(index).text != ".") break;
      ++index;
    }
    return qualified(parts);
  }

 private:
  static std::string part(const Token& token) {
    if (token.kind == TokenKind::word) return to_lower_ascii(token.text);
    const char mark = token.text.back();
    std::string plain;
    for (size_t i = token.text.find_first_of("\"`[") + 1; i + 1 < token.text.size(); ++i) {
      plain += token.text[i];
      if (token.text[i] == mark) ++i;
    }
    return plain;
  }

  std::vector<Token> tokens_;
};

bool drops_column(const Outline& outline) {
  for (size_t i = 0; i < outline.size(); ++i)
    if (outline.at(i).is("drop") &&
        !outline.at_is(i + 1, {"constraint", "not", "default", "expression", "identity"}))
      return true;
  return false;
}

bool is_one_of(std::string_view command, Words commands) {
  return std::ranges::find(commands, command) != commands.end();
}

bool is_destructive(const Outline& outline, const std::string& command) {
  if (command.starts_with("DROP "))
    return outline.has("cascade") ||
           is_one_of(command, {"DROP TABLE", "DROP SCHEMA", "DROP DATABASE", "DROP SEQUENCE", "DROP OWNED",
                               "DROP MATERIALIZED VIEW", "DROP FOREIGN TABLE", "DROP TABLESPACE"});
  if (command == "ALTER TABLE" || command == "ALTER TYPE" || command == "ALTER FOREIGN TABLE")
    return outline.has("cascade") || drops_column(outline);
  if (command == "DELETE" || command == "UPDATE") return !outline.has("where");
  return command == "TRUNCATE";
}

bool is_session_call(const Token& token) {
  if (token.kind != TokenKind::word) return false;
  const std::string name = to_lower_ascii(token.text);
  return name == "set_config" || name.starts_with("pg_advisory_lock") ||
         name.starts_with("pg_try_advisory_lock");
}

bool makes_temporary(const Outline& outline) {
  return outline.at(0).is("create") &&
         outline.at_is(outline.past(1, {"or", "replace", "local", "global"}), {"temp", "temporary"});
}

std::string why_not(const Outline& outline, const std::string& command) {
  const bool concurrently = command.ends_with(" CONCURRENTLY") && !command.starts_with("REFRESH");
  const bool detached = command == "ALTER TABLE" && outline.has("detach") && outline.has("concurrently");
  const bool whole = command == "CLUSTER" && outline.past(1, {"verbose"}) >= outline.size();
  const bool listed = is_one_of(
      command, {"VACUUM", "CREATE DATABASE", "DROP DATABASE", "CREATE TABLESPACE", "DROP TABLESPACE",
                "CREATE SUBSCRIPTION", "DROP SUBSCRIPTION", "ALTER SYSTEM", "REINDEX SCHEMA",
                "REINDEX DATABASE", "REINDEX SYSTEM", "DISCARD ALL", "COMMIT PREPARED", "ROLLBACK PREPARED"});
  return concurrently || detached || whole || listed ? command + " cannot run inside a transaction" : "";
}

// Where the locked tables stand, and how strong the lock is.
struct Locking {
  std::string_view command;
  std::string_view before;  // the word before the table; empty: the command itself
  LockMode mode;
};

constexpr std::array<Locking, 20> lockings = {{
    {"CREATE INDEX", "on", LockMode::share},
    {"CREATE INDEX CONCURRENTLY", "on", LockMode::share_update_exclusive},
    {"CREATE TRIGGER", "on", LockMode::share_row_exclusive},
    {"CREATE POLICY", "on", LockMode::access_exclusive},
    {"ALTER TABLE", "table", LockMode::access_exclusive},
    {"ALTER FOREIGN TABLE", "table", LockMode::access_exclusive},
    {"DROP TABLE", "table", LockMode::access_exclusive},
    {"DROP FOREIGN TABLE", "table", LockMode::access_exclusive},
    {"DROP VIEW", "view", LockMode::access_exclusive},
    {"DROP MATERIALIZED VIEW", "view", LockMode::access_exclusive},
    {"REFRESH MATERIALIZED VIEW", "view", LockMode::access_exclusive},
    {"REFRESH MATERIALIZED VIEW CONCURRENTLY", "concurrently", LockMode::exclusive},
    {"TRUNCATE", "truncate", LockMode::access_exclusive},
    {"INSERT", "into", LockMode::row_exclusive},
    {"REPLACE", "into", LockMode::row_exclusive},
    {"MERGE", "into", LockMode::row_exclusive},
    {"UPDATE", "update", LockMode::row_exclusive},
    {"DELETE", "from", LockMode::row_exclusive},
    {"LOCK", "lock", LockMode::access_exclusive},
    {"COPY", "copy", LockMode::row_exclusive},
}};

void find_tables(const Outline& outline, StatementFacts& facts) {
  const auto locking = std::ranges::find(lockings, facts.command, &Locking::command);
  if (locking == lockings.end()) {
    if (facts.command == "DROP INDEX") facts.lock = LockMode::access_exclusive;
    if (facts.command == "SELECT") facts.lock = LockMode::access_share;
    return;
  }
  facts.lock = locking->mode;
  const bool online = facts.command == "ALTER TABLE" && outline.has("detach") && outline.has("concurrently");
  if (online) facts.lock = LockMode::share_update_exclusive;
  const bool several = facts.command.starts_with("DROP ") || facts.command == "TRUNCATE";
  size_t index = outline.find(locking->before) + 1;
  do {
    index = outline.past(
        index, {"if", "exists", "only", "table", "or", "abort", "fail", "ignore", "replace", "rollback"});
    const std::string name = outline.name(index);
    if (!name.empty()) facts.tables.push_back({name, facts.lock});
  } while (several && outline.at(index++).text == ",");
}

std::optional<IndexName> concurrent_index(const Outline& outline, const StatementFacts& facts) {
  if (facts.command != "CREATE INDEX CONCURRENTLY" && facts.command != "DROP INDEX CONCURRENTLY")
    return std::nullopt;
  size_t index = outline.past(outline.find("concurrently") + 1, {"if", "not", "exists"});
  IndexName found;
  if (!outline.at(index).is("on")) found.name = outline.name(index);
  if (!facts.tables.empty()) found.table = facts.tables.front().table;
  return found;
}

constexpr std::array<std::string_view, 7> session_commands = {"LISTEN",     "UNLISTEN", "LOAD", "PREPARE",
                                                              "DEALLOCATE", "RESET",    "SET"};

}  // namespace

void judge_postgres_by_words(const std::vector<Token>& tokens, StatementFacts& facts) {
  const Outline outline(tokens);
  facts.why_not = why_not(outline, facts.command);
  facts.transactional = facts.why_not.empty();
  const bool only_here = facts.command == "SET" && outline.at_is(1, {"local", "transaction", "constraints"});
  facts.changes_session =
      (std::ranges::find(session_commands, facts.command) != session_commands.end() && !only_here) ||
      facts.command.starts_with("DISCARD") || makes_temporary(outline) ||
      std::ranges::any_of(tokens, is_session_call);
  facts.destructive = is_destructive(outline, facts.command);
  find_tables(outline, facts);
  facts.concurrent_index = concurrent_index(outline, facts);
}

// A PRAGMA with a value belongs to the connection, except for the three that are written into the file.
void judge_sqlite(const std::vector<Token>& tokens, StatementFacts& facts) {
  const Outline outline(tokens);
  const bool pragma = facts.command == "PRAGMA";
  size_t index = 1;
  std::string setting = pragma ? outline.name(index) : "";
  setting.erase(0, setting.find('.') + 1);
  const bool sets = pragma && index < outline.size();
  if (facts.command == "VACUUM" || facts.command == "DETACH")
    facts.why_not = facts.command + " cannot run inside a transaction";
  if (sets && is_one_of(setting, {"foreign_keys", "journal_mode", "synchronous"}))
    facts.why_not = "PRAGMA " + setting + " changes nothing inside a transaction";
  facts.transactional = facts.why_not.empty();
  facts.changes_session =
      (sets && !is_one_of(setting, {"user_version", "application_id", "schema_version"})) ||
      facts.command == "ATTACH" || facts.command == "DETACH" || makes_temporary(outline);
  facts.destructive = is_destructive(outline, facts.command);
  find_tables(outline, facts);
  facts.lock = LockMode::none;
  for (TableLock& table : facts.tables)
    table.mode = LockMode::none;
}

}  // namespace godwit::sql
