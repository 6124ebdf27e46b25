ALTER TABLE "Person" DROP COLUMN "tag";
UPDATE "_prisma_migrations" SET "rolled_back_at" = now() WHERE "migration_name" = '20260103000000_tag';
