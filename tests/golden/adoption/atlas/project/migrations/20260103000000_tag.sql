CREATE TABLE "tag" ("id" integer NOT NULL);
CREATE TABLE "tag_more" ("id" integer NOT NULL);
