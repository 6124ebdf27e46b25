#include "schema/history/alembic/alembic.h"

#include "base/test_folder.h"
#include "base/text.h"
#include "schema/history/alembic/test_revisions.h"
#include "sqlite/database.h"

#include <algorithm>
#include <map>

namespace godwit::schema::alembic {
namespace {

using Names = std::vector<std::string>;

// A database that is changed by nothing but the SQL of the history.
class Trace {
 public:
  explicit Trace(const std::vector<TestRevision>& revisions) {
    HistoryOptions options;
    options.tool = "alembic";
    options.dialect = sql::Dialect::sqlite;
    history_ = make_alembic_history(options);
    auto folder = history_->read_folder(files_of(revisions));
    EXPECT_TRUE(folder.ok()) << (folder.ok() ? "" : folder.error().text());
    folder_ = *folder;
    sqlite::OpenOptions open;
    open.mode = sqlite::OpenMode::create;
    auto database = sqlite::Database::open(home_.path() + "/trace.db", open);
    EXPECT_TRUE(database.ok());
    database_ = std::move(*database);
    EXPECT_TRUE(database_->run(history_->create_sql()).ok());
    EXPECT_TRUE(database_->run(history_->create_sql()).ok());  // safe to repeat
  }

  // The rows afterwards, or the error.
  std::string upgrade(std::string_view target) { return move(Direction::up, target); }
  std::string downgrade(std::string_view target) { return move(Direction::down, target); }

  std::string rows() { return join(sorted(recorded()), " "); }
  std::string applied() {
    const auto revisions = history_->applied_revisions(folder_, recorded());
    return revisions.ok() ? join(*revisions, " ") : revisions.error().message;
  }
  sqlite::Database& database() { return *database_; }
  const History& history() { return *history_; }
  const MigrationFolder& folder() { return folder_; }

 private:
  static Names sorted(const RecordedHistory& recorded) {
    Names rows;
    for (const AppliedMigration& applied : recorded.applied)
      rows.push_back(applied.revision);
    std::sort(rows.begin(), rows.end());
    return rows;
  }

  RecordedHistory recorded() {
    auto rows = database_->rows(history_->select_sql());
    EXPECT_TRUE(rows.ok());
    std::vector<Row> texts;
    for (const auto& row : *rows)
      texts.push_back({row.at(0).bytes});
    return *history_->from_rows(texts);
  }

  std::string move(Direction direction, std::string_view target) {
    const bool up = direction == Direction::up;
    const auto path = up ? history_->upgrade_path(folder_, recorded(), target)
                         : history_->downgrade_path(folder_, recorded(), target);
    if (!path->ok()) return "error: " + path->error().message;
    for (const std::string& revision : **path) {
      const auto migration =
          std::find_if(folder_.migrations.begin(), folder_.migrations.end(),
                       [&](const Migration& candidate) { return candidate.revision == revision; });
      const RecordedHistory before = recorded();
      const std::string sql =
          up ? history_->record_sql(*migration, {}, before) : history_->unrecord_sql(*migration, {}, before);
      const Status done = database_->run("BEGIN;" + sql + "COMMIT;");
      EXPECT_TRUE(done.ok()) << sql;
      EXPECT_EQ(sorted(history_->after(before, *migration, direction, {})), sorted(recorded()));
    }
    return rows();
  }

  TestFolder home_;
  std::unique_ptr<History> history_;
  MigrationFolder folder_;
  std::unique_ptr<sqlite::Database> database_;
};

TEST(AlembicHistory, GoldenTraceOfForkAndJoin) {
  Trace trace(fork_and_join());
  EXPECT_EQ(trace.upgrade("8b25"), "8b2566889924");
  EXPECT_EQ(trace.upgrade("b4591d8d37bd"), "b4591d8d37bd");
  EXPECT_EQ(trace.upgrade("20251203_2148"), "20251203_2148 b4591d8d37bd");
  EXPECT_EQ(trace.upgrade("e578"), "e578e33478e1");
  EXPECT_EQ(trace.downgrade("-1"), "error: Ambiguous walk");
  EXPECT_EQ(trace.rows(), "e578e33478e1");
  EXPECT_EQ(trace.downgrade("8b2566889924"), "8b2566889924");
  EXPECT_EQ(trace.upgrade("+1"), "error: Ambiguous walk");
  EXPECT_EQ(trace.upgrade("head"), "20251203_2220");
  EXPECT_EQ(trace.applied(),
            "001 d62d8b44f851 8b2566889924 20251203_2148 b4591d8d37bd e578e33478e1 20251203_2220");
  EXPECT_EQ(trace.downgrade("base"), "");
  EXPECT_EQ(trace.upgrade("head"), "20251203_2220");
}

TEST(AlembicHistory, GoldenTraceOfTwoLines) {
  Trace trace(two_lines());
  EXPECT_EQ(trace.upgrade("app@head"), "bbbb2");
  EXPECT_EQ(trace.applied(), "aaaa1 aaaa2 bbbb1 bbbb2");
  EXPECT_EQ(trace.downgrade("app@base"), "aaaa2");
  EXPECT_EQ(trace.upgrade("bbbb1"), "aaaa2 bbbb1");
  EXPECT_EQ(trace.upgrade("heads"), "bbbb2");
  EXPECT_EQ(trace.downgrade("bbbb1"), "aaaa2 bbbb1");
  EXPECT_EQ(trace.downgrade("core@base"), "bbbb1");
  EXPECT_TRUE(trace.upgrade("head").starts_with("error: Multiple head revisions are present"));
}

// Somebody else moved the rows between reading and recording.
TEST(AlembicHistory, RowThatIsNotThereFailsTheTransaction) {
  Trace trace(fork_and_join());
  EXPECT_EQ(trace.upgrade("d62d8b44f851"), "d62d8b44f851");
  RecordedHistory believed;
  believed.exists = true;
  believed.applied.push_back({"8b2566889924", "", {}, "", "", 0, false});
  const Migration* next = nullptr;
  for (const Migration& migration : trace.folder().migrations) {
    if (migration.revision == "b4591d8d37bd") next = &migration;
  }
  ASSERT_NE(next, nullptr);
  const std::string sql = trace.history().record_sql(*next, {}, believed);
  ASSERT_TRUE(trace.database().run("BEGIN").ok());
  const Status done = trace.database().run(sql);
  ASSERT_FALSE(done.ok());
  ASSERT_TRUE(trace.database().run("ROLLBACK").ok());
  EXPECT_EQ(trace.rows(), "d62d8b44f851");
}

TEST(AlembicHistory, TableIsWrittenAsAlembicWrites) {
  Trace trace(fork_and_join());
  const auto rows = trace.database().rows("SELECT sql FROM sqlite_master WHERE name = 'alembic_version'");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->at(0).at(0).bytes,
            "CREATE TABLE alembic_version (\n\tversion_num VARCHAR(32) NOT NULL, \n\tCONSTRAINT "
            "alembic_version_pkc PRIMARY KEY (version_num)\n)");
}

TEST(AlembicHistory, StatementsForPostgres) {
  HistoryOptions options;
  options.schema = "app";
  options.table = "my_version";
  const auto history = make_alembic_history(options);
  EXPECT_EQ(history->table(), "app.my_version");
  EXPECT_EQ(history->select_sql(), "SELECT version_num FROM \"app\".\"my_version\"");
  const auto folder = history->read_folder(files_of({{"aaaa1", {}, {}, {}}, {"aaaa2", {"aaaa1"}, {}, {}}}));
  ASSERT_TRUE(folder.ok());
  EXPECT_EQ(history->record_sql(folder->migrations.at(0), {}, {}),
            "INSERT INTO \"app\".\"my_version\" (version_num) VALUES ('aaaa1');");
  RecordedHistory one;
  one.applied.push_back({"aaaa1", "", {}, "", "", 0, false});
  EXPECT_EQ(
      history->record_sql(folder->migrations.at(1), {}, one),
      "DO 'DECLARE matched bigint; BEGIN UPDATE \"app\".\"my_version\" SET version_num = ''aaaa2'' WHERE "
      "version_num = ''aaaa1''; GET DIAGNOSTICS matched = ROW_COUNT; IF matched <> 1 THEN RAISE "
      "EXCEPTION ''Online migration expected to match one row when updating ''''aaaa1'''' to "
      "''''aaaa2'''' in ''''my_version''''; % found'', matched; END IF; END';");
}

TEST(AlembicHistory, FolderIsInTheOrderOfUpgrading) {
  HistoryOptions options;
  const auto history = make_alembic_history(options);
  auto files = files_of(two_lines());
  files.push_back({"README", ""});
  files.push_back({"__init__.py", ""});
  files.push_back({"old/aaaa0.py", ""});
  const auto folder = history->read_folder(files);
  ASSERT_TRUE(folder.ok());
  Names order;
  for (const Migration& migration : folder->migrations)
    order.push_back(migration.revision);
  EXPECT_EQ(order, (Names{"aaaa1", "aaaa2", "bbbb1", "bbbb2"}));
  EXPECT_EQ(folder->ignored.size(), 3U);
  const Migration& last = folder->migrations.back();
  EXPECT_EQ(last.name, "Step bbbb2");
  EXPECT_EQ(last.parents, Names{"bbbb1"});
  EXPECT_EQ(last.depends_on, Names{"aaaa2"});
  EXPECT_EQ(last.up.kind, Script::Kind::delegated);
  EXPECT_EQ(last.down.kind, Script::Kind::delegated);
}

TEST(AlembicHistory, SameRevisionTwiceIsLeftToThePlanner) {
  const auto history = make_alembic_history({});
  const auto folder = history->read_folder(files_of({{"aaaa1", {}, {}, {}}, {"aaaa1", {}, {}, {}}}));
  ASSERT_TRUE(folder.ok());
  EXPECT_EQ(folder->migrations.size(), 2U);
}

TEST(AlembicHistory, NewFile) {
  HistoryOptions options;
  const auto history = make_alembic_history(options);
  const auto folder = history->read_folder(files_of(fork_and_join()));
  const auto files = history->new_files(*folder, "20261121191532", "Add Péter's e-mail \"now\"");
  ASSERT_TRUE(files.ok());
  ASSERT_EQ(files->size(), 1U);
  const std::string& path = files->front().path;
  EXPECT_EQ(path.substr(12), "_add_péter_s_e_mail_now.py");
  const auto again = history->read_folder({{path, files->front().text}});
  ASSERT_FALSE(again.ok());  // its parent is not there
  EXPECT_EQ(again.error().message,
            "Revision 20251203_2220 referenced from " + path.substr(0, 12) + " is not present");
  auto all = files_of(fork_and_join());
  all.push_back({path, files->front().text});
  const auto grown = history->read_folder(all);
  ASSERT_TRUE(grown.ok());
  EXPECT_EQ(grown->migrations.back().revision, path.substr(0, 12));
  EXPECT_EQ(grown->migrations.back().name, "Add Péter's e-mail \"now\"");
  EXPECT_FALSE(
      history
          ->new_files(*history->read_folder(files_of({{"aaaa1", {}, {}, {}}, {"bbbb1", {}, {}, {}}})),
                      "20261121191532", "x")
          .ok());
}

TEST(AlembicHistory, MergeFileStandsOnAllHeads) {
  const auto history = make_alembic_history({});
  auto files = files_of({{"aaaa1", {}, {}, {}}, {"bbbb1", {"aaaa1"}, {}, {}}, {"cccc1", {"aaaa1"}, {}, {}}});
  const auto merge = history->merge_files(*history->read_folder(files), "20261121191532", "join them");
  ASSERT_TRUE(merge.ok()) << merge.error().text();
  files.push_back({merge->front().path, merge->front().text});
  const auto joined = history->read_folder(files);
  ASSERT_TRUE(joined.ok()) << joined.error().text();
  EXPECT_EQ(joined->migrations.back().parents, (std::vector<std::string>{"bbbb1", "cccc1"}));
  EXPECT_FALSE(history->merge_files(*joined, "20261121191533", "again").ok());
}

TEST(AlembicHistory, NewFileByTheTemplate) {
  HistoryOptions options;
  options.file_template = "%(year)d%(month).2d%(day).2d_%(hour).2d%(minute).2d_%(rev)s_%(slug)s%%%(epoch)s";
  options.slug_length_max = 12;
  const auto history = make_alembic_history(options);
  const auto files = history->new_files({}, "20261121010532", "one two three four");
  ASSERT_TRUE(files.ok());
  const std::string& path = files->front().path;
  EXPECT_EQ(path.substr(0, 14), "20261121_0105_");
  EXPECT_EQ(path.substr(26), "_one_two_%1795223132.py");
  for (const std::string wrong : {"%(nothing)s", "%(rev)d", "%(rev", "100%", "%(month)x"}) {
    options.file_template = wrong;
    EXPECT_FALSE(make_alembic_history(options)->new_files({}, "20261121010532", "x").ok()) << wrong;
  }
}

}  // namespace
}  // namespace godwit::schema::alembic
