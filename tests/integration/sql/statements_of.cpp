// statements_of FILE: one line for each statement of a PostgreSQL script: kind, offset, length, offset and
// length of its COPY data, and what classify says: p parsed, w judged by its words, - not asked. An error is
// a line on standard error and exit code 1.
#include "sql/classify.h"
#include "sql/script.h"

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>

namespace {

int print_statements_of(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string script{std::istreambuf_iterator<char>(file), {}};
  const auto statements = godwit::sql::split(script, godwit::sql::Dialect::postgres);
  if (!statements) {
    const auto& error = statements.error();
    std::fprintf(stderr, "%s:%d:%d: %s\n", path, error.where.line, error.where.column, error.message.c_str());
    return 1;
  }
  for (const auto& statement : *statements) {
    const bool meta = statement.kind == godwit::sql::Statement::Kind::meta;
    char judged = '-';
    if (!meta) {
      const auto facts = godwit::sql::classify(statement.text, godwit::sql::Dialect::postgres);
      if (!facts) {
        std::fprintf(stderr, "%s:%d: %s\n", path, statement.line, facts.error().message.c_str());
        return 1;
      }
      judged = facts->parsed ? 'p' : 'w';
    }
    const size_t data = statement.copy_data.data() == nullptr
                            ? 0
                            : static_cast<size_t>(statement.copy_data.data() - script.data());
    std::printf("%s %zu %zu %zu %zu %c\n",
                meta                                                        ? "meta"
                : statement.kind == godwit::sql::Statement::Kind::copy_data ? "copy"
                                                                            : "sql",
                statement.offset, statement.text.size(), data, statement.copy_data.size(), judged);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    return print_statements_of(argv[1]);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "statements_of: %s\n", problem.what());
    return 1;
  }
}
