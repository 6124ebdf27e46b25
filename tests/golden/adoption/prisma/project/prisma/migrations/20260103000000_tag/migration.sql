-- AlterTable
ALTER TABLE "Person" ADD COLUMN "tag" TEXT;
