#include "schema/lint/rules/rule.h"

namespace godwit::schema::lint {

namespace {

using sql::LockMode;

constexpr Rule rules[] = {
    {.id = "syntax-error",
     .severity = Severity::error,
     .topic = Topic::script,
     .summary = "the script is not SQL that PostgreSQL 15 understands",
     .why = "It would fail when it is applied.",
     .bad = "CREATE TABEL notes (id bigint);",
     .good = "CREATE TABLE notes (id bigint PRIMARY KEY);"},
    {.id = "begin-without-commit",
     .severity = Severity::error,
     .topic = Topic::script,
     .summary = "BEGIN without COMMIT",
     .why = "godwit refuses the file; by other means the transaction stays open, with its locks, until the "
            "connection ends.",
     .bad = "BEGIN;\nCREATE TABLE notes (id bigint PRIMARY KEY);",
     .good = "CREATE TABLE notes (id bigint PRIMARY KEY);",
     .dialect = For::both},
    {.id = "nested-transaction",
     .alias = "transaction-nesting",
     .severity = Severity::error,
     .topic = Topic::script,
     .summary = "BEGIN or COMMIT inside the transaction of the migration",
     .why =
         "The first COMMIT ends godwit's own transaction: what follows runs without one, and so does the row "
         "of the history. godwit refuses such a file. BEGIN and COMMIT around the whole file are fine.",
     .bad =
         "CREATE TABLE notes (id bigint PRIMARY KEY);\nCOMMIT;\nCREATE TABLE more (id bigint PRIMARY KEY);",
     .good = "BEGIN;\nCREATE TABLE notes (id bigint PRIMARY KEY);\nCOMMIT;",
     .dialect = For::both},
    {.id = "not-idempotent",
     .alias = "prefer-robust-stmts",
     .severity = Severity::note,
     .topic = Topic::script,
     .summary = "a statement of a file without a transaction cannot be run twice",
     .why = "When a later statement fails, this one stays. godwit goes on behind it; by other means the file "
            "starts again, and fails here. IF [NOT] EXISTS makes it safe.",
     .bad = "CREATE TABLE notes (id bigint PRIMARY KEY);\nVACUUM accounts;",
     .good = "CREATE TABLE IF NOT EXISTS notes (id bigint PRIMARY KEY);\nVACUUM accounts;"},
    {.id = "set-without-local",
     .severity = Severity::warning,
     .topic = Topic::script,
     .summary = "SET without LOCAL outlives the transaction",
     .why = "The setting stays for whatever runs next on the connection, other migrations among them.",
     .bad = "SET lock_timeout = '2s';",
     .good = "SET LOCAL lock_timeout = '2s';"},
    {.id = "created-and-dropped",
     .severity = Severity::warning,
     .topic = Topic::script,
     .summary = "a file creates and drops the same object",
     .why = "One of the two is not meant: the file leaves nothing of it behind.",
     .bad = "CREATE TABLE notes (id bigint PRIMARY KEY);\nDROP TABLE notes;",
     .good = "CREATE TABLE notes (id bigint PRIMARY KEY);"},
    {.id = "allow-without-reason",
     .severity = Severity::error,
     .topic = Topic::script,
     .summary = "an allowance without a reason",
     .why = "Whoever reads it next has to know why the rule may be broken here: -- godwit:allow RULE: REASON",
     .bad = "-- godwit:allow drop-table\nDROP TABLE events;",
     .good = "-- godwit:allow drop-table: not used since release 12\nDROP TABLE events;",
     .dialect = For::both},
    {.id = "unknown-allowance",
     .severity = Severity::warning,
     .topic = Topic::script,
     .summary = "an allowance for a rule that does not exist",
     .why = "It allows nothing: a spelling mistake, or a rule of another tool.",
     .bad = "-- godwit:allow drop-tabel: not used\nSELECT 1;",
     .good = "SELECT 1;",
     .dialect = For::both},
    {.id = "unused-allowance",
     .severity = Severity::note,
     .topic = Topic::script,
     .summary = "an allowance that allows nothing",
     .why = "The rule finds nothing there any more: take the comment out, before it hides something.",
     .bad = "-- godwit:allow drop-table: not used\nSELECT 1;",
     .good = "SELECT 1;",
     .dialect = For::both},
    {.id = "sqlite-add-required-column",
     .alias = "LT101",
     .severity = Severity::error,
     .topic = Topic::data,
     .summary = "SQLite: ADD COLUMN … NOT NULL without a default",
     .why = "SQLite refuses it (\"Cannot add a NOT NULL column with default value NULL\"), whether the table "
            "has rows or not.",
     .bad = "ALTER TABLE accounts ADD COLUMN state text NOT NULL;",
     .good = "ALTER TABLE accounts ADD COLUMN state text NOT NULL DEFAULT 'new';",
     .dialect = For::sqlite},
    {.id = "sqlite-add-unique-column",
     .severity = Severity::error,
     .topic = Topic::data,
     .summary = "SQLite: ADD COLUMN … UNIQUE or PRIMARY KEY",
     .why = "SQLite refuses it. Add the column, then CREATE UNIQUE INDEX.",
     .bad = "ALTER TABLE accounts ADD COLUMN code text UNIQUE;",
     .good =
         "ALTER TABLE accounts ADD COLUMN code text;\nCREATE UNIQUE INDEX accounts_code ON accounts (code);",
     .dialect = For::sqlite},
    {.id = "sqlite-rebuild-with-foreign-keys",
     .severity = Severity::error,
     .topic = Topic::data,
     .summary = "SQLite: a table is rebuilt while foreign keys are enforced",
     .why = "DROP TABLE deletes its rows first: those of other tables that refer to them go too (ON DELETE "
            "CASCADE), or the statement fails. PRAGMA foreign_keys = OFF has no effect inside a transaction: "
            "mark the file as one that is not run in one, and check with PRAGMA foreign_key_check.",
     .bad =
         "CREATE TABLE accounts_new (id integer PRIMARY KEY, email text);\nINSERT INTO accounts_new SELECT "
         "id, email FROM accounts;\nDROP TABLE accounts;\nALTER TABLE accounts_new RENAME TO accounts;",
     .good = "PRAGMA foreign_keys = OFF;\nCREATE TABLE accounts_new (id integer PRIMARY KEY, email "
             "text);\nINSERT INTO accounts_new SELECT id, email FROM accounts;\nDROP TABLE accounts;\nALTER "
             "TABLE accounts_new RENAME TO accounts;\nPRAGMA foreign_keys = ON;",
     .dialect = For::sqlite},
};

}  // namespace

std::span<const Rule> script_rules() {
  return rules;
}

}  // namespace godwit::schema::lint
