DROP TABLE "tag", "tag_more";
DELETE FROM "atlas_schema_revisions"."atlas_schema_revisions" WHERE "version" = '20260103000000';
