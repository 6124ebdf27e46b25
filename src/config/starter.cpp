#include "config/starter.h"

namespace godwit {

namespace {

constexpr std::string_view settings_text =
    R"yaml(# What moves, from where to where. Every key: docs/CONFIGURATION.md
version: 1
project: my-project                       # shown in reports

# Where runs are recorded. A file serves one machine; share it between machines with
#   ledger: "postgres://ledger-host/godwit"
ledger: .godwit/ledger.db

# Credentials and keys never stand here: ${env:NAME} reads a variable, ${file:path} a file.
# Make a masking key once with `openssl rand -base64 32`, and keep it: the same key gives the same fakes.
keys:
  masking: "${env:GODWIT_MASKING_KEY}"

environments:
  prod: {read_only: true}                 # never a target
  cert: {protected: true}                 # approvals: 1 asks for one more person

stores:
  main:
    kind: postgres                        # or sqlite: prod: {path: prod/main.db}
    prod:
      host: prod-db.example
      database: main
      user: readonly_user
      password: "${env:PROD_MAIN_PASSWORD}"
    cert:
      host: cert-db.example
      database: main
      user: loader
      password: "${env:CERT_MAIN_PASSWORD}"
      # TLS with verification is the default, for localhost too. Weaker is explicit, and stands in every report:
      # tls: require                      # verify-full | verify-ca | require | prefer | disable

pipelines:
  tenant:
    from: prod
    to: cert
    stores: [main]                        # in load order; undo runs it backwards

    # The slice that one run moves: `godwit run tenant acme` moves the rows that belong to the tenant acme.
    scope:
      name: tenant
      pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
      root: main.tenants.id               # the column that holds the value
      keys: {"*": tenant_id}              # tables with this column belong to the tenant of its value

    # Rows that the tenant's rows point at but that are not the tenant's own:
    # reference (must be in the target already), include (copied and masked), null, fail.
    outside: reference

    # Tables with several paths to the tenant name the foreign key that owns the row.
    # owner: {main.order_items: order_id}

    # Tables without a path to the tenant: copied whole on purpose, or left out on purpose.
    # shared: [main.countries, main.currencies]
    # skip: ["main.audit_*"]

    # Foreign keys that no database knows, also across stores.
    # links: ["crm.contacts.external_id -> main.customers.id"]

    masks: masks.yml
    checks: checks.yml
    load: {strategy: insert}              # upsert updates rows that the scope owns
)yaml";

constexpr std::string_view masks_text =
    R"yaml(# How each column is masked, or why it is kept. First match wins; the shipped rules (names, e-mails, phones,
# addresses, dates of birth, identifiers and more) follow after these. A text, json, date or identifier column
# that no rule covers refuses the run: `godwit mask --explain` shows which rule covers what.
version: 1
defaults: true

# The persons whose fields agree everywhere: per table, the column that says who it is.
# subjects:
#   customer:
#     main.customers: id
#     main.orders: customer_id

rules:
  - name: code lists
    match: {table: "countries|currencies"}
    mask: {strategy: keep, reason: "code lists hold no person"}

  - name: free text
    match: {column: ".*(notes|comment|remarks).*", types: [text]}
    mask: {strategy: redact}

  # - name: customer names
  #   match: {table: customers, column: first_name}
  #   mask: {strategy: dictionary, dictionary: first_name, subject: customer}
  # - name: external numbers                # unique: a token long enough, or fpe
  #   match: {column: external_number}
  #   mask: {strategy: fpe, alphabet: digits, reserved: false}
  # - name: profile document
  #   match: {table: customers, column: profile}
  #   mask:
  #     strategy: json
  #     otherwise: redact
  #     paths:
  #       "$.contact.email": {strategy: template, template: email}
  #       "$..phone": {strategy: template, template: phone}
)yaml";

constexpr std::string_view checks_text =
    R"yaml(# What must hold in the data of a run, besides what the catalog and the masks imply (types, keys, foreign keys,
# constraints, masked columns). A failing ERROR stops the run before anything is committed.
version: 1
settings:
  fail_on_warnings: false
  max_warnings_allowed: 10

rules:
  - name: no_future_created_dates
    all_tables: true                      # every table that has the column
    condition: "created_at <= current_timestamp"
    severity: WARNING
    message: "created in the future"

  # - name: order_total_positive
  #   store: main
  #   table: orders
  #   condition: "total >= 0"
  # - {name: customer_fields, store: main, table: customers, fields: [id, tenant_id, email]}
  # - name: order_has_items
  #   kind: exists
  #   store: main
  #   table: orders
  #   join_table: order_items
  #   join_condition: "this.id = other.order_id"
  #   severity: WARNING
)yaml";

}  // namespace

const std::vector<StarterFile>& starter_settings() {
  static const std::vector<StarterFile> files = {
      {"godwit.yml", settings_text}, {"masks.yml", masks_text}, {"checks.yml", checks_text}};
  return files;
}

}  // namespace godwit
