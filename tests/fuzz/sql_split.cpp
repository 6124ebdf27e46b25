// SQL scripts from anybody: split, or refused with a place; nothing is left out but blanks, comments and
// semicolons, and what was split once stays whole.
#include "sql/classify.h"
#include "sql/meaning.h"
#include "sql/script.h"
#include "tests/fuzz/input.h"

namespace godwit::sql {
namespace {

using Kind = Statement::Kind;

// Blanks, comments and semicolons: a script of nothing. The mark at the start of a file is one there only.
bool says_nothing(std::string_view gap, Dialect dialect) {
  const auto statements = split(gap, dialect);
  return statements.ok() && statements->empty();
}

bool inside(std::string_view part, std::string_view script) {
  return part.data() >= script.data() && part.data() + part.size() <= script.data() + script.size();
}

// What stands behind the data of a COPY: the line that ends them.
void take_terminator(std::string_view& gap) {
  const size_t line = gap.find("\\.");
  fuzz::demand(line == 0, "COPY data end at the line of a backslash and a dot");
  gap.remove_prefix(std::min(gap.find('\n'), gap.size()));
}

void look_at_pieces(std::string_view script, const std::vector<Statement>& statements, Dialect dialect) {
  size_t at = 0;
  for (const Statement& statement : statements) {
    fuzz::demand(!statement.text.empty() && inside(statement.text, script),
                 "a statement is a part of the script");
    fuzz::demand(statement.text.data() == script.data() + statement.offset, "the offset is that of the text");
    fuzz::demand(statement.offset >= at, "statements follow one another");
    fuzz::demand(statement.line >= 1 && statement.column >= 1, "a statement has a place");
    fuzz::demand(says_nothing(script.substr(at, statement.offset - at), dialect),
                 "between two statements stands nothing");
    at = statement.offset + statement.text.size();
    if (statement.copy_data.data() == nullptr) continue;
    fuzz::demand(inside(statement.copy_data, script), "COPY data are a part of the script");
    const auto data = static_cast<size_t>(statement.copy_data.data() - script.data());
    fuzz::demand(data > at && says_nothing(script.substr(at, data - at), dialect), "data follow their COPY");
    std::string_view rest = script.substr(data + statement.copy_data.size());
    take_terminator(rest);
    at = script.size() - rest.size();
  }
  fuzz::demand(says_nothing(script.substr(at), dialect), "behind the last statement stands nothing");
}

void look_at_statement(const Statement& statement, Dialect dialect) {
  if (statement.kind == Kind::meta || statement.text.starts_with("\xEF\xBB\xBF")) return;
  std::string text(statement.text);
  if (statement.kind == Kind::copy_data) text += ";\n" + std::string(statement.copy_data) + "\\.\n";
  const auto again = split(text, dialect);
  fuzz::demand(again.ok() && again->size() == 1, "a statement is one statement");
  fuzz::demand(again->front().text == statement.text && again->front().copy_data == statement.copy_data,
               "a statement by itself is the same");
  const auto facts = classify(statement.text, dialect);
  fuzz::demand(facts.ok(), "every statement can be judged");
  fuzz::demand(facts->transactional == facts->why_not.empty(), "what is not transactional has a reason");
}

void look_at(std::string_view script, Dialect dialect) {
  const auto statements = split(script, dialect);
  const std::string form = canonical(script, dialect);
  if (!statements.ok()) {
    fuzz::demand(statements.error().kind == ErrorKind::config,
                 "a script that cannot be split is a wrong script");
    fuzz::demand(statements.error().where.line >= 1 && statements.error().where.column >= 1,
                 "a refusal has a place");
    const bool as_it_is = form == script || form.find("\r\n") == std::string::npos;
    fuzz::demand(as_it_is && form.size() <= script.size(),
                 "a script that cannot be split is its own meaning");
    return;
  }
  look_at_pieces(script, *statements, dialect);
  for (const Statement& statement : *statements)
    look_at_statement(statement, dialect);
  if (form.starts_with("\xEF\xBB\xBF")) return;
  fuzz::demand(canonical(form, dialect) == form, "the meaning of a meaning is itself");
}

}  // namespace
}  // namespace godwit::sql

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view script(reinterpret_cast<const char*>(data), size);
  godwit::sql::look_at(script, godwit::sql::Dialect::postgres);
  godwit::sql::look_at(script, godwit::sql::Dialect::sqlite);
  return 0;
}
