#include "sql/classify.h"

#include "sql/facts/effects.h"
#include "sql/facts/parser.h"
#include "sql/facts/relations.h"
#include "sql/facts/words.h"
#include "sql/script.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace godwit::sql {
namespace {

// libpg_query writes its tree recursively, and a chain of operators is as deep as it is long.
constexpr size_t tokens_parsed_max = 20000;

void judge_by_tree(const nlohmann::json& statement, int server_version, StatementFacts& facts) {
  const Node node = unwrap(child(statement, "stmt"));
  facts.why_not = why_not_transactional(node, server_version);
  facts.transactional = facts.why_not.empty();
  facts.changes_session = changes_session(node);
  facts.destructive = is_destructive(node);
  facts.concurrent_index = concurrent_index(node);
  find_locks(node, facts);
}

Error several() {
  return make_error(ErrorKind::config, "several statements where one is expected");
}

// By its words, a second statement would go unseen. A COPY comes without the data that sql::split demands.
Status expect_one(std::string_view text, const std::vector<Token>& tokens, Dialect dialect) {
  if (tokens.front().is("copy")) {
    int depth = 0;
    for (size_t i = 0; i + 1 < tokens.size(); ++i) {
      depth += static_cast<int>(tokens[i].kind == TokenKind::opens);
      depth -= static_cast<int>(tokens[i].kind == TokenKind::closes && depth > 0);
      if (depth == 0 && tokens[i].kind == TokenKind::semicolon) return several();
    }
    return {};
  }
  const auto statements = split(text, dialect);
  if (!statements) return statements.error();
  return statements->size() == 1 ? Status() : several();
}

}  // namespace

std::string_view to_string(LockMode mode) {
  constexpr std::array<std::string_view, 9> names = {
      "",      "ACCESS SHARE",        "ROW SHARE", "ROW EXCLUSIVE",   "SHARE UPDATE EXCLUSIVE",
      "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"};
  return names[static_cast<size_t>(mode)];
}

Result<StatementFacts> classify(std::string_view statement, Dialect dialect, int server_version) {
  ASSIGN_OR_RETURN(Classified classified, classify_with_tree(statement, dialect, server_version));
  return std::move(classified.facts);
}

Result<Classified> classify_with_tree(std::string_view statement, Dialect dialect, int server_version) {
  const std::vector<Token> tokens = tokens_of(statement, dialect);
  if (tokens.empty()) return make_error(ErrorKind::config, "no statement");
  if (std::ranges::any_of(tokens, [](const Token& token) { return token.kind == TokenKind::meta; }))
    return make_error(ErrorKind::config, "a psql command where a statement is expected");
  Classified classified;
  StatementFacts& facts = classified.facts;
  facts.command = command_of(tokens);
  facts.transaction_control = is_transaction_control(facts.command);
  if (dialect == Dialect::sqlite) {
    RETURN_IF_ERROR(expect_one(statement, tokens, dialect));
    facts.parsed = false;
    judge_sqlite(tokens, facts);
    std::ranges::sort(facts.tables, {}, &TableLock::table);
    return classified;
  }
  auto tree = tokens.size() > tokens_parsed_max ? std::nullopt : parse(statement);
  if (tree && tree->size() > 1) return several();
  facts.parsed = tree && tree->size() == 1;
  if (facts.parsed) {
    judge_by_tree(tree->front(), server_version, facts);
  } else {
    RETURN_IF_ERROR(expect_one(statement, tokens, dialect));
    judge_postgres_by_words(tokens, facts);
  }
  std::ranges::sort(facts.tables, {}, &TableLock::table);
  if (facts.parsed) classified.tree.emplace(std::move(tree->front()));
  return classified;
}

}  // namespace godwit::sql
