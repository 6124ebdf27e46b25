-- CreateTable
CREATE TABLE "Note" (
    "id" SERIAL NOT NULL
);
