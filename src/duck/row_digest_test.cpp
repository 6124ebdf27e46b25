#include "duck/row_digest.h"

#include "duck/parquet.h"
#include "duck/test_fixture.h"

namespace godwit::duck {
namespace {

class RowDigestTest : public DuckTest {
 protected:
  // By the SQL functions, and by the class over the same rows: they must agree.
  std::string digest_of(const std::string& select) {
    RowDigest digest;
    const Status status = connection_->stream(
        select, [](const std::vector<ColumnDef>&) { return Status(); },
        [&digest](const ChunkReader& chunk) { return digest.add(chunk); });
    if (!status.ok()) return status.error().text();
    const std::string by_sql =
        cell("SELECT godwit_digest(godwit_row_hash(*COLUMNS(*))) FROM (" + select + ")");
    EXPECT_EQ(digest.hex(), by_sql) << select;
    return by_sql;
  }
};

TEST_F(RowDigestTest, NamesTheColumnsQuoted) {
  EXPECT_EQ(row_digest_sql({"a", "Mixed \"x\""}),
            "godwit_digest(godwit_row_hash(\"a\", \"Mixed \"\"x\"\"\"))");
}

// The vectors of docs/FORMATS.md, computed with another implementation of XXH3-128 over hand-made bytes.
TEST_F(RowDigestTest, GoldenVectors) {
  EXPECT_EQ(cell("SELECT godwit_digest(godwit_row_hash())"), "51025a4491835505e12ef9d2eb86ceeb");
  EXPECT_EQ(digest_of("SELECT true, 1::integer, 'abc', NULL::date"), "878443a0ae7a1557a2bd73ad0b286be0");
  EXPECT_EQ(digest_of("SELECT (-1)::smallint, false, '', '\\x00\\xFF'::blob"),
            "281fc849e270d37c5408342f25fede67");
  EXPECT_EQ(
      digest_of(
          "SELECT (-12.34)::decimal(4,2), 1000000000000000000000000000::decimal(38,10), 5::decimal(18,0)"),
      "73a57572e6e3502b89f65decd36c2c12");
  EXPECT_EQ(digest_of("SELECT '-0'::double, 1.5::double, 'nan'::double, '-nan'::float, 0.25::float"),
            "91fa71444a78149881e91415c9e73509");
  EXPECT_EQ(
      digest_of("SELECT '2024-02-29'::date, '23:59:59.999999'::time, '1969-12-31 23:59:59.999999'::timestamp,"
                " 'infinity'::timestamptz"),
      "59f352c760c79d4d354fa157bd275aef");
  EXPECT_EQ(digest_of("SELECT 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, (-5)::hugeint"),
            "498eeb959f64b6624a8869907d6c7bd5");
  EXPECT_EQ(digest_of("SELECT 'größe', repeat('x', 1000)"), "98aeb62f9e35ca6d3b1ba645a2b2193b");
}

TEST_F(RowDigestTest, NoRowsIsZeroAndRowsAddUp) {
  EXPECT_EQ(digest_of("SELECT 1 WHERE false"), std::string(32, '0'));
  EXPECT_NE(digest_of("SELECT unnest(['a', 'a'])"), digest_of("SELECT 'a'"));
  EXPECT_NE(digest_of("SELECT unnest(['a', 'a', 'b'])"), digest_of("SELECT unnest(['a', 'b', 'b'])"));
}

TEST_F(RowDigestTest, OrderAndThreadsDoNotMatter) {
  const std::string rows = "SELECT range AS a, 'row ' || range AS b, range % 3 = 0 AS c FROM range(300_000)";
  const std::string forward = digest_of(rows + " ORDER BY a");
  EXPECT_EQ(forward.size(), 32U);
  EXPECT_EQ(forward, digest_of(rows + " ORDER BY hash(a)"));
  ASSERT_TRUE(connection_->run(copy_to_parquet_sql(rows, path("r.parquet"), {})).ok());
  const std::string from_file = "SELECT * FROM " + read_parquet_sql({path("r.parquet")});
  EXPECT_EQ(forward, digest_of(from_file));
  open(DatabaseOptions{folder_.path(), 256, 1});
  EXPECT_EQ(forward, digest_of(from_file));
  EXPECT_EQ(cell("SELECT count(DISTINCT d) FROM (SELECT godwit_digest(godwit_row_hash(a)) AS d FROM (" +
                 rows + ") GROUP BY a % 7)"),
            "7");
}

TEST_F(RowDigestTest, PartsCombine) {
  RowDigest first, second, whole;
  const auto none = [](const std::vector<ColumnDef>&) { return Status(); };
  const auto into = [](RowDigest& digest) {
    return [&digest](const ChunkReader& chunk) { return digest.add(chunk); };
  };
  ASSERT_TRUE(connection_->stream("SELECT range FROM range(0, 5000)", none, into(first)).ok());
  ASSERT_TRUE(connection_->stream("SELECT range FROM range(5000, 9000)", none, into(second)).ok());
  ASSERT_TRUE(connection_->stream("SELECT range FROM range(0, 9000)", none, into(whole)).ok());
  EXPECT_NE(first.hex(), whole.hex());
  RowDigest written = first;
  written.combine(std::string_view(second.hex()));
  EXPECT_EQ(written.hex(), whole.hex());
  first.combine(second);
  EXPECT_EQ(first.hex(), whole.hex());
}

TEST_F(RowDigestTest, TellsApartWhatDiffers) {
  const std::pair<const char*, const char*> pairs[] = {
      {"SELECT 'ab', 'c'", "SELECT 'a', 'bc'"},
      {"SELECT NULL::varchar, 'a'", "SELECT 'a', NULL::varchar"},
      {"SELECT NULL::varchar", "SELECT ''"},
      {"SELECT 'a'", "SELECT 'a'::blob"},
      {"SELECT 1", "SELECT '1'"},
      {"SELECT 1.0::decimal(4,1)", "SELECT 1.00::decimal(4,2)"},
      {"SELECT '2020-01-01'::timestamp", "SELECT '2020-01-01'::timestamptz"},
      {"SELECT 0::double", "SELECT '-0'::double"},
      {"SELECT true", "SELECT 1"},
      {"SELECT 1, 2", "SELECT 2, 1"},
      {"SELECT 1", "SELECT 1, NULL::integer"},
  };
  for (const auto& [left, right] : pairs)
    EXPECT_NE(digest_of(left), digest_of(right)) << left << " / " << right;
}

TEST_F(RowDigestTest, WidthsDoNotMatter) {
  EXPECT_EQ(digest_of("SELECT 7::smallint"), digest_of("SELECT 7::bigint"));
  EXPECT_EQ(digest_of("SELECT 7::integer"), digest_of("SELECT 7::bigint"));
  EXPECT_EQ(digest_of("SELECT 1.25::decimal(4,2)"), digest_of("SELECT 1.25::decimal(38,2)"));
  EXPECT_EQ(digest_of("SELECT NULL::integer"), digest_of("SELECT NULL::varchar"));
}

TEST_F(RowDigestTest, RefusesATypeWithoutAForm) {
  EXPECT_NE(cell("SELECT godwit_row_hash(INTERVAL 1 DAY)").find("without a canonical form"),
            std::string::npos);
  EXPECT_EQ(cell("SELECT godwit_row_hash(NULL) = godwit_row_hash(NULL::interval)"), "true");
}

}  // namespace
}  // namespace godwit::duck
