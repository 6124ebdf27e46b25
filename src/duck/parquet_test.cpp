#include "duck/parquet.h"

#include "base/text.h"
#include "duck/test_fixture.h"

#include <filesystem>
#include <fstream>

namespace godwit::duck {
namespace {

using ParquetTest = DuckTest;

TEST_F(ParquetTest, EveryStagingTypeComesBackAsItWas) {
  ASSERT_TRUE(
      connection_
          ->run(
              "CREATE TABLE t (id INTEGER, b BOOLEAN, s SMALLINT, i INTEGER, l BIGINT, f FLOAT, d DOUBLE,"
              " n4 DECIMAL(4,2), n9 DECIMAL(9,3), n18 DECIMAL(18,0), n38 DECIMAL(38,10), t VARCHAR, x BLOB,"
              " da DATE, ti TIME, ts TIMESTAMP, tz TIMESTAMPTZ, u UUID);"
              "INSERT INTO t VALUES"
              " (1, true, 32767, 2147483647, 9223372036854775807, 'inf', '-inf', 99.99, -999999.999,"
              "  999999999999999999, 9999999999999999999999999999.9999999999, 'größe 🙂', "
              "'\\x00\\xFF\\x80'::blob,"
              "  'infinity', '23:59:59.999999', 'infinity', 'infinity', "
              "'ffffffff-ffff-ffff-ffff-ffffffffffff'),"
              " (2, false, -32768, -2147483648, '-9223372036854775808', '-0', '-0', -99.99, 0, -1,"
              "  -9999999999999999999999999999.9999999999, '', ''::blob, '-infinity', '00:00:00', "
              "'-infinity',"
              "  '-infinity', '00000000-0000-0000-0000-000000000000'),"
              " (3, NULL, 0, 0, 0, 'nan', 'nan', 0, 0, 0, 0, chr(0) || 'zero' , 'x'::blob, '4713-01-01 (BC)',"
              "  '24:00:00', '0044-03-15 (BC) 12:00:00.000001', '0044-03-15 (BC) 12:00:00+00', uuid()),"
              " (4, true, 1, 1, 1, 1.1754944e-38, 5e-324, 0.01, 0.001, 1, 0.0000000001, repeat('x', 100000),"
              "  repeat('y', 70000)::blob, '294247-01-01', '12:00:00', '294247-01-10 04:00:54.775806',"
              "  '290000-01-01 00:00:00+00', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'),"
              " (5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,"
              "  NULL, NULL)")
          .ok())
      << "setup";
  const auto written = connection_->run(copy_to_parquet_sql("SELECT * FROM t", path("t.parquet"), {}));
  ASSERT_TRUE(written.ok()) << written.error().text();
  EXPECT_EQ(*written, 5);
  const std::string back = read_parquet_sql({path("t.parquet")});
  const auto before = connection_->describe("SELECT * FROM t");
  const auto after = connection_->describe("SELECT * FROM " + back);
  ASSERT_TRUE(after.ok()) << after.error().text();
  for (size_t index = 0; index < before->size(); ++index) {
    EXPECT_EQ((*before)[index].name, (*after)[index].name);
    EXPECT_EQ((*before)[index].type, (*after)[index].type) << (*before)[index].name;
    EXPECT_TRUE(parquet_keeps((*before)[index].type));
  }
  const auto original = connection_->query("SELECT * FROM t ORDER BY id");
  const auto copied = connection_->query("SELECT * FROM " + back + " ORDER BY id");
  ASSERT_TRUE(original.ok() && copied.ok());
  for (size_t row = 0; row < 5; ++row)
    EXPECT_EQ(original->rows[row], copied->rows[row]) << "row " << row;
  EXPECT_EQ(cell("SELECT signbit(d) AND signbit(f) FROM " + back + " WHERE id = 2"), "true");
}

TEST_F(ParquetTest, KnowsWhatParquetDoesNotKeep) {
  EXPECT_FALSE(parquet_keeps(Type{TypeId::hugeint}));
  EXPECT_FALSE(parquet_keeps(Type{TypeId::other}));
  ASSERT_TRUE(connection_->run(copy_to_parquet_sql("SELECT 1::hugeint AS h", path("h.parquet"), {})).ok());
  EXPECT_EQ(connection_->describe("SELECT * FROM " + read_parquet_sql({path("h.parquet")}))->at(0).type.id,
            TypeId::float64);
}

TEST_F(ParquetTest, MetadataComesBackAsItWas) {
  const std::vector<std::pair<std::string, std::string>> metadata = {
      {"godwit.format", "1"},
      {"godwit.column.Mixed \"Case\"", "numeric(10,2)[]"},
      {"it's", "a 'quoted' {value}: [with] everything, \\ too"},
      {"größe", "🙂\n\ttab"},
      {"empty", ""},
  };
  const auto written = connection_->run(copy_to_parquet_sql("SELECT 1 AS a", path("m.parquet"), metadata));
  ASSERT_TRUE(written.ok()) << written.error().text();
  const auto back = parquet_metadata(*connection_, path("m.parquet"));
  ASSERT_TRUE(back.ok()) << back.error().text();
  for (const auto& [key, value] : metadata) {
    ASSERT_EQ(back->count(key), 1U) << key;
    EXPECT_EQ(back->at(key), value);
  }
}

TEST_F(ParquetTest, AnyPathWorks) {
  const std::string names[] = {
      "plain.parquet",   "it's.parquet",      "with space.parquet",
      "star*.parquet",   "what?.parquet",     "[a-z].parquet",
      "a]b.parquet",     "{a,b}.parquet",     "%20%2F.parquet",
      "größe.parquet",   "\"q\".parquet",     "back\\slash.parquet",
      "semi;--.parquet", "year=2020.parquet", "~home.parquet",
      "no-extension",    "$HOME.parquet",     "**",
  };
  std::filesystem::create_directories(path("y=1/[z]*"));
  int64_t number = 0;
  for (const std::string& folder : {std::string(), std::string("y=1/"), std::string("y=1/[z]*/")}) {
    for (const std::string& name : names) {
      if (folder.find('[') != std::string::npos && name.find('\\') != std::string::npos)
        continue;  // see parquet.h
      const std::string file = path(folder + name);
      const auto written = connection_->run(
          copy_to_parquet_sql("SELECT " + std::to_string(++number) + " AS n", file, {{"k", name}}));
      ASSERT_TRUE(written.ok()) << file << ": " << written.error().text();
      ASSERT_TRUE(std::filesystem::exists(file)) << file;
      EXPECT_EQ(cell("SELECT n FROM " + read_parquet_sql({file})), std::to_string(number)) << file;
      EXPECT_EQ(connection_->describe("SELECT * FROM " + read_parquet_sql({file}))->size(), 1U) << file;
      const auto rows = parquet_rows(*connection_, file);
      EXPECT_TRUE(rows.ok() && *rows == 1) << file;
      const auto metadata = parquet_metadata(*connection_, file);
      EXPECT_TRUE(metadata.ok() && metadata->at("k") == name) << file;
    }
  }
}

TEST_F(ParquetTest, SeveralFilesAreOneTable) {
  for (int part = 0; part < 3; ++part) {
    const std::string query = "SELECT range + " + std::to_string(part * 1000) + " AS n FROM range(1000)";
    ASSERT_TRUE(connection_->run(copy_to_parquet_sql(query, path("part-" + std::to_string(part)), {})).ok());
  }
  const std::vector<std::string> paths = {path("part-0"), path("part-1"), path("part-2")};
  EXPECT_EQ(cell("SELECT count(DISTINCT n) FROM " + read_parquet_sql(paths)), "3000");
  EXPECT_EQ(cell("SELECT max(file_row_number) FROM " + read_parquet_sql(paths, true)), "999");
  EXPECT_EQ(*parquet_rows(*connection_, paths[1]), 1000);
}

TEST_F(ParquetTest, NoRowsIsAFileToo) {
  const auto written =
      connection_->run(copy_to_parquet_sql("SELECT 1 AS a WHERE false", path("none.parquet"), {}));
  ASSERT_TRUE(written.ok());
  EXPECT_EQ(*written, 0);
  EXPECT_EQ(*parquet_rows(*connection_, path("none.parquet")), 0);
  EXPECT_EQ(cell("SELECT count(*) FROM " + read_parquet_sql({path("none.parquet")})), "0");
}

TEST_F(ParquetTest, ADamagedOrMissingFileIsAnError) {
  ASSERT_TRUE(
      connection_->run(copy_to_parquet_sql("SELECT range AS a FROM range(10000)", path("d.parquet"), {}))
          .ok());
  std::filesystem::resize_file(path("d.parquet"), std::filesystem::file_size(path("d.parquet")) / 2);
  EXPECT_FALSE(connection_->query("SELECT sum(a) FROM " + read_parquet_sql({path("d.parquet")})).ok());
  EXPECT_FALSE(connection_->query("SELECT * FROM " + read_parquet_sql({path("missing.parquet")})).ok());
  EXPECT_FALSE(parquet_rows(*connection_, path("missing.parquet")).ok());
  EXPECT_FALSE(parquet_metadata(*connection_, path("missing.parquet")).ok());
}

// Why the callers of set_text validate: the file would be unreadable.
TEST_F(ParquetTest, InvalidUtf8MustNotReachATextColumn) {
  auto once = std::make_shared<bool>(true);
  auto producer = std::make_shared<FunctionProducer>(std::vector<ColumnDef>{{"t", {TypeId::varchar}}}, 1,
                                                     [once](size_t, ChunkWriter& chunk) -> Result<bool> {
                                                       if (!*once) return false;
                                                       *once = false;
                                                       chunk.column(0).set_text(0, "invalid \xff\xfe bytes");
                                                       chunk.set_rows(1);
                                                       return true;
                                                     });
  ASSERT_TRUE(connection_->register_table("p", producer).ok());
  const auto written = connection_->run(copy_to_parquet_sql("SELECT * FROM p()", path("bad.parquet"), {}));
  const bool readable =
      written.ok() &&
      cell("SELECT count(t) FROM " + read_parquet_sql({path("bad.parquet")}) + " WHERE length(t) > 0") == "1";
  EXPECT_FALSE(readable);
}

}  // namespace
}  // namespace godwit::duck
