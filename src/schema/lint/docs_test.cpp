// docs/LINT.md is the table of rules, written out. UPDATE_GOLDEN=1 rewrites it.
#include "os/files.h"
#include "schema/lint/rules/rule.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace godwit::schema::lint {
namespace {

constexpr const char* head =
    "# Lint\n\n<!-- Written from src/schema/lint/rules: UPDATE_GOLDEN=1 godwit_schema_test "
    "--gtest_filter=LintDocs.* -->\n\n"
    "What `godwit db lint` finds in migrations before anybody runs them. How it is used: "
    "[SCHEMA.md](SCHEMA.md#lint).\n\n"
    "A rule is known by its id, and by the codes that other linters give it. Broken on purpose, it is "
    "allowed with a\n"
    "reason: `-- godwit:allow ID: REASON` on the line above the statement, or `-- godwit:allow-file ID: "
    "REASON` before the\n"
    "first. A rule that is *off* says nothing.\n\n"
    "Lock and duration are those of the example; a finding says what its own statement takes. *instant*: the "
    "catalog only ·\n"
    "*scan*: every row is read, or an index is built · *rewrite*: every row is written again · *unbounded*: "
    "nothing bounds it.\n";

std::string code(std::string_view sql) {
  return fmt::format("```sql\n{}\n```\n", sql);
}

std::string page() {
  std::string text = head;
  for (const Topic topic :
       {Topic::locks, Topic::compatibility, Topic::data, Topic::design, Topic::script, Topic::history}) {
    text += fmt::format("\n## Rules: {}\n", to_string(topic));
    for (const Rule* rule : all_rules()) {
      if (rule->topic != topic) continue;
      text += fmt::format("\n### {}\n\n{}.\n\n", rule->id, rule->summary);
      text += fmt::format("{}{}", to_string(rule->severity),
                          rule->dialect == For::sqlite ? " · SQLite"
                          : rule->dialect == For::both ? " · PostgreSQL, SQLite"
                                                       : " · PostgreSQL");
      if (rule->lock != sql::LockMode::none)
        text += fmt::format(" · lock: {} (blocks {})", sql::to_string(rule->lock), blocked_by(rule->lock));
      if (rule->duration != Duration::none) text += fmt::format(" · {}", to_string(rule->duration));
      if (!rule->alias.empty()) text += fmt::format(" · also known as {}", rule->alias);
      text += fmt::format("\n\n{}\n", rule->why);
      if (!rule->bad.empty())
        text += fmt::format("\nFound:\n\n{}\nNot found:\n\n{}", code(rule->bad), code(rule->good));
    }
  }
  return text;
}

TEST(LintDocs, AreTheTableOfRules) {
  const std::string file = "docs/LINT.md";
  const char* update = std::getenv("UPDATE_GOLDEN");
  if (update != nullptr && std::string_view(update) == "1") {
    ASSERT_TRUE(os::write_file(file, page(), os::FileReaders::everybody).ok());
    return;
  }
  const auto text = os::read_file(file);
  ASSERT_TRUE(text.ok()) << text.error().text();
  EXPECT_TRUE(*text == page()) << file << " is not what the rules say: UPDATE_GOLDEN=1 rewrites it";
}

}  // namespace
}  // namespace godwit::schema::lint
