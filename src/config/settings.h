// godwit.yml, typed. Every struct carries the place in the file that it came from.
#pragma once

#include "base/error.h"
#include "config/store_settings.h"
#include "model/check_rule.h"
#include "model/closure.h"
#include "model/freeze_window.h"
#include "model/mask_rule.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace godwit {

// A value as written, that may refer to secrets: "${env:NAME}", "${file:path}". Resolved at use.
struct SecretText {
  std::string written;
  SourceLocation where;
  [[nodiscard]] bool empty() const { return written.empty(); }
};

struct EnvironmentSettings {
  std::string name;
  bool read_only = false;
  bool is_protected = false;
  int approvals = 0;
  SourceLocation where;
};

struct StoreEnvironmentSettings {
  SecretText url, host, database, user, password, path;
  std::optional<int> port;
  SecretText port_reference;  // instead of it
  TlsMode tls = TlsMode::verify_full;
  bool tls_given = false;
  std::string tls_root_certificate, tls_certificate, tls_key;
  int connect_timeout_s = 10;
  std::string schema;
  SourceLocation where;
};

struct StoreSettings {
  std::string name;
  std::string kind;
  std::map<std::string, StoreEnvironmentSettings> environments;
  SourceLocation where;
};

// A table reference as written: "students", "ids.students", "ids.public.students", '"Odd Schema"."T"'. The
// pipeline resolves it against catalogs.
struct TableReference {
  std::string written;
  SourceLocation where;
};

struct ScopeSettings {
  std::string name;     // "district"
  std::string pattern;  // ECMAScript regular expression that a scope value must match whole
  TableReference root;  // "ids.districts.id": store.table.column
  // Tenant key column by pattern: "*" (all), "hcp1" (store), "ids.students" (table). Most specific wins; "" =
  // none.
  std::map<std::string, std::string> keys;
  SourceLocation where;
};

struct LinkSettings {
  std::string child;   // "hcp1.students.external_id"; composite: "a.t.(x,y)"
  std::string parent;  // "ids.students.id"
  SourceLocation where;
};

struct LoadSettings {
  std::string strategy = "insert";
  std::string triggers = "fire";                  // fire | disable | fail
  std::string overlap = "auto";                   // auto | always | never
  std::string atomic = "store";                   // store | table
  std::map<std::string, std::string> strategies;  // per table
  // Column or pattern → source, target or fill.
  std::vector<std::pair<std::string, std::string>> resolve;
};

struct MetricsSettings {
  SecretText push;  // the URL of a push gateway; not written = none
  std::string tls_root_certificate;
};

struct PipelineSettings {
  std::string name;
  std::string from, to;
  std::vector<std::string> stores;  // load order; undo runs it backwards
  ScopeSettings scope;
  OutsidePolicy outside = OutsidePolicy::reference;
  std::vector<std::pair<std::string, OutsidePolicy>> outside_edges;  // "rental.customer_id" → policy
  std::map<std::string, std::vector<std::string>>
      owner;  // table → column(s) of the foreign key(s) that own it
  CrossScope cross_scope = CrossScope::fail;
  std::map<std::string, CrossScope> cross_scope_tables;
  std::vector<std::string> shared, skip;             // table references or patterns with '*'
  std::map<std::string, SourceLocation> references;  // where each written reference stands, for errors
  std::vector<LinkSettings> links;
  MaskRules masks;
  CheckRules checks;
  LoadSettings load;
  MetricsSettings metrics;
  int64_t max_skew_ms = 0;  // 0 = reported, not gated
  int64_t reuse_max_age_hours = 24;
  double count_tolerance = 0;
  int64_t memory_limit_mb = 256;
  int jobs = 2;
  SourceLocation where;
};

// Where a database's schema history comes from, and how it is continued.
struct MigrationsSettings {
  std::string directory;        // as written; counts from the folder of godwit.yml
  std::string tool = "godwit";  // whose history: "godwit", "knex", "flyway" …
  std::string table, schema;    // empty = the tool's own
  // What the tool replaces in its scripts: Flyway's placeholders, Liquibase's parameters, goose's variables.
  std::map<std::string, SecretText> placeholders;
  std::string encoding;     // Flyway; empty = UTF-8
  std::string path_prefix;  // Liquibase: what it calls the files of the folder, before their own names
  std::string project;      // devflow: a part of its lock; empty = that of the settings
  bool apply_late = false;  // lower versions than one that is applied
  bool warn_edited = false, warn_missing = false;
  int64_t lock_timeout_ms = 2000;
  int64_t statement_timeout_ms = 0;
  int64_t retry_for_ms = 60'000;
  int64_t wait_ms = 60'000;
  SourceLocation where;
};

// What must hold before a database's schema is changed in one environment.
struct GateSettings {
  bool require_approval = false;
  std::vector<std::string> allowed_refs;                     // empty = any
  std::vector<std::pair<FreezeWindow, std::string>> freeze;  // and as written
  std::string backup = "optional";                           // required | optional | none
  SourceLocation where;
};

struct DatabaseSettings {
  StoreSettings store;  // its name, kind and addresses
  MigrationsSettings migrations;
  std::map<std::string, GateSettings> gates;  // by environment
  SourceLocation where;
};

struct Settings {
  std::string file;    // absolute
  std::string folder;  // of the file
  std::string project;
  SecretText ledger;  // a path (default .godwit/ledger.db) or postgres://…
  SecretText masking_key;
  std::map<std::string, EnvironmentSettings> environments;
  std::map<std::string, StoreSettings> stores;
  std::map<std::string, PipelineSettings> pipelines;
  std::map<std::string, DatabaseSettings> databases;
  std::vector<std::string> sections_not_used;  // known sections that this version does not act on yet
};

}  // namespace godwit
