#include "config/schema/database_keys.h"

#include "config/schema/address_keys.h"

namespace godwit::config {

namespace {

constexpr KeySchema migrations_keys[] = {
    {.name = "directory",
     .type = ValueType::text,
     .doc = "The folder of the migrations, relative to the folder of godwit.yml.",
     .required = true},
    {.name = "format",
     .type = ValueType::choice,
     .doc =
         "Whose history it is: `sql` is godwit's own, the others are the tools that wrote it so far. What is "
         "recorded stands in that tool's own table.",
     .fallback = "sql",
     .choices =
         "sql|alembic|atlas|dbmate|devflow|flyway|golang-migrate|goose|knex|liquibase|prisma|supabase"},
    {.name = "table",
     .type = ValueType::text,
     .doc = "The history's table, when it is not the tool's default."},
    {.name = "schema",
     .type = ValueType::text,
     .doc = "The schema of that table, when it is not the tool's default."},
    {.name = "late",
     .type = ValueType::choice,
     .doc = "Migrations that come, by their version, before one that is applied already: `refuse`, or "
            "`apply` them "
            "in their order.",
     .fallback = "refuse",
     .choices = "refuse|apply"},
    {.name = "edited",
     .type = ValueType::choice,
     .doc = "Applied migrations whose file says something else than it did then: `refuse`, or `warn`. A file "
            "of which "
            "only comments or layout changed is noted, never refused.",
     .fallback = "refuse",
     .choices = "refuse|warn"},
    {.name = "missing",
     .type = ValueType::choice,
     .doc = "Migrations that the database has and the folder has not: `refuse`, or `warn`.",
     .fallback = "refuse",
     .choices = "refuse|warn"},
    {.name = "lock_timeout_ms",
     .type = ValueType::integer,
     .doc = "How long a statement may wait for a lock before the migration is rolled back and tried again "
            "later: "
            "while it waits, everything behind it waits.",
     .fallback = "2000",
     .minimum = 0,
     .maximum = 3600000},
    {.name = "statement_timeout_ms",
     .type = ValueType::integer,
     .doc = "How long a statement may run; 0 = as long as it takes.",
     .fallback = "0",
     .minimum = 0,
     .maximum = 86400000},
    {.name = "retry_for_ms",
     .type = ValueType::integer,
     .doc =
         "How long a migration is tried again, with growing and random pauses, when a lock is not to be had.",
     .fallback = "60000",
     .minimum = 0,
     .maximum = 86400000},
    {.name = "wait_ms",
     .type = ValueType::integer,
     .doc = "How long to wait for another run, or the tool itself, that holds the lock of the history.",
     .fallback = "60000",
     .minimum = 0,
     .maximum = 86400000},
};
constexpr ObjectSchema migrations_object = {.name = "migrations",
                                            .title = "databases.NAME.migrations",
                                            .doc = "Where a database's schema history comes from.",
                                            .keys = migrations_keys};

constexpr auto gate_keys = std::to_array<KeySchema>({
    {.name = "require_approval",
     .type = ValueType::boolean,
     .doc = "Nothing is executed without an approval of the plan: `godwit db approve`, by somebody else.",
     .fallback = "false"},
    {.name = "allowed_refs",
     .type = ValueType::text_or_list,
     .doc = "Only runs of these git refs (`main`, `release/*`, `refs/tags/v*`) may change this environment. "
            "Which ref a "
            "run is of is read from GITHUB_REF."},
    {.name = "freeze",
     .type = ValueType::text_or_list,
     .doc = "When nothing may be changed, in UTC: once (`2026-12-20T00:00/2027-01-03T00:00`) or every week "
            "(`Fri 16:00/Mon 06:00`)."},
    {.name = "backup",
     .type = ValueType::choice,
     .doc = "Whether a backup comes first: always (`required`), when asked for (`optional`), or never.",
     .fallback = "optional",
     .choices = "required|optional|none"},
});

template <size_t Left, size_t Right>
constexpr std::array<KeySchema, Left + Right> joined(const std::array<KeySchema, Left>& left,
                                                     const std::array<KeySchema, Right>& right) {
  std::array<KeySchema, Left + Right> all{};
  for (size_t i = 0; i < Left; ++i)
    all[i] = left[i];
  for (size_t i = 0; i < Right; ++i)
    all[Left + i] = right[i];
  return all;
}

constexpr auto database_environment_keys = joined(address_keys, gate_keys);
constexpr ObjectSchema database_environment_object = {.name = "database_environment",
                                                      .title = "databases.NAME.environments.NAME",
                                                      .doc = "A database in one environment.",
                                                      .keys = database_environment_keys,
                                                      .needs_one_of = "url|path|host+database"};

constexpr KeySchema database_keys[] = {
    {.name = "migrations",
     .type = ValueType::object,
     .doc = "Where its schema history comes from.",
     .required = true,
     .object = &migrations_object},
    {.name = "environments",
     .type = ValueType::object_map,
     .doc = "Its address in each environment, and the gates there.",
     .required = true,
     .object = &database_environment_object},
};

}  // namespace

const ObjectSchema database_object = {.name = "database",
                                      .title = "databases.NAME",
                                      .doc = "A database whose schema godwit changes.",
                                      .keys = database_keys};

}  // namespace godwit::config
