-- Create "person" table
CREATE TABLE "person" ("id" integer NOT NULL, PRIMARY KEY ("id"));
