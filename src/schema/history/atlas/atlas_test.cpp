#include "schema/history/atlas/atlas.h"

#include "schema/history/atlas/sum_file.h"

#include <gtest/gtest.h>

namespace godwit::schema {
namespace {

std::unique_ptr<History> atlas() {
  HistoryOptions options;
  options.tool = "atlas";
  auto made = make_history(options);
  return std::move(*made);
}

// A folder, and the atlas.sum that Atlas 0.31.0 wrote for it.
const std::vector<MigrationFile> files = {
    {"20260101000000_first.sql", "CREATE TABLE a (x int);\n"},
    {"20260102000000_second_one.sql",
     "-- atlas:txmode none\n-- atlas:delimiter -- end\n\nCREATE TABLE b (x int);\n-- end\nSELECT 1\n-- end"},
    {"20260103000000.sql", "-- atlas:sum ignore\n\nSELECT 2;"},
    {"4.sql", "SELECT 3; SELECT 4 -- c\n"},
    {"atlas.sum",
     "h1:x0H+TxMdx/Gispebiyv+3JEKDkjUGp4ZjJk5YGX1O+M=\n"
     "20260101000000_first.sql h1:rifxMgzcGf7fYDt4VEnVxrg6bEqQC7Kf3ql67iLqoJg=\n"
     "20260102000000_second_one.sql h1:gtSY4UGEU4DQIEWl9ePo7JLeppluf9UwUE9Gb0Klnmc=\n"
     "4.sql h1:98tp3VKpcqXB/XK2gxyn6HThO5lTEbYeqAJD3GtfHrg=\n"}};

TEST(Atlas, SumsAreAtlasOwn) {
  const auto folder = atlas()->read_folder(files);
  ASSERT_TRUE(folder.ok()) << folder.error().text();
  ASSERT_EQ(folder->migrations.size(), 4U);
  const Migration& second = folder->migrations[1];
  EXPECT_EQ(second.revision, "20260102000000");
  EXPECT_EQ(second.name, "second_one");
  EXPECT_EQ(second.checksum, "gtSY4UGEU4DQIEWl9ePo7JLeppluf9UwUE9Gb0Klnmc=");
  EXPECT_EQ(second.up.transaction, TransactionMode::never);
  EXPECT_EQ(atlas_sum_text(atlas_sums({&files[0], &files[1], &files[2], &files[3]})), files[4].text);
}

TEST(Atlas, AFolderThatIsNotWhatItsSumsSayIsRefused) {
  const auto message = [](size_t file, const std::string& text) {
    std::vector<MigrationFile> changed = files;
    if (text.empty()) {
      changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(file));
    } else {
      changed[file].text = text;
    }
    const auto folder = atlas()->read_folder(changed);
    return folder.ok() ? std::string() : folder.error().message;
  };
  EXPECT_EQ(message(1, "SELECT 1;"), "20260102000000_second_one.sql was edited");
  EXPECT_EQ(message(0, ""), "20260101000000_first.sql was removed");
  EXPECT_EQ(message(4, ""), "atlas.sum is missing");
  EXPECT_EQ(message(2, "-- atlas:sum ignore\nSELECT 22;"), "");
  EXPECT_EQ(message(4, "h1:y" + files[4].text.substr(4)), "its first line is not the sum of the others");
  std::vector<MigrationFile> more = files;
  more.insert(more.begin() + 3, {"3.sql", "SELECT 1;"});
  EXPECT_EQ(atlas()->read_folder(more).error().message, "3.sql was added");
}

TEST(Atlas, Directives) {
  EXPECT_EQ(first_directive("-- atlas:delimiter \\n\\n\n", "delimiter"), "\\n\\n");
  EXPECT_EQ(first_directive("-- x\n-- atlas:sum ignore\n", "sum"), std::nullopt);
  EXPECT_EQ(head_directive("-- x\n-- atlas:checkpoint\n\nSELECT 1;", "checkpoint"), "");
  EXPECT_EQ(head_directive("-- atlas:txmode none\nSELECT 1;", "txmode"), std::nullopt);
}

TEST(Atlas, ADelimiterOfItsOwn) {
  MigrationFile file = {"1.sql", "-- atlas:delimiter \\n\\n\nSELECT 1 -- a\n\nSELECT 2\n"};
  const auto folder = atlas()->read_folder({file, {"atlas.sum", atlas_sum_text(atlas_sums({&file}))}});
  ASSERT_TRUE(folder.ok()) << folder.error().text();
  EXPECT_EQ(folder->migrations[0].up.sql, "-- atlas:delimiter \\n\\n\nSELECT 1 -- a\n;\nSELECT 2\n");
}

TEST(Atlas, Rows) {
  const auto recorded = atlas()->from_rows({{".atlas_cloud_identifier", "x", "2", "0", "0", "t", "o", "h"},
                                            {"2", "b", "1", "0", "0", "t", "o", "h"},
                                            {"3", "c", "2", "2", "2", "t", "o", "h"},
                                            {"4", "d", "2", "1", "2", "t", "o", "h"}});
  ASSERT_TRUE(recorded.ok());
  ASSERT_EQ(recorded->applied.size(), 3U);
  EXPECT_TRUE(recorded->applied[0].baseline);
  EXPECT_FALSE(recorded->applied[1].failed);
  EXPECT_TRUE(recorded->applied[2].failed);
  MigrationFolder folder;
  folder.migrations.resize(2);
  folder.migrations[0].revision = "1";
  folder.migrations[1].revision = "3";
  EXPECT_EQ(*atlas()->applied_revisions(folder, *recorded), (std::vector<std::string>{"1", "2", "3", "4"}));
}

TEST(Atlas, RecordsHowManyStatementsRan) {
  Migration migration;
  migration.revision = "4";
  migration.checksum = "sum";
  migration.up.sql = "SELECT 3; SELECT 4 -- c\n";
  RecordContext context;
  context.now = "now()";
  context.elapsed_ms = "12";
  EXPECT_NE(atlas()->record_sql(migration, context, {}).find("('4', '', 2, 2, 2, now(), (12) * 1000000"),
            std::string::npos);
  EXPECT_NE(atlas()->begin_sql(migration, Direction::up, context).find("('4', '', 2, 0, 2, now(), 0"),
            std::string::npos);
  EXPECT_EQ(atlas()->lock("app").advisory_keys, std::vector<int64_t>{2686470616});
}

}  // namespace
}  // namespace godwit::schema
