// The rows of alembic_version on a real server: the traces taken from Alembic, and rows that somebody else
// moved.
#include "schema/history/alembic/alembic.h"
#include "schema/history/alembic/test_revisions.h"
#include "tests/integration/postgres/postgres_scratch.h"

#include <algorithm>

namespace godwit::schema::alembic {
namespace {

using test::ScratchDatabase;

class Trace {
 public:
  explicit Trace(const std::vector<TestRevision>& revisions, const std::string& schema = "") {
    HistoryOptions options;
    options.tool = "alembic";
    options.schema = schema;
    if (!schema.empty()) database_.run("CREATE SCHEMA " + schema);
    history_ = make_alembic_history(options);
    auto folder = history_->read_folder(files_of(revisions));
    EXPECT_TRUE(folder.ok());
    folder_ = *folder;
    database_.run(history_->create_sql());
    database_.run(history_->create_sql());
  }

  std::string upgrade(std::string_view target) { return move(Direction::up, target); }
  std::string downgrade(std::string_view target) { return move(Direction::down, target); }

  RecordedHistory recorded() {
    auto rows = database_.session().query(history_->select_sql() + " ORDER BY 1");
    EXPECT_TRUE(rows.ok());
    std::vector<Row> texts;
    for (size_t i = 0; i < rows->size(); ++i)
      texts.push_back({rows->string(i, 0)});
    return *history_->from_rows(texts);
  }
  std::string rows() {
    std::vector<std::string> names;
    for (const AppliedMigration& row : recorded().applied)
      names.push_back(row.revision);
    return join(names, " ");
  }
  const Migration& migration(const std::string& revision) const {
    return *std::find_if(folder_.migrations.begin(), folder_.migrations.end(),
                         [&](const Migration& candidate) { return candidate.revision == revision; });
  }
  const History& history() { return *history_; }
  ScratchDatabase& database() { return database_; }

 private:
  // One message per revision, as the engine sends it.
  std::string move(Direction direction, std::string_view target) {
    const bool up = direction == Direction::up;
    const auto path = up ? history_->upgrade_path(folder_, recorded(), target)
                         : history_->downgrade_path(folder_, recorded(), target);
    if (!path->ok()) return "error: " + path->error().message;
    for (const std::string& revision : **path) {
      const std::string sql = up ? history_->record_sql(migration(revision), {}, recorded())
                                 : history_->unrecord_sql(migration(revision), {}, recorded());
      const Status done = database_.session().run("BEGIN;" + sql + "COMMIT;");
      EXPECT_TRUE(done.ok()) << done.error().text() << sql;
    }
    return rows();
  }

  ScratchDatabase database_;
  std::unique_ptr<History> history_;
  MigrationFolder folder_;
};

TEST(AlembicRows, GoldenTraceOfForkAndJoin) {
  Trace trace(fork_and_join());
  EXPECT_EQ(trace.upgrade("8b25"), "8b2566889924");
  EXPECT_EQ(trace.upgrade("b4591d8d37bd"), "b4591d8d37bd");
  EXPECT_EQ(trace.upgrade("20251203_2148"), "20251203_2148 b4591d8d37bd");
  EXPECT_EQ(trace.upgrade("e578"), "e578e33478e1");
  EXPECT_EQ(trace.downgrade("-1"), "error: Ambiguous walk");
  EXPECT_EQ(trace.downgrade("8b2566889924"), "8b2566889924");
  EXPECT_EQ(trace.upgrade("+1"), "error: Ambiguous walk");
  EXPECT_EQ(trace.upgrade("head"), "20251203_2220");
  EXPECT_EQ(trace.downgrade("base"), "");
}

TEST(AlembicRows, GoldenTraceOfTwoLinesInASchemaOfItsOwn) {
  Trace trace(two_lines(), "versions");
  EXPECT_EQ(trace.upgrade("app@head"), "bbbb2");
  EXPECT_EQ(trace.downgrade("app@base"), "aaaa2");
  EXPECT_EQ(trace.upgrade("bbbb1"), "aaaa2 bbbb1");
  EXPECT_EQ(trace.upgrade("heads"), "bbbb2");
  EXPECT_EQ(trace.downgrade("bbbb1"), "aaaa2 bbbb1");
  EXPECT_EQ(trace.downgrade("core@base"), "bbbb1");
}

TEST(AlembicRows, RowThatSomebodyMovedFailsTheWholeMessage) {
  Trace trace(fork_and_join());
  EXPECT_EQ(trace.upgrade("d62d8b44f851"), "d62d8b44f851");
  const RecordedHistory before = trace.recorded();
  trace.database().run("UPDATE alembic_version SET version_num = 'elsewhere'");
  const std::string sql = "BEGIN; CREATE TABLE body (id int);" +
                          trace.history().record_sql(trace.migration("8b2566889924"), {}, before) + "COMMIT;";
  const Status done = trace.database().session().run(sql);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().sqlstate, "P0001");
  ASSERT_OK(trace.database().session().run("ROLLBACK"));
  EXPECT_EQ(trace.rows(), "elsewhere");
  EXPECT_EQ(trace.database().value("SELECT to_regclass('public.body') IS NULL"), "t");
  // Undoing it, too.
  EXPECT_FALSE(trace.database()
                   .session()
                   .run(trace.history().unrecord_sql(trace.migration("d62d8b44f851"), {}, before))
                   .ok());
}

TEST(AlembicRows, WhatTheServerIsTold) {
  Trace trace(fork_and_join());
  RecordedHistory believed;
  believed.applied.push_back({"it's\\here", "", {}, "", "", 0, false});
  // The exception's text is Alembic's, with the count; it is caught inside, where no client stands between.
  const std::string sql = trace.history().unrecord_sql(trace.migration("001"), {}, believed);
  const std::string body = sql.substr(3, sql.size() - 4);
  EXPECT_EQ(sql, "DO " + body + ";");
  trace.database().run("CREATE TABLE heard (message text)");
  trace.database().run("DO $$BEGIN EXECUTE 'DO ' || quote_literal(" + body +
                       "); EXCEPTION WHEN raise_exception THEN INSERT INTO heard VALUES (SQLERRM); END$$");
  EXPECT_EQ(trace.database().value("SELECT message FROM heard"),
            "Online migration expected to match one row when deleting '001' in 'alembic_version'; 0 found");
}

}  // namespace
}  // namespace godwit::schema::alembic
