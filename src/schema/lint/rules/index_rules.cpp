#include "schema/lint/rules/rule.h"

namespace godwit::schema::lint {

namespace {

using sql::LockMode;

constexpr Rule rules[] = {
    {.id = "create-index-not-concurrent",
     .alias = "PG101, require-concurrent-index-creation",
     .severity = Severity::error,
     .lock = LockMode::share,
     .duration = Duration::scan,
     .summary = "CREATE INDEX without CONCURRENTLY stops writes",
     .why = "The SHARE lock lets nobody write to the table until the whole index is built.",
     .bad = "CREATE INDEX accounts_email ON accounts (email);",
     .good = "CREATE INDEX CONCURRENTLY accounts_email ON accounts (email);"},
    {.id = "drop-index-not-concurrent",
     .alias = "PG102, require-concurrent-index-deletion",
     .severity = Severity::warning,
     .lock = LockMode::access_exclusive,
     .duration = Duration::instant,
     .summary = "DROP INDEX without CONCURRENTLY stops reads and writes",
     .why = "It is quick once it has its lock on the table, but while it waits for a running query, every "
            "later query "
            "waits behind it.",
     .bad = "DROP INDEX accounts_name;",
     .good = "DROP INDEX CONCURRENTLY accounts_name;"},
    {.id = "reindex-not-concurrent",
     .alias = "require-concurrent-reindex",
     .severity = Severity::error,
     .lock = LockMode::access_exclusive,
     .duration = Duration::scan,
     .summary = "REINDEX without CONCURRENTLY stops writes, and reads that plan with the index",
     .why = "The index is locked against readers while it is built again, and planning a query asks for "
            "every index of "
            "its tables.",
     .bad = "REINDEX TABLE accounts;",
     .good = "REINDEX TABLE CONCURRENTLY accounts;"},
    {.id = "detach-partition-not-concurrent",
     .severity = Severity::warning,
     .lock = LockMode::access_exclusive,
     .duration = Duration::instant,
     .summary = "DETACH PARTITION without CONCURRENTLY stops the whole partitioned table",
     .why = "The parent is locked against readers: every query of any partition waits. CONCURRENTLY exists "
            "since "
            "PostgreSQL 14.",
     .bad = "ALTER TABLE logs DETACH PARTITION logs_old;",
     .good = "ALTER TABLE logs DETACH PARTITION logs_old CONCURRENTLY;"},
    {.id = "attach-partition-without-check",
     .severity = Severity::note,
     .lock = LockMode::access_exclusive,
     .duration = Duration::scan,
     .summary = "ATTACH PARTITION reads the whole table unless a CHECK proves its bounds",
     .why = "The table to be attached stays locked against readers during the scan. A validated CHECK "
            "constraint that "
            "implies the bounds makes the scan unnecessary; drop it afterwards.",
     .bad = "ALTER TABLE logs ATTACH PARTITION logs_new FOR VALUES FROM (200) TO (300);",
     .good = "ALTER TABLE logs_new ADD CONSTRAINT bounds CHECK (id >= 200 AND id < 300 AND id IS NOT "
             "NULL);\nALTER TABLE "
             "logs ATTACH PARTITION logs_new FOR VALUES FROM (200) TO (300);"},
    {.id = "refresh-matview-not-concurrent",
     .severity = Severity::warning,
     .lock = LockMode::access_exclusive,
     .duration = Duration::rewrite,
     .summary = "REFRESH MATERIALIZED VIEW without CONCURRENTLY stops readers",
     .why = "Nobody reads the view until its query has ended. CONCURRENTLY needs a unique index on it.",
     .bad = "REFRESH MATERIALIZED VIEW totals;",
     .good = "REFRESH MATERIALIZED VIEW CONCURRENTLY totals;"},
    {.id = "vacuum-full",
     .severity = Severity::error,
     .lock = LockMode::access_exclusive,
     .duration = Duration::rewrite,
     .summary = "VACUUM FULL writes the table again while nobody can read it",
     .why = "A plain VACUUM makes the room usable again without stopping anybody; pg_repack gives it back.",
     .bad = "VACUUM FULL accounts;",
     .good = "VACUUM accounts;"},
    {.id = "cluster",
     .severity = Severity::error,
     .lock = LockMode::access_exclusive,
     .duration = Duration::rewrite,
     .summary = "CLUSTER writes the table again while nobody can read it",
     .why = "pg_repack orders a table by an index without stopping readers and writers.",
     .bad = "CLUSTER accounts USING accounts_pkey;",
     .good = "ALTER TABLE accounts CLUSTER ON accounts_pkey;"},
    {.id = "concurrent-index-if-not-exists",
     .severity = Severity::warning,
     .lock = LockMode::share_update_exclusive,
     .duration = Duration::scan,
     .summary = "CREATE INDEX CONCURRENTLY IF NOT EXISTS takes an INVALID index for a good one",
     .why = "A build that failed leaves an index that is INVALID: it costs every write and serves no query. "
            "IF NOT EXISTS "
            "sees its name and does nothing. godwit removes what its own failed build left.",
     .bad = "CREATE INDEX CONCURRENTLY IF NOT EXISTS accounts_email ON accounts (email);",
     .good = "CREATE INDEX CONCURRENTLY accounts_email ON accounts (email);"},
    {.id = "wide-index",
     .severity = Severity::off,
     .topic = Topic::design,
     .lock = LockMode::share_update_exclusive,
     .duration = Duration::scan,
     .summary = "an index of more than three columns that is not unique",
     .why = "Columns behind the third seldom narrow a search; they make every write slower and the index "
            "larger.",
     .bad = "CREATE INDEX CONCURRENTLY wide ON accounts (email, name, age, org_id);",
     .good = "CREATE INDEX CONCURRENTLY narrow ON accounts (email, name);"},
};

}  // namespace

std::span<const Rule> index_rules() {
  return rules;
}

}  // namespace godwit::schema::lint
