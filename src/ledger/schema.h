// The ledger's tables, in SQL that SQLite and PostgreSQL both read. Internal to this folder.
#pragma once

#include <cstdint>

namespace godwit::ledger {

inline constexpr int64_t schema_version = 1;

// Times are microseconds since 1970 UTC; 0 = not yet. Safe to run where the tables are already.
inline constexpr const char* schema_script = R"sql(
CREATE TABLE IF NOT EXISTS meta (
  version BIGINT PRIMARY KEY
);
CREATE TABLE IF NOT EXISTS run (
  run TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  pipeline TEXT NOT NULL,
  scope TEXT NOT NULL,
  strategy TEXT NOT NULL,
  plan_hash TEXT NOT NULL,
  of_run TEXT NOT NULL,
  key_fingerprint TEXT NOT NULL,
  state TEXT NOT NULL,
  requester TEXT NOT NULL,
  host TEXT NOT NULL,
  pid BIGINT NOT NULL,
  started_us BIGINT NOT NULL,
  finished_us BIGINT NOT NULL,
  heartbeat_us BIGINT NOT NULL,
  exit_code BIGINT NOT NULL,
  error TEXT NOT NULL,
  cancel_requested BIGINT NOT NULL,
  is_exclusive BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS run_scope ON run (pipeline, scope, started_us);
CREATE TABLE IF NOT EXISTS phase (
  run TEXT NOT NULL REFERENCES run,
  phase TEXT NOT NULL,
  started_us BIGINT NOT NULL,
  finished_us BIGINT NOT NULL,
  state TEXT NOT NULL,
  row_count BIGINT NOT NULL,
  byte_count BIGINT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (run, phase, started_us)
);
CREATE TABLE IF NOT EXISTS dataset (
  run TEXT NOT NULL REFERENCES run,
  dataset TEXT NOT NULL,
  ordinal BIGINT NOT NULL,
  membership TEXT NOT NULL,
  rows_extracted BIGINT NOT NULL,
  rows_owned BIGINT NOT NULL,
  rows_inserted BIGINT NOT NULL,
  rows_updated BIGINT NOT NULL,
  rows_kept BIGINT NOT NULL,
  byte_count BIGINT NOT NULL,
  digest TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (run, dataset)
);
CREATE TABLE IF NOT EXISTS check_outcome (
  run TEXT NOT NULL REFERENCES run,
  id TEXT NOT NULL,
  severity TEXT NOT NULL,
  verdict TEXT NOT NULL,
  findings BIGINT NOT NULL,
  PRIMARY KEY (run, id)
);
CREATE TABLE IF NOT EXISTS store (
  run TEXT NOT NULL REFERENCES run,
  store TEXT NOT NULL,
  ordinal BIGINT NOT NULL,
  state TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  changed_us BIGINT NOT NULL,
  PRIMARY KEY (run, store)
);
CREATE TABLE IF NOT EXISTS undo (
  run TEXT NOT NULL REFERENCES run,
  store TEXT NOT NULL,
  dataset TEXT NOT NULL,
  to_delete BIGINT NOT NULL,
  to_restore BIGINT NOT NULL,
  PRIMARY KEY (run, store, dataset)
);
CREATE TABLE IF NOT EXISTS approval (
  plan_hash TEXT NOT NULL,
  database_name TEXT NOT NULL,
  environment TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  actor TEXT NOT NULL,
  approved_us BIGINT NOT NULL,
  expires_us BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS approval_plan ON approval (plan_hash);
CREATE TABLE IF NOT EXISTS receipt (
  plan_hash TEXT NOT NULL,
  database_name TEXT NOT NULL,
  environment TEXT NOT NULL,
  made_us BIGINT NOT NULL,
  document TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS receipt_plan ON receipt (plan_hash);
INSERT INTO meta (version) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM meta);
)sql";

}  // namespace godwit::ledger
