// One statement as a check sees it, and where it says what it found. Internal to src/schema/lint.
#pragma once

#include "schema/lint/lint.h"
#include "schema/lint/scene.h"
#include "sql/script.h"

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::schema::lint {

// Found of one statement, before allowances.
struct Found {
  const Rule* rule = nullptr;
  LintFinding finding;
  // Judged at the end only: nothing, when by then the scene has the key indexed or a primary key.
  std::string unless_indexed, unless_primary_key;
};

// The lock that matters is one that an earlier statement of the transaction took.
void say_held(Found& found, sql::LockMode lock, std::vector<std::string> tables);

// A command of ALTER TABLE.
struct AlterCommand {
  std::string form;                            // "AT_AddColumn"
  std::string name;                            // column or constraint, where the form has one
  const nlohmann::json* definition = nullptr;  // never null
  bool cascades = false;
  std::string_view text;  // its own words; empty when they could not be told apart
};

class Look {
 public:
  const LintOptions& options;
  const Scene& scene;
  const Script& script;
  const sql::Statement& statement;
  const sql::StatementFacts& facts;
  sql::Node node;               // type "" when there is no tree
  bool in_transaction = false;  // with other statements of the file
  size_t of = 0;                // statements in the file
  std::vector<Found>& found;

  // `lower`: what is seen may be harmless, as nobody can tell without the database.
  Found& report(std::string_view rule, std::string message, std::string rewrite = {}, bool lower = false);

  [[nodiscard]] const LiveTable* live(std::string_view table) const;
  // The altered table and what is done to it; nothing for another statement.
  [[nodiscard]] std::string altered_table() const;
  [[nodiscard]] std::vector<AlterCommand> alter_commands() const;
  // The other commands of the same ALTER TABLE, which a rewrite must not lose, as a statement; empty when
  // there are none.
  [[nodiscard]] std::string others_than(const AlterCommand& command) const;
  // A file of its own that is not run in a transaction, as the tool writes it.
  [[nodiscard]] std::string in_its_own_file(const std::string& sql) const;
};

// The commands of an ALTER TABLE as they are written, divided at its commas; empty when they are not `count`.
[[nodiscard]] std::vector<std::string_view> divide_alter(std::string_view statement, size_t count);

// "CREATE INDEX x" -> "CREATE INDEX CONCURRENTLY x": `word` behind the first `after`; empty when it is not
// there.
[[nodiscard]] std::string with_word_after(std::string_view statement, std::string_view after,
                                          std::string_view word);

}  // namespace godwit::schema::lint
