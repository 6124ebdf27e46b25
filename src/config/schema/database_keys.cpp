#include "config/schema/database_keys.h"

#include "config/schema/address_keys.h"

namespace godwit::config {

namespace {

constexpr KeySchema flyway_name(std::string_view name, std::string_view usual, std::string_view doc) {
  return {.name = name, .type = ValueType::text, .doc = doc, .fallback = usual};
}
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
    {.name = "placeholders",
     .type = ValueType::reference_map,
     .doc =
         "What the tool puts in place of `${NAME}` in its scripts, by name: Flyway's placeholders, "
         "Liquibase's "
         "changelog parameters, the variables of goose's `ENVSUB`. A value becomes a part of the SQL, which "
         "`--dry-run` shows: not the place for a password."},
    {.name = "encoding",
     .type = ValueType::choice,
     .doc = "Flyway: what its scripts are written in.",
     .fallback = "UTF-8",
     .choices = "UTF-8|ISO-8859-1"},
    flyway_name("sql_migration_prefix", "V",
                "Flyway: what versioned scripts begin with (`sqlMigrationPrefix`)."),
    flyway_name("undo_sql_migration_prefix", "U", "Flyway: what undo scripts begin with."),
    flyway_name("repeatable_sql_migration_prefix", "R", "Flyway: what repeatable scripts begin with."),
    flyway_name("sql_migration_separator", "__", "Flyway: what stands between version and description."),
    {.name = "sql_migration_suffixes",
     .type = ValueType::text_or_list,
     .doc = "Flyway: what the names of scripts end with; new ones with the first.",
     .fallback = ".sql"},
    {.name = "path_prefix",
     .type = ValueType::text,
     .doc = "Liquibase: what stands in front of a file's name in `databasechangelog`, for example "
            "`db/changelog/`."},
    {.name = "project",
     .type = ValueType::text,
     .doc = "devflow: the project's name in devflow.yml, a part of its lock. Default: `project`."},
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
    {.name = "command",
     .type = ValueType::text_or_list,
     .doc = "Alembic, Knex: how the project's own tool is started, as one word or as a list of words: "
            "`[.venv/bin/python, -m, alembic]`, `/opt/node/bin/node`. A path counts from the folder of "
            "godwit.yml. Without it `alembic` or `node`, looked for in PATH."},
    {.name = "variables",
     .type = ValueType::text_or_list,
     .doc =
         "Alembic, Knex: names of the environment variables that the tool is given, besides PATH, HOME and "
         "those of Python or Node itself. All others are kept from it."},
    {.name = "url_variable",
     .type = ValueType::text,
     .doc = "Alembic, Knex: the environment variable under which env.py or the knexfile looks for the "
            "database's URL. It is set for the tool alone.",
     .fallback = "DATABASE_URL"},
    {.name = "ini",
     .type = ValueType::text,
     .doc = "Alembic: its configuration file (`-c`), relative to the folder of godwit.yml. Without it the "
            "nearest alembic.ini, or pyproject.toml with [tool.alembic], from the folder of the migrations "
            "upward."},
    {.name = "ini_section",
     .type = ValueType::text,
     .doc = "Alembic: the section of that file (`-n`).",
     .fallback = "alembic"},
    {.name = "bodies",
     .type = ValueType::choice,
     .doc = "Alembic: how Python gets into the database. `print`: Alembic prints the SQL of each revision, "
            "and godwit runs it; a revision that cannot be printed, because it asks the database, is "
            "refused. `print-or-run`: those are run by Alembic itself. `run`: all are.",
     .fallback = "print",
     .choices = "print|print-or-run|run"},
    {.name = "knexfile",
     .type = ValueType::text,
     .doc = "Knex: its configuration file, relative to the folder of godwit.yml. Without it the nearest "
            "knexfile, from the folder of the migrations upward, and else none. Its connection is not used."},
    {.name = "knex_environment",
     .type = ValueType::text,
     .doc = "Knex: the environment of that file (`--env`), where it has several. Without it NODE_ENV, and "
            "else `development`."},
    {.name = "load_extensions",
     .type = ValueType::text_or_list,
     .doc = "Knex: what the names of migrations end with, when the project says other than Knex itself "
            "(`loadExtensions`). With `.sql` among them those files are run as SQL."},
    {.name = "lock",
     .type = ValueType::choice,
     .doc =
         "PostgreSQL: what keeps other runs out. `session` is an advisory lock of the connection; `lease` a "
         "row that is renewed while the run works, for connections that a transaction pooler shares out "
         "(PgBouncer, Supavisor, RDS Proxy); `auto` takes the lease when a pooler is seen.",
     .fallback = "auto",
     .choices = "auto|session|lease"},
    {.name = "lease_ms",
     .type = ValueType::integer,
     .doc = "How long a lease lasts that nobody renews, because its process is gone: after that another run "
            "takes over.",
     .fallback = "30000",
     .minimum = 1000,
     .maximum = 3600000},
    {.name = "block_budget_ms",
     .type = ValueType::integer,
     .doc = "How long any other session may wait for a lock of a migration under way, before the migration "
            "is cancelled, rolled back and tried again later; 0 = as long as it takes. Not behind a "
            "transaction pooler.",
     .fallback = "0",
     .minimum = 0,
     .maximum = 86400000},
};
constexpr ObjectSchema migrations_object = {.name = "migrations",
                                            .title = "databases.NAME.migrations",
                                            .doc = "Where a database's schema history comes from.",
                                            .keys = migrations_keys};

constexpr KeySchema lint_keys[] = {
    {.name = "rules",
     .type = ValueType::choice_map,
     .doc = "How bad it is when a rule of docs/LINT.md is broken: `drop-table: error`, `missing-down: off`. "
            "What is "
            "not named has the rule's own severity.",
     .choices = "off|note|warning|error"},
};
constexpr ObjectSchema lint_object = {.name = "lint",
                                      .title = "databases.NAME.lint",
                                      .doc = "What `godwit db lint` says of a database's migrations.",
                                      .keys = lint_keys};

constexpr auto gate_keys = std::to_array<KeySchema>({
    {.name = "require_approval",
     .type = ValueType::boolean,
     .doc = "Nothing is executed without an approval: of the plan by `godwit db approve`, or of this very "
            "workflow run by a reviewer of its GitHub environment; by somebody else.",
     .fallback = "false"},
    {.name = "ci_environment",
     .type = ValueType::text,
     .doc = "What the CI system calls this environment, where it has another name there."},
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
    {.name = "health",
     .type = ValueType::choice,
     .doc = "Whether an upgrade may be run without looking at the database's health first "
            "(`--skip-health-checks`): `required` refuses that.",
     .fallback = "optional",
     .choices = "required|optional"},
    {.name = "rehearsal",
     .type = ValueType::choice,
     .doc = "Whether an upgrade needs the receipt of a rehearsal of exactly this plan, from exactly this "
            "structure, "
            "signed under one of `receipt_keys`: `required` or not.",
     .fallback = "optional",
     .choices = "required|optional"},
    {.name = "receipt_keys",
     .type = ValueType::text_or_list,
     .doc = "Public keys (Ed25519) whose signature under a receipt counts: the base64 line that `openssl "
            "pkey -in KEYFILE -pubout` writes."},
    {.name = "receipt_hours",
     .type = ValueType::integer,
     .doc = "How old the rehearsal may be, in hours.",
     .fallback = "72",
     .minimum = 1,
     .maximum = 8760},
    {.name = "lint",
     .type = ValueType::choice,
     .doc = "What an upgrade does with what lint finds in the migrations that it is about to apply: `warn` "
            "puts it "
            "into the report, `refuse` stops at errors before anything changes, `off` does not look.",
     .fallback = "warn",
     .choices = "off|warn|refuse"},
    {.name = "destructive",
     .type = ValueType::integer,
     .doc =
         "How many statements that lose data (DROP TABLE, DROP COLUMN, TRUNCATE, DELETE without WHERE …) an "
         "upgrade may have at most; without it any number.",
     .minimum = 0,
     .maximum = 1000000},
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

constexpr KeySchema health_check_keys[] = {
    {.name = "severity",
     .type = ValueType::choice,
     .doc = "What a failure means: `error` stops an upgrade, `warning` is told, `off` does not look.",
     .choices = "error|warning|off"},
    {.name = "timeout_ms",
     .type = ValueType::integer,
     .doc = "How long the check may take.",
     .minimum = 1,
     .maximum = 3600000},
    {.name = "limit",
     .type = ValueType::number,
     .doc = "The threshold, in the check's own unit.",
     .minimum = 0,
     .maximum = 1e15},
};
constexpr ObjectSchema health_check_object = {.name = "health_check",
                                              .title = "databases.NAME.health.CHECK",
                                              .doc = "How one check is made.",
                                              .keys = health_check_keys};

constexpr KeySchema health_check(std::string_view name, std::string_view doc) {
  return {.name = name, .type = ValueType::object, .doc = doc, .object = &health_check_object};
}
constexpr KeySchema health_keys[] = {
    {.name = "timeout_ms",
     .type = ValueType::integer,
     .doc = "How long each check may take, unless it says otherwise.",
     .fallback = "10000",
     .minimum = 1,
     .maximum = 3600000},
    health_check("connect", "The server answers; SQLite: the file can be opened."),
    health_check("tls", "The connection is encrypted as `tls` asks for."),
    health_check("credentials", "The server takes the account."),
    health_check("server_version", "PostgreSQL: at least this major version; limit: 13."),
    health_check("recovery", "The server is no standby, and the session may write."),
    health_check("privileges",
                 "The account may create what migrations create, and owns the history's table."),
    health_check("long_transactions", "No transaction is older than this many seconds; limit: 300."),
    health_check("locks", "Nobody holds the lock of the history or a strong lock on a table."),
    health_check("replication_lag", "No standby is behind by more than this many seconds; limit: 30."),
    health_check("connections", "At least so many connections are free for this account; limit: 3."),
    health_check("disk_space", "Free space where the backup goes, in sizes of the database; limit: 1."),
    health_check("server_disk", "The same on the server's own disk, where it can be asked; limit: 1."),
    health_check("history", "What is recorded and what the folder holds agree."),
    health_check("extensions", "The server offers every extension that the migrations create."),
    health_check("integrity", "SQLite: `PRAGMA quick_check` finds nothing."),
    health_check("journal", "SQLite: the journal survives a crash."),
};
constexpr ObjectSchema health_object = {.name = "health",
                                        .title = "databases.NAME.health",
                                        .doc = "What `godwit health` and every upgrade look at first.",
                                        .keys = health_keys};

constexpr KeySchema backup_keys[] = {
    {.name = "directory",
     .type = ValueType::text,
     .doc = "Where backups go, relative to the folder of godwit.yml.",
     .fallback = ".godwit/backups"},
    {.name = "format",
     .type = ValueType::choice,
     .doc = "PostgreSQL: `custom` is restored by pg_restore, `plain` is SQL for psql.",
     .fallback = "custom",
     .choices = "custom|plain"},
    {.name = "compress",
     .type = ValueType::choice,
     .doc = "Of plain dumps and of SQLite files; a custom dump is compressed by pg_dump itself.",
     .fallback = "zstd",
     .choices = "zstd|none"},
    {.name = "verify",
     .type = ValueType::boolean,
     .doc = "Every backup is restored beside the database and compared with what it was taken of.",
     .fallback = "false"},
    {.name = "keep",
     .type = ValueType::integer,
     .doc = "The newest so many backups of an environment stay; 0: this rule does not count.",
     .fallback = "0",
     .minimum = 0,
     .maximum = 100000},
    {.name = "keep_days",
     .type = ValueType::integer,
     .doc = "Backups younger than so many days stay; 0: this rule does not count. What neither rule keeps is "
            "deleted after a backup that succeeded. With neither rule, nothing is.",
     .fallback = "0",
     .minimum = 0,
     .maximum = 36500},
    {.name = "pg_dump", .type = ValueType::text, .doc = "The program.", .fallback = "pg_dump"},
    {.name = "pg_restore", .type = ValueType::text, .doc = "The program.", .fallback = "pg_restore"},
    {.name = "psql", .type = ValueType::text, .doc = "The program.", .fallback = "psql"},
};
constexpr ObjectSchema backup_object = {.name = "backup",
                                        .title = "databases.NAME.backup",
                                        .doc = "Where backups go, how they are made, how long they stay.",
                                        .keys = backup_keys};

constexpr KeySchema database_keys[] = {
    {.name = "migrations",
     .type = ValueType::object,
     .doc = "Where its schema history comes from.",
     .required = true,
     .object = &migrations_object},
    {.name = "health",
     .type = ValueType::object,
     .doc = "Thresholds and time limits of the health checks.",
     .object = &health_object},
    {.name = "backup",
     .type = ValueType::object,
     .doc = "Where backups go, how they are made, how long they stay.",
     .object = &backup_object},
    {.name = "lint",
     .type = ValueType::object,
     .doc = "What `godwit db lint` says of its migrations.",
     .object = &lint_object},
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
