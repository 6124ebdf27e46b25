// A statement judged by its words alone: the name of its command, and everything else where no parser helps.
// Inside this folder only.
#pragma once

#include "sql/classify.h"
#include "sql/lexer.h"

#include <vector>

namespace godwit::sql {

[[nodiscard]] std::vector<Token> tokens_of(std::string_view statement, Dialect dialect);

// "CREATE INDEX CONCURRENTLY": the verb and the kind of object, without what stands between them; of a WITH
// what follows it.
[[nodiscard]] std::string command_of(const std::vector<Token>& tokens);

// BEGIN, COMMIT and their kin, by `command`; the same for both dialects.
[[nodiscard]] bool is_transaction_control(std::string_view command);
// Fill everything but `parsed`, `command` and `transaction_control`, which is set already.
void judge_postgres_by_words(const std::vector<Token>& tokens, StatementFacts& facts);
void judge_sqlite(const std::vector<Token>& tokens, StatementFacts& facts);

}  // namespace godwit::sql
