#include "schema/history/prisma/prisma.h"

#include "crypto/sha256.h"

#include <gtest/gtest.h>

namespace godwit::schema {
namespace {

std::unique_ptr<History> prisma() {
  HistoryOptions options;
  options.tool = "prisma";
  auto made = make_history(options);
  return std::move(*made);
}

TEST(Prisma, ReadsOneScriptPerFolder) {
  const auto folder = prisma()->read_folder({{"20260101000000_a-b/migration.sql", "B"},
                                             {"20260101000000_a/migration.sql", "A"},
                                             {"20260101000000_a/notes.md", ""},
                                             {"migration_lock.toml", ""},
                                             {"x/y/migration.sql", ""}});
  ASSERT_TRUE(folder.ok());
  ASSERT_EQ(folder->migrations.size(), 2U);
  EXPECT_EQ(folder->migrations[0].revision, "20260101000000_a");
  EXPECT_EQ(folder->migrations[0].name, "a");
  EXPECT_EQ(folder->migrations[0].checksum, crypto::sha256_hex("A"));
  EXPECT_EQ(folder->ignored.size(), 2U);
}

TEST(Prisma, ChecksumIsBlindToLineEnds) {
  EXPECT_TRUE(prisma_checksum_matches(crypto::sha256_hex("a\r\nb\n"), "a\r\nb\n"));
  EXPECT_TRUE(prisma_checksum_matches(crypto::sha256_hex("a\nb\n"), "a\r\nb\r\n"));
  EXPECT_TRUE(prisma_checksum_matches(crypto::sha256_hex("a\r\nb\r\n"), "a\nb\n"));
  EXPECT_FALSE(prisma_checksum_matches(crypto::sha256_hex("a\nb"), "a\nb\n"));
}

// SHA-256("abc") = ba7816bf 8f01cfea …: the byte 01 stands as "1" in rows of the old version.
TEST(Prisma, ChecksumsOfTheOldVersionLackLeadingZeros) {
  // One zero too many: no version wrote that.
  EXPECT_FALSE(
      prisma_checksum_matches("ba7816bf8f1cfea414140de5dae2223b0361a396177a9cb410ff61f20015ad", "abc"));
  EXPECT_TRUE(
      prisma_checksum_matches("ba7816bf8f1cfea414140de5dae2223b0361a396177a9cb410ff61f2015ad", "abc"));
}

TEST(Prisma, RowsThatWereRolledBackDoNotCountAndUnfinishedOnesFailed) {
  const auto recorded = prisma()->from_rows({{"a", "c", "t", std::nullopt},
                                             {"b", "c", std::nullopt, "t"},
                                             {"b", "c", "t", std::nullopt},
                                             {"d", "c", std::nullopt, std::nullopt}});
  ASSERT_TRUE(recorded.ok());
  ASSERT_EQ(recorded->applied.size(), 3U);
  EXPECT_FALSE(recorded->applied[1].failed);
  EXPECT_TRUE(recorded->applied[2].failed);
  EXPECT_EQ(prisma()->lock("app").advisory_keys, std::vector<int64_t>{72707369});
}

}  // namespace
}  // namespace godwit::schema
