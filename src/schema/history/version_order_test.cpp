#include "schema/history/version_order.h"

#include <gtest/gtest.h>

namespace godwit::schema {
namespace {

TEST(VersionOrder, DigitsByValueOfAnyLength) {
  EXPECT_LT(compare_digits("9", "10"), 0);
  EXPECT_EQ(compare_digits("0012", "12"), 0);
  EXPECT_GT(compare_digits("20260101000000000000000001", "20260101000000000000000000"), 0);
}

TEST(VersionOrder, DottedPartByPart) {
  EXPECT_LT(compare_dotted("1.9", "1.10"), 0);
  EXPECT_EQ(compare_dotted("1.2", "1_2_0"), 0);
  EXPECT_EQ(compare_dotted("01.0", "1"), 0);
  EXPECT_GT(compare_dotted("1.0.1", "1"), 0);
}

TEST(VersionOrder, TheNextFileIsNumberedAsTheFolderIs) {
  MigrationFolder folder;
  EXPECT_EQ(next_prefix(folder, "20260102030405"), "20260102030405");
  folder.migrations.resize(2);
  folder.migrations[0].file = "000009_a.up.sql";
  folder.migrations[1].file = "000008_a.up.sql";
  EXPECT_EQ(next_prefix(folder, "20260102030405"), "000010");
  folder.migrations[0].file = "20250102030405_a.up.sql";
  EXPECT_EQ(next_prefix(folder, "20260102030405"), "20260102030405");
}

}  // namespace
}  // namespace godwit::schema
