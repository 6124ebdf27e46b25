// The keys of godwit.yml.
#include "config/schema/address_keys.h"
#include "config/schema/database_keys.h"
#include "config/schema/key_table.h"

namespace godwit::config {

namespace {

constexpr KeySchema keys_keys[] = {
    {.name = "masking",
     .type = ValueType::credential,
     .doc =
         "The master key that every mask is derived from, at least 16 bytes. Keep it: the same key gives the "
         "same fakes in every run."},
    {.name = "backup",
     .type = ValueType::credential,
     .doc = "The key that backups are encrypted with, at least 16 bytes. Without it they are not. Keep it: "
            "nothing opens a backup without its key."},
    {.name = "receipt",
     .type = ValueType::credential,
     .doc = "The key that receipts of rehearsals are signed with: an Ed25519 private key in PEM (`openssl "
            "genpkey "
            "-algorithm ed25519`)."},
};
constexpr ObjectSchema keys_object = {.name = "keys",
                                      .title = "keys",
                                      .doc = "Keys of the project.",
                                      .keys = keys_keys,
                                      .needs_one_of = "masking|backup|receipt"};

constexpr KeySchema environment_keys[] = {
    {.name = "read_only",
     .type = ValueType::boolean,
     .doc = "Never a target: a pipeline that would write here is refused (exit 6).",
     .fallback = "false"},
    {.name = "protected",
     .type = ValueType::boolean,
     .doc = "A target to handle with care: a run that writes here asks first.",
     .fallback = "false"},
    {.name = "approvals",
     .type = ValueType::integer,
     .doc = "How many people, other than the one who asks, must approve the plan before it is executed.",
     .fallback = "0",
     .minimum = 0,
     .maximum = 10},
};
constexpr ObjectSchema environment_object = {
    .name = "environment",
    .title = "environments.NAME",
    .doc = "An environment: where a copy of the stores lives, and what may be done to it.",
    .keys = environment_keys};

constexpr ObjectSchema store_environment_object = {.name = "store_environment",
                                                   .title = "stores.NAME.ENVIRONMENT",
                                                   .doc = "The address of a store in one environment.",
                                                   .keys = address_keys,
                                                   .needs_one_of = "url|path|host+database"};

constexpr KeySchema store_other_keys = {.name = "ENVIRONMENT",
                                        .type = ValueType::object,
                                        .doc = "The store's address in the environment of that name.",
                                        .object = &store_environment_object};
constexpr KeySchema store_keys[] = {
    {.name = "kind",
     .type = ValueType::choice,
     .doc =
         "What the store is. `neo4j` is understood here and refused when a pipeline runs: this version moves "
         "relational stores.",
     .required = true,
     .choices = "postgres|sqlite|neo4j"},
};
constexpr ObjectSchema store_object = {.name = "store",
                                       .title = "stores.NAME",
                                       .doc = "A database: its kind, and its address in each environment.",
                                       .keys = store_keys,
                                       .others = &store_other_keys};

constexpr KeySchema scope_keys[] = {
    {.name = "name",
     .type = ValueType::text,
     .doc = "What one slice is called: district, tenant.",
     .fallback = "scope"},
    {.name = "pattern",
     .type = ValueType::regex,
     .doc = "ECMAScript regular expression that a scope value must match whole.",
     .fallback = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"},
    {.name = "root",
     .type = ValueType::text,
     .doc = "The column that holds the scope value: `store.table.column` or `store.schema.table.column`.",
     .required = true},
    {.name = "keys",
     .type = ValueType::text_map,
     .doc = "The tenant key column, for `\"*\"` (all tables), a store, or a table; the most specific one "
            "wins, `\"\"` "
            "says that there is none."},
};
constexpr ObjectSchema scope_object = {.name = "scope",
                                       .title = "pipelines.NAME.scope",
                                       .doc = "The slice that a run moves.",
                                       .keys = scope_keys};

constexpr KeySchema load_keys[] = {
    {.name = "strategy",
     .type = ValueType::choice,
     .doc =
         "`insert` refuses keys that the target has; `upsert` updates rows that the scope owns; `merge` "
         "does so column by column (`resolve`); `replace` also deletes rows of the scope that the run does "
         "not bring; `auto` takes, per table, insert when none of the run's rows is there, upsert when less "
         "than half of them are, else merge.",
     .fallback = "insert",
     .choices = "insert|upsert|merge|replace|auto"},
    {.name = "triggers",
     .type = ValueType::choice,
     .doc = "What the target's own triggers do while loading.",
     .fallback = "fire",
     .choices = "fire|disable|fail"},
    {.name = "overlap",
     .type = ValueType::choice,
     .doc = "Whether the target's transaction is fed while extraction still runs; the checks still decide "
            "between commit and abandon. `auto`: where the target allows it and no shared row is kept locked "
            "for it; `always`: shared rows too.",
     .fallback = "auto",
     .choices = "auto|always|never"},
    {.name = "atomic",
     .type = ValueType::choice,
     .doc =
         "`store`: what a run brings to a store becomes visible at once. `table`: large tables of a "
         "PostgreSQL store whose tables are all empty are divided among `jobs` connections, each with a "
         "transaction of its own; these are committed one right after another, so for a moment, or after a "
         "crash until `--resume` or `godwit rollback`, some rows are visible and others are not. Only "
         "tables that are joined to no other loaded one are divided; where none is, the plan says why.",
     .fallback = "store",
     .choices = "store|table"},
    {.name = "strategies",
     .type = ValueType::choice_map,
     .doc = "Strategy per table, or pattern with `*`: `ids.students: upsert`.",
     .choices = "insert|upsert|merge|replace|auto"},
    {.name = "resolve",
     .type = ValueType::choice_map,
     .doc =
         "With `merge` and `auto`: whose value an existing row has in a column. `source`: the run's, the "
         "default; `target`: the target's stays; `fill`: the target's stays unless it is NULL. "
         "`ids.students.nickname: target`, `\"*.updated_at\": target`; a full name wins over a pattern. Not "
         "for columns of a key, or that decide whose a row is.",
     .choices = "source|target|fill"},
};
constexpr ObjectSchema load_object = {
    .name = "load", .title = "pipelines.NAME.load", .doc = "How rows enter the target.", .keys = load_keys};

constexpr KeySchema metrics_keys[] = {
    {.name = "push",
     .type = ValueType::reference_text,
     .doc =
         "Where runs of this pipeline push their metrics: the URL of a Prometheus Pushgateway, with user and "
         "password if it asks for them. Without a path, `/metrics/job/godwit/pipeline/PIPELINE/scope/SCOPE`.",
     .required = true},
    {.name = "tls_root_certificate",
     .type = ValueType::file,
     .doc = "Certificates to trust there (PEM). Default: those of the system."},
};
constexpr ObjectSchema metrics_object = {.name = "metrics",
                                         .title = "pipelines.NAME.metrics",
                                         .doc = "Who is told how a run goes, besides `run --metrics`.",
                                         .keys = metrics_keys};

constexpr KeySchema pipeline_keys[] = {
    {.name = "from", .type = ValueType::text, .doc = "The environment that is read.", .required = true},
    {.name = "to",
     .type = ValueType::text,
     .doc = "The environment that is written; never the same.",
     .required = true},
    {.name = "stores",
     .type = ValueType::text_list,
     .doc = "The stores that move, in load order; undo runs it backwards.",
     .required = true},
    {.name = "scope",
     .type = ValueType::object,
     .doc = "The slice that a run moves.",
     .required = true,
     .object = &scope_object},
    {.name = "outside",
     .type = ValueType::choice_or_map,
     .doc = "Parents outside the scope: `reference` (must exist in the target), `include` (copied, masked), "
            "`null` "
            "(cut; nullable columns only), `fail`. One policy, or a map of edges (`table.column`) with "
            "`default`.",
     .fallback = "reference",
     .choices = "reference|include|null|fail"},
    {.name = "owner",
     .type = ValueType::text_list_map,
     .doc =
         "For tables with several paths to the scope: the column(s) of the foreign key that owns the row."},
    {.name = "cross_scope",
     .type = ValueType::choice_or_map,
     .doc = "Rows whose owning paths disagree: refuse (`fail`), move when `any` path leads to the scope, or "
            "only when "
            "`all` do. One value, or a map of tables with `default`.",
     .fallback = "fail",
     .choices = "fail|any|all"},
    {.name = "shared",
     .type = ValueType::text_list,
     .doc = "Tables copied whole, on purpose. `*` stands for any characters inside one part of the name."},
    {.name = "skip", .type = ValueType::text_list, .doc = "Tables left out, on purpose. `*` as in `shared`."},
    {.name = "links",
     .type = ValueType::text_list,
     .doc = "Foreign keys that no database knows: `hcp1.students.external_id -> ids.students.id`; composite: "
            "`a.t.(x,y) -> b.u.(x,y)`."},
    {.name = "masks", .type = ValueType::file, .doc = "The masking rules. Default: the shipped rules alone."},
    {.name = "checks",
     .type = ValueType::file,
     .doc = "The checks. Default: those that the catalog and the masks imply."},
    {.name = "load", .type = ValueType::object, .doc = "How rows enter the target.", .object = &load_object},
    {.name = "metrics",
     .type = ValueType::object,
     .doc = "Who is told how a run goes, besides `run --metrics`.",
     .object = &metrics_object},
    {.name = "max_skew_ms",
     .type = ValueType::integer,
     .doc = "Refuse when the snapshots of the stores lie further apart; 0 reports the skew only.",
     .fallback = "0",
     .minimum = 0,
     .maximum = 86400000},
    {.name = "reuse_max_age_hours",
     .type = ValueType::integer,
     .doc =
         "How old the oldest snapshot of an earlier run may be for `run --from-run` to take its masked data.",
     .fallback = "24",
     .minimum = 1,
     .maximum = 87600},
    {.name = "count_tolerance",
     .type = ValueType::number,
     .doc = "How far row counts may move between the approved plan and the run, as a share (0.05 = 5 %).",
     .fallback = "0",
     .minimum = 0,
     .maximum = 1},
    {.name = "memory_limit_mb",
     .type = ValueType::integer,
     .doc = "Memory for staging, masking and checking, in MiB.",
     .fallback = "256",
     .minimum = 64,
     .maximum = 1048576},
    {.name = "jobs",
     .type = ValueType::integer,
     .doc = "Parallel workers per run.",
     .fallback = "2",
     .minimum = 1,
     .maximum = 256},
};
constexpr ObjectSchema pipeline_object = {
    .name = "pipeline", .title = "pipelines.NAME", .doc = "A named data move.", .keys = pipeline_keys};

constexpr KeySchema slack_keys[] = {
    {.name = "webhook", .type = ValueType::credential, .doc = "The incoming webhook.", .required = true},
    {.name = "channel", .type = ValueType::text, .doc = "The channel, when not the webhook's own."},
};
constexpr ObjectSchema slack_object = {
    .name = "slack", .title = "notify.slack", .doc = "Messages to Slack.", .keys = slack_keys};

constexpr KeySchema notify_keys[] = {
    {.name = "slack", .type = ValueType::object, .doc = "Messages to Slack.", .object = &slack_object},
    {.name = "email", .type = ValueType::anything, .doc = "Messages by e-mail."},
    {.name = "webhook", .type = ValueType::anything, .doc = "Messages to a service of your own."},
};
constexpr ObjectSchema notify_object = {.name = "notify",
                                        .title = "notify",
                                        .doc = "Who hears of a run. Read, not acted on, by this version.",
                                        .keys = notify_keys};

constexpr KeySchema settings_keys[] = {
    {.name = "version",
     .type = ValueType::integer,
     .doc = "The format of this file: 1.",
     .required = true,
     .minimum = 1,
     .maximum = 1},
    {.name = "project",
     .type = ValueType::text,
     .doc = "A name for this configuration, shown in reports.",
     .required = true},
    {.name = "ledger",
     .type = ValueType::reference_text,
     .doc = "Where runs are recorded: a file (relative to godwit.yml), or `postgres://…` to share it between "
            "machines.",
     .fallback = ".godwit/ledger.db"},
    {.name = "keys", .type = ValueType::object, .doc = "Keys of the project.", .object = &keys_object},
    {.name = "environments",
     .type = ValueType::object_map,
     .doc = "The environments, by name.",
     .object = &environment_object},
    {.name = "stores",
     .type = ValueType::object_map,
     .doc = "The stores that pipelines move, by name.",
     .object = &store_object},
    {.name = "pipelines",
     .type = ValueType::object_map,
     .doc = "The data moves, by name.",
     .object = &pipeline_object},
    {.name = "databases",
     .type = ValueType::object_map,
     .doc = "The databases whose schema is changed (`godwit db`), by name.",
     .object = &database_object},
    {.name = "notify",
     .type = ValueType::object,
     .doc = "Who hears of a run. Read, not acted on, by this version.",
     .object = &notify_object},
};
constexpr ObjectSchema settings_object = {.name = "settings",
                                          .title = "godwit.yml",
                                          .doc = "Environments, stores and pipelines of one project.",
                                          .keys = settings_keys};

}  // namespace

const ObjectSchema& settings_schema() {
  return settings_object;
}

}  // namespace godwit::config
