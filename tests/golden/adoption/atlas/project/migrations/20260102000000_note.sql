-- atlas:txmode none

CREATE TABLE "note" ("id" integer NOT NULL);
CREATE INDEX CONCURRENTLY "note_id" ON "note" ("id");
