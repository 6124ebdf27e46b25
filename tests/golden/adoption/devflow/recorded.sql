CREATE TABLE IF NOT EXISTS public.schema_migrations (id SERIAL PRIMARY KEY, name VARCHAR(255) NOT NULL UNIQUE, checksum VARCHAR(64) NOT NULL,
  applied_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP, applied_by VARCHAR(255) DEFAULT CURRENT_USER, execution_time_ms INTEGER,
  success BOOLEAN DEFAULT TRUE, rolled_back_at TIMESTAMPTZ, notes TEXT, devflow_version VARCHAR(32), applied_from VARCHAR(64), ci_run_id VARCHAR(128));
CREATE INDEX IF NOT EXISTS ix_schema_migrations_applied_at ON public.schema_migrations(applied_at);
CREATE TABLE person (id int);
CREATE TABLE note (id int);
INSERT INTO public.schema_migrations (name, checksum, applied_at, execution_time_ms, success, devflow_version, applied_from) VALUES
  ('20260101000000_person.sql', 'dd3a174c3f6a1a5099e2c8b289247ea82ed71e2530100bb3184b7e65cbbbc244', '2026-01-01 10:00:00+00', 12, true, '0.2.8', 'cli'),
  ('20260102000000_note.sql', 'b26fa94804df65356eb50a889ecb6090ac07b1cef125a037929ac7f677d61b9d', '2026-01-02 10:00:00+00', 9, true, '0.2.8', 'ci');
