#include "schema/lint/rules/rule.h"

namespace godwit::schema::lint {

namespace {

using sql::LockMode;

constexpr Rule rules[] = {
    {.id = "duplicate-version",
     .severity = Severity::error,
     .topic = Topic::history,
     .summary = "two files claim one version",
     .why = "Which of them is applied hangs on the order of the folder; godwit refuses to apply either.",
     .bad = "",
     .good = "",
     .dialect = For::both},
    {.id = "missing-down",
     .severity = Severity::note,
     .topic = Topic::history,
     .summary = "a migration without a way back",
     .why = "godwit db downgrade stops at it.",
     .bad = "",
     .good = "",
     .dialect = For::both},
    {.id = "version-in-future",
     .severity = Severity::warning,
     .topic = Topic::history,
     .summary = "the version is a time that has not come yet",
     .why = "Migrations that are written before that time sort before it, and are late when they come.",
     .bad = "",
     .good = "",
     .dialect = For::both},
    {.id = "late-migration",
     .severity = Severity::error,
     .topic = Topic::history,
     .summary = "a migration that comes before one that is applied already",
     .why = "Some databases ran it before the other and some after it. Give it a later version. Known with "
            "--database.",
     .bad = "",
     .good = "",
     .dialect = For::both},
    {.id = "edited-migration",
     .severity = Severity::error,
     .topic = Topic::history,
     .summary = "the file of an applied migration says something else now",
     .why = "Databases that applied it have the old form, new ones get the new one. Known with --database.",
     .bad = "",
     .good = "",
     .dialect = For::both},
    {.id = "program",
     .severity = Severity::note,
     .topic = Topic::history,
     .summary = "a migration is a program, and nobody looked at its SQL",
     .why = "What it does is known when it runs: godwit db rehearse runs it on a copy. Revisions of Alembic "
            "are linted as the SQL that Alembic prints of them, as far as it can.",
     .bad = "",
     .good = "",
     .dialect = For::both},
};

}  // namespace

std::span<const Rule> history_rules() {
  return rules;
}

}  // namespace godwit::schema::lint
