// Bodies in Python become SQL before anybody looks at them: Alembic prints them (`--sql`), and what it
// printed takes the place of the program, so that plan, hash, lint, gates, rehearsal and execution see SQL.
#pragma once

#include "base/result.h"
#include "schema/engine.h"
#include "schema/plan/plan.h"

#include <string>
#include <vector>

namespace godwit::schema {

// A body that stays a program, and why.
struct Unprinted {
  Step step;
  Error why;
};

struct Printed {
  size_t bodies = 0;
  std::vector<Unprinted> failures;
};

// Whether bodies of this target are printed at all.
[[nodiscard]] bool prints_bodies(const Target& target);

// Replaces the programs of these steps by their SQL; steps of SQL, and tools that print nothing, are left as
// they are. One call of the tool for revisions that follow each other; each by itself where that fails.
// ErrorKind::config when the tool is not there.
[[nodiscard]] Result<Printed> print_bodies(const Target& target, const Services& services,
                                           const std::vector<Step>& steps, MigrationFolder& folder);

// The same, where a body that cannot be printed is refused, unless the settings have it run by the tool.
// Whether anything was printed.
[[nodiscard]] Result<bool> print_plan(const Target& target, const Services& services, const Plan& plan,
                                      MigrationFolder& folder);

}  // namespace godwit::schema
