// What is to be done to bring a database to a target, decided from files and recorded history alone. Pure.
#pragma once

#include "base/result.h"
#include "config/settings.h"
#include "schema/state.h"

#include <string>
#include <vector>

namespace godwit::schema {

// Something about files and history that a person should know.
struct Finding {
  enum class Severity : uint8_t { note, warning, refusal };
  Severity severity = Severity::note;
  std::string
      kind;  // "edited", "layout", "missing", "late", "gap", "duplicate", "failed", "ignored", "irreversible"
  std::string revision;
  std::string file;
  std::string message;
  std::string repair;  // what to do, as a command where there is one
};

struct Step {
  size_t migration = 0;  // its place in the folder
  Direction direction = Direction::up;
};

struct Plan {
  std::vector<Step> steps;
  std::vector<Finding> findings;
  std::string target;  // as asked for
  // SHA-256 over what is decided: history, what is applied, the steps and the SQL of each. Not over times.
  std::string hash;

  [[nodiscard]] bool refused() const;
  // ErrorKind::plan_refused with every refusal and its repair; ok when there is none.
  [[nodiscard]] Status refusal() const;
};

// Findings about files and history that do not depend on what is asked for.
[[nodiscard]] std::vector<Finding> examine(const History& history, const State& state,
                                           const MigrationsSettings& settings);

// `target`: empty or "head", "heads", "latest" = everything; a revision; else the tool's own symbols.
[[nodiscard]] Result<Plan> plan_upgrade(const History& history, const State& state,
                                        const MigrationsSettings& settings, const std::string& target);

struct DowngradeTarget {
  std::string revision;  // stays applied; "base" or "0": nothing stays
  int64_t steps = 1;     // when no revision and no run is given
  std::string run;       // exactly what this run applied
};
[[nodiscard]] Result<Plan> plan_downgrade(const History& history, const State& state,
                                          const MigrationsSettings& settings, const DowngradeTarget& target);

}  // namespace godwit::schema
