#include "schema/lint/rules/rule.h"

namespace godwit::schema::lint {

namespace {

using sql::LockMode;

constexpr Rule rules[] = {
    {.id = "concurrent-in-transaction",
     .alias = "PG103",
     .severity = Severity::error,
     .summary = "a statement that cannot run in a transaction stands in one",
     .why = "The server refuses it (SQLSTATE 25001). Give it a file of its own, or mark the file as one that "
            "is not run in a transaction.",
     .bad = "BEGIN;\nCREATE INDEX CONCURRENTLY accounts_email ON accounts (email);\nCOMMIT;",
     .good = "CREATE INDEX CONCURRENTLY accounts_email ON accounts (email);"},
    {.id = "non-transactional-beside-others",
     .severity = Severity::warning,
     .summary = "a statement that cannot run in a transaction makes the whole file run without one",
     .why = "The file is applied statement by statement: when one fails, those before it stay. Give the "
            "statement a file of its own, and the others keep their transaction.",
     .bad = "ALTER TABLE accounts ADD COLUMN state text;\nCREATE INDEX CONCURRENTLY accounts_state ON "
            "accounts (state);",
     .good = "CREATE INDEX CONCURRENTLY accounts_email ON accounts (email);"},
    {.id = "missing-lock-timeout",
     .alias = "require-lock-timeout",
     .severity = Severity::warning,
     .lock = LockMode::access_exclusive,
     .duration = Duration::instant,
     .summary = "a strong lock is waited for without lock_timeout",
     .why = "While the statement waits for one long query, every later query of the table waits behind it. "
            "godwit sets lock_timeout itself (migrations: lock_timeout_ms) and tries again; this is found "
            "where that is switched off.",
     .bad = "ALTER TABLE accounts ADD COLUMN state text;",
     .good = "SET LOCAL lock_timeout = '2s';\nALTER TABLE accounts ADD COLUMN state text;"},
    {.id = "missing-statement-timeout",
     .alias = "require-statement-timeout",
     .severity = Severity::off,
     .lock = LockMode::access_exclusive,
     .duration = Duration::instant,
     .summary = "nothing bounds how long a statement runs",
     .why = "lock_timeout bounds the waiting, not the holding: statement_timeout bounds both. Set it in the "
            "file, or with migrations: statement_timeout_ms.",
     .bad = "ALTER TABLE accounts ADD COLUMN state text;",
     .good = "SET LOCAL statement_timeout = '5s';\nALTER TABLE accounts ADD COLUMN state text;"},
    {.id = "several-strong-locks",
     .severity = Severity::warning,
     .lock = LockMode::access_exclusive,
     .duration = Duration::unbounded,
     .summary = "one transaction locks several tables against readers",
     .why = "Each lock is held until the transaction ends, so the first table waits for the last; and a "
            "query that takes them in another order makes a deadlock. A migration for each table.",
     .bad = "ALTER TABLE accounts ADD COLUMN state text;\nALTER TABLE orgs ADD COLUMN state text;",
     .good = "ALTER TABLE accounts ADD COLUMN state text;"},
    {.id = "backfill-after-strong-lock",
     .severity = Severity::error,
     .lock = LockMode::access_exclusive,
     .duration = Duration::unbounded,
     .summary = "rows are changed while an earlier statement of the transaction keeps readers out",
     .why = "The lock of the ALTER TABLE is held until the transaction ends: the whole backfill long. Put "
            "the backfill into the next migration.",
     .bad = "ALTER TABLE accounts ADD COLUMN state text;\nUPDATE accounts SET state = 'new' WHERE age > 0;",
     .good = "UPDATE accounts SET name = 'new' WHERE age > 0;"},
    {.id = "lock-table",
     .severity = Severity::warning,
     .lock = LockMode::access_exclusive,
     .duration = Duration::unbounded,
     .summary = "LOCK TABLE in a migration",
     .why = "The lock is held until the transaction ends, and what else the transaction does is not bounded "
            "by anything.",
     .bad = "LOCK TABLE accounts;",
     .good = "SELECT 1;"},
};

}  // namespace

std::span<const Rule> transaction_rules() {
  return rules;
}

}  // namespace godwit::schema::lint
