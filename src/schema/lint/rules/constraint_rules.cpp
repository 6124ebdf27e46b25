#include "schema/lint/rules/rule.h"

namespace godwit::schema::lint {

namespace {

using sql::LockMode;

constexpr Rule rules[] = {
    {.id = "add-foreign-key-without-not-valid",
     .alias = "PG306, adding-foreign-key-constraint",
     .severity = Severity::error,
     .lock = LockMode::share_row_exclusive,
     .duration = Duration::scan,
     .summary = "a foreign key that is validated at once stops writes to both tables",
     .why = "Every row is looked up in the other table while neither can be written to. NOT VALID needs the "
            "lock for a "
            "moment, and VALIDATE CONSTRAINT reads under a lock that lets writers pass.",
     .bad = "ALTER TABLE accounts ADD CONSTRAINT accounts_org FOREIGN KEY (org_id) REFERENCES orgs (id);",
     .good = "ALTER TABLE accounts ADD CONSTRAINT accounts_org FOREIGN KEY (org_id) REFERENCES orgs (id) NOT "
             "VALID;"},
    {.id = "add-check-without-not-valid",
     .alias = "PG305, constraint-missing-not-valid",
     .severity = Severity::error,
     .lock = LockMode::access_exclusive,
     .duration = Duration::scan,
     .summary = "a CHECK that is validated at once stops reads and writes during a scan",
     .why = "Every row is read under ACCESS EXCLUSIVE. NOT VALID needs the lock for a moment, and VALIDATE "
            "CONSTRAINT "
            "reads under a lock that lets readers and writers pass.",
     .bad = "ALTER TABLE accounts ADD CONSTRAINT adult CHECK (age >= 18);",
     .good = "ALTER TABLE accounts ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID;"},
    {.id = "validate-in-same-transaction",
     .severity = Severity::error,
     .lock = LockMode::share_row_exclusive,
     .duration = Duration::scan,
     .summary = "NOT VALID and VALIDATE CONSTRAINT in one transaction",
     .why = "The strong lock of ADD CONSTRAINT is held until the transaction ends, so through the scan of "
            "VALIDATE too: "
            "NOT VALID gained nothing.",
     .bad = "ALTER TABLE accounts ADD CONSTRAINT accounts_org FOREIGN KEY (org_id) REFERENCES orgs (id) NOT "
            "VALID;\nALTER "
            "TABLE accounts VALIDATE CONSTRAINT accounts_org;",
     .good = "ALTER TABLE accounts VALIDATE CONSTRAINT org_known;"},
    {.id = "add-unique-constraint",
     .alias = "PG105, disallowed-unique-constraint",
     .severity = Severity::error,
     .lock = LockMode::access_exclusive,
     .duration = Duration::scan,
     .summary = "ADD UNIQUE builds its index while nobody can read the table",
     .why = "Build the index CONCURRENTLY first, and give it to the constraint with USING INDEX: that takes "
            "a moment.",
     .bad = "ALTER TABLE accounts ADD CONSTRAINT accounts_email UNIQUE (email);",
     .good = "ALTER TABLE accounts ADD CONSTRAINT accounts_age UNIQUE USING INDEX accounts_age_ready;"},
    {.id = "add-primary-key",
     .alias = "PG104, PG304, adding-serial-primary-key-field",
     .severity = Severity::error,
     .lock = LockMode::access_exclusive,
     .duration = Duration::scan,
     .summary = "ADD PRIMARY KEY builds its index, and proves NOT NULL, while nobody can read the table",
     .why = "Build a unique index CONCURRENTLY, prove NOT NULL with a validated CHECK, and then ADD PRIMARY "
            "KEY USING "
            "INDEX.",
     .bad = "ALTER TABLE events ADD PRIMARY KEY (id);",
     .good = "ALTER TABLE events ADD CONSTRAINT events_pk PRIMARY KEY USING INDEX events_ready;"},
    {.id = "add-exclusion-constraint",
     .severity = Severity::error,
     .lock = LockMode::access_exclusive,
     .duration = Duration::scan,
     .summary = "ADD EXCLUDE builds its index while nobody can read the table, and has no online form",
     .why = "An exclusion constraint can neither be NOT VALID nor take an index that exists. On a large "
            "table: a new "
            "table with the constraint, filled in the background.",
     .bad = "ALTER TABLE events ADD CONSTRAINT apart EXCLUDE USING btree (id WITH =);",
     .good =
         "CREATE TABLE bookings (id bigint PRIMARY KEY, room int8range, EXCLUDE USING gist (room WITH &&));"},
    {.id = "set-not-null-without-check",
     .alias = "PG303, MF104, adding-not-nullable-field",
     .severity = Severity::error,
     .lock = LockMode::access_exclusive,
     .duration = Duration::scan,
     .summary = "SET NOT NULL reads every row while nobody can read the table",
     .why = "Since PostgreSQL 12 a validated CHECK (column IS NOT NULL) is proof enough, and the scan is "
            "left out.",
     .bad = "ALTER TABLE accounts ALTER COLUMN email SET NOT NULL;",
     .good = "ALTER TABLE accounts VALIDATE CONSTRAINT email_known;"},
    {.id = "foreign-key-without-index",
     .severity = Severity::warning,
     .summary = "the columns of a foreign key have no index",
     .why = "Every DELETE and key UPDATE in the referenced table reads the whole referencing one, and holds "
            "its locks for "
            "as long.",
     .bad = "CREATE TABLE invoices (id bigint PRIMARY KEY, org_id bigint REFERENCES orgs (id));",
     .good =
         "CREATE TABLE invoices (id bigint PRIMARY KEY, org_id bigint REFERENCES orgs (id));\nCREATE INDEX "
         "invoices_org ON invoices (org_id);"},
};

}  // namespace

std::span<const Rule> constraint_rules() {
  return rules;
}

}  // namespace godwit::schema::lint
