// The rules of `godwit db lint`: one table, which the checks, the configuration, docs/LINT.md and the tests
// share. The example of a rule is its test: `bad` is found by it, `good` is not, and tests/integration/lint
// compares what is said of locks and rewrites with the server.
#pragma once

#include "sql/classify.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace godwit::schema::lint {

enum class Severity : uint8_t { off, note, warning, error };
[[nodiscard]] std::string_view to_string(Severity severity);
[[nodiscard]] std::optional<Severity> severity_of(std::string_view word);

// How long the lock is held, or the work goes on.
enum class Duration : uint8_t {
  none,      // nothing is locked that matters
  instant,   // the catalog only
  scan,      // every row or page is read, or an index is built
  rewrite,   // every row is written again, with the indexes
  unbounded  // for as long as it takes; nothing bounds it
};
[[nodiscard]] std::string_view to_string(Duration duration);

enum class Topic : uint8_t { locks, compatibility, data, design, script, history };
[[nodiscard]] std::string_view to_string(Topic topic);

enum class For : uint8_t { postgres, sqlite, both };

struct Rule {
  std::string_view id;
  std::string_view alias = {};  // the code or name that other linters give it
  Severity severity = Severity::warning;
  Topic topic = Topic::locks;
  sql::LockMode lock =
      sql::LockMode::none;  // what the example takes; a finding says what its statement takes
  Duration duration = Duration::none;
  std::string_view summary;
  std::string_view why;
  std::string_view bad;
  std::string_view good;
  For dialect = For::postgres;
};

// By topic. `find_rule` knows aliases too ("PG101"); null for what is no rule.
[[nodiscard]] const std::vector<const Rule*>& all_rules();
[[nodiscard]] const Rule* find_rule(std::string_view id_or_alias);

[[nodiscard]] std::span<const Rule> index_rules();
[[nodiscard]] std::span<const Rule> constraint_rules();
[[nodiscard]] std::span<const Rule> column_rules();
[[nodiscard]] std::span<const Rule> transaction_rules();
[[nodiscard]] std::span<const Rule> compatibility_rules();
[[nodiscard]] std::span<const Rule> data_rules();
[[nodiscard]] std::span<const Rule> design_rules();
[[nodiscard]] std::span<const Rule> script_rules();
[[nodiscard]] std::span<const Rule> history_rules();

// What a lock keeps waiting: "reads, writes, DDL".
[[nodiscard]] std::string_view blocked_by(sql::LockMode lock);

}  // namespace godwit::schema::lint
