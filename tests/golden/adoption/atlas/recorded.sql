CREATE SCHEMA "atlas_schema_revisions";
CREATE TABLE "atlas_schema_revisions"."atlas_schema_revisions" ("version" character varying NOT NULL, "description" character varying NOT NULL, "type" bigint NOT NULL DEFAULT 2, "applied" bigint NOT NULL DEFAULT 0, "total" bigint NOT NULL DEFAULT 0, "executed_at" timestamptz NOT NULL, "execution_time" bigint NOT NULL, "error" text NULL, "error_stmt" text NULL, "hash" character varying NOT NULL, "partial_hashes" jsonb NULL, "operator_version" character varying NOT NULL, PRIMARY KEY ("version"));
CREATE TABLE "person" ("id" integer NOT NULL, PRIMARY KEY ("id"));
CREATE TABLE "note" ("id" integer NOT NULL);
CREATE INDEX "note_id" ON "note" ("id");
INSERT INTO "atlas_schema_revisions"."atlas_schema_revisions" VALUES
  ('.atlas_cloud_identifier', '0f6d8a5e-3b1c-4d2e-9f3a-1b2c3d4e5f60', 16, 0, 0, '2026-01-01 10:00:00+00', 0, '', '', '', 'null', 'Atlas CLI v0.32.0'),
  ('20260101000000', 'person', 2, 1, 1, '2026-01-01 10:00:00+00', 5123456, '', '', 'EhmvqKQ1HvRyrBDSPgNyKJQtJFKT9IrYOGNIh7AS4J4=', 'null', 'Atlas CLI v0.32.0'),
  ('20260102000000', 'note', 2, 2, 2, '2026-01-02 10:00:00+00', 6123456, '', '', 'AmWgH8ijWbV6zmBWQZiK0EkYj7OBFZT6YOlDMbdjjRE=', 'null', 'Atlas CLI v0.32.0');
