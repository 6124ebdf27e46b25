CREATE TABLE "_prisma_migrations" (
    "id"                    VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum"              VARCHAR(64) NOT NULL,
    "finished_at"           TIMESTAMPTZ,
    "migration_name"        VARCHAR(255) NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        TIMESTAMPTZ,
    "started_at"            TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count"   INTEGER NOT NULL DEFAULT 0
);
-- CreateTable
CREATE TABLE "Person" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "Person_pkey" PRIMARY KEY ("id")
);
-- CreateTable
CREATE TABLE "Note" (
    "id" SERIAL NOT NULL
);

INSERT INTO "_prisma_migrations" VALUES
  ('5d7c8f58-54f5-4a09-a9a5-3d0d0b9b2f01', 'c3b8d6c10433ce4c559f71696ffc20adfe138a9a0a3525263628f0b2add8b87f', '2026-01-01 10:00:01+00', '20260101000000_person', NULL, NULL, '2026-01-01 10:00:00+00', 1),
  ('9a3a3cf2-1b0e-4c8c-8f0f-3c1d5e6f7a02', 'f526795c95399cea27c055c842c3d6ab018ed0fa4f66f701c28ab22dec28237b', NULL, '20260102000000_note', 'A migration failed to apply.', '2026-01-02 10:05:00+00', '2026-01-02 10:00:00+00', 0),
  ('0b9d5c57-7a55-4a42-bd8c-0d8c1f2e3a03', 'e2830c9d79a1315d2eb519afd8de98cad4c2116b3419dfc060583457fd06891a', '2026-01-02 10:10:01+00', '20260102000000_note', NULL, NULL, '2026-01-02 10:10:00+00', 1);
