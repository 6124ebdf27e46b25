#include "schema/lint/rules/rule.h"

namespace godwit::schema::lint {

namespace {

using sql::LockMode;

constexpr Rule rules[] = {
    {.id = "add-unique-index",
     .alias = "MF101",
     .severity = Severity::warning,
     .topic = Topic::data,
     .summary = "a unique index on columns that exist already may fail",
     .why = "Rows that have the same values make the build fail, after it has read everything; CONCURRENTLY "
            "it leaves an INVALID index. Look for duplicates first.",
     .bad = "CREATE UNIQUE INDEX CONCURRENTLY accounts_email ON accounts (email);",
     .good = "CREATE INDEX CONCURRENTLY accounts_email ON accounts (email);"},
    {.id = "index-made-unique",
     .alias = "MF102",
     .severity = Severity::warning,
     .topic = Topic::data,
     .summary = "an index is dropped and comes back unique",
     .why = "Rows that have the same values were allowed so far: the build may fail on them, and between the "
            "two there is no index. Look for duplicates, build the new one under another name, then drop the "
            "old one.",
     .bad = "DROP INDEX accounts_name;\nCREATE UNIQUE INDEX accounts_name ON accounts (name);",
     .good = "CREATE INDEX CONCURRENTLY accounts_email ON accounts (email);"},
    {.id = "update-without-where",
     .severity = Severity::error,
     .topic = Topic::data,
     .lock = LockMode::row_exclusive,
     .duration = Duration::unbounded,
     .summary = "UPDATE without WHERE",
     .why = "Every row is written again in one transaction: twice the room, locks on all of them, and "
            "replicas that fall behind. In batches by key, outside of the migration.",
     .bad = "UPDATE accounts SET name = 'x';",
     .good = "UPDATE accounts SET name = 'x' WHERE id = 1;",
     .dialect = For::both},
    {.id = "delete-without-where",
     .severity = Severity::error,
     .topic = Topic::data,
     .lock = LockMode::row_exclusive,
     .duration = Duration::unbounded,
     .summary = "DELETE without WHERE",
     .why = "Every row is gone, one by one, in one transaction.",
     .bad = "DELETE FROM accounts;",
     .good = "DELETE FROM accounts WHERE id = 1;",
     .dialect = For::both},
    {.id = "large-backfill",
     .severity = Severity::warning,
     .topic = Topic::data,
     .lock = LockMode::row_exclusive,
     .duration = Duration::unbounded,
     .summary = "rows of a large table are changed in one transaction",
     .why = "Locks on each row, twice the room, and replicas that fall behind, until the transaction ends. "
            "In batches by key. Judged with --database, by the number of rows of the table.",
     .bad = "UPDATE big SET name = 'x' WHERE id > 5;",
     .good = "UPDATE accounts SET name = 'x' WHERE id > 5;"},
    {.id = "truncate",
     .alias = "ban-truncate",
     .severity = Severity::error,
     .topic = Topic::data,
     .lock = LockMode::access_exclusive,
     .duration = Duration::instant,
     .summary = "TRUNCATE empties a table",
     .why = "Its rows are gone, and readers wait for it.",
     .bad = "TRUNCATE events;",
     .good = "DELETE FROM events WHERE id < 100;"},
    {.id = "truncate-cascade",
     .alias = "ban-truncate-cascade",
     .severity = Severity::error,
     .topic = Topic::data,
     .lock = LockMode::access_exclusive,
     .duration = Duration::instant,
     .summary = "TRUNCATE … CASCADE empties what nobody named",
     .why = "Every table with a foreign key to it is emptied too, and what refers to those.",
     .bad = "TRUNCATE orgs CASCADE;",
     .good = "DELETE FROM orgs WHERE id = 1;"},
};

}  // namespace

std::span<const Rule> data_rules() {
  return rules;
}

}  // namespace godwit::schema::lint
