#include "sqlite/database.h"

#include "base/test_folder.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <fstream>
#include <limits>

namespace godwit::sqlite {
namespace {

class DatabaseTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name = "a.db") const { return folder_ + "/" + name; }
  [[nodiscard]] std::unique_ptr<Database> create(const std::string& name = "a.db") const {
    Result<std::unique_ptr<Database>> opened = Database::open(path(name), {OpenMode::create, 100});
    EXPECT_TRUE(opened.ok());
    return std::move(opened).value();
  }
  const TestFolder scratch_;
  const std::string folder_ = scratch_.path();
};

TEST_F(DatabaseTest, KeepsEveryStorageClass) {
  auto database = create();
  ASSERT_TRUE(database->run("CREATE TABLE t(v); -- comment\n").ok());
  const std::vector<Value> values = {Value::null(),
                                     Value::of(std::numeric_limits<int64_t>::min()),
                                     Value::of(1.0),
                                     Value::text(""),
                                     Value::text(std::string_view("a\0b", 3)),
                                     Value::blob(std::string("\0\xff", 2)),
                                     Value::blob(""),
                                     Value::of(int64_t{1}),
                                     Value::of(std::numeric_limits<double>::infinity())};
  auto statement = database->prepare("INSERT INTO t VALUES (?)");
  ASSERT_TRUE(statement.ok());
  for (const Value& value : values) {
    auto changed = statement->bind_value(1, value).run();
    ASSERT_TRUE(changed.ok());
    EXPECT_EQ(*changed, 1);
  }
  auto rows = database->rows("SELECT v FROM t ORDER BY rowid");
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), values.size());
  for (size_t i = 0; i < values.size(); ++i)
    EXPECT_TRUE((*rows)[i][0] == values[i]) << i;
  EXPECT_FALSE(Value::of(int64_t{1}) == Value::of(1.0));
}

TEST_F(DatabaseTest, RefusesNanInsteadOfStoringNull) {
  auto database = create();
  ASSERT_TRUE(database->run("CREATE TABLE t(v)").ok());
  auto statement = database->prepare("INSERT INTO t VALUES (?)");
  ASSERT_TRUE(statement.ok());
  EXPECT_FALSE(statement->bind_real(1, std::nan("")).run().ok());
  EXPECT_EQ(*database->number("SELECT count(*) FROM t"), 0);
  EXPECT_TRUE(statement->bind_real(1, 2.5).run().ok()) << "a refused value must not stick";
}

TEST_F(DatabaseTest, ErrorsNameColumnsNotValues) {
  auto database = create();
  ASSERT_TRUE(database->run("CREATE TABLE t(a TEXT UNIQUE); INSERT INTO t VALUES ('canary')").ok());
  const Status again = database->run("INSERT INTO t VALUES ('canary')");
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().text().find("canary"), std::string::npos);
  EXPECT_NE(again.error().text().find("t.a"), std::string::npos);
  const Status raised = database->run(
      "CREATE TRIGGER g BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, 'canary'); END; INSERT INTO t VALUES "
      "('x')");
  ASSERT_FALSE(raised.ok());
  EXPECT_EQ(raised.error().text().find("canary"), std::string::npos);
}

TEST_F(DatabaseTest, TellsConstraintsApartAndSilencesTriggers) {
  auto database = create();
  ASSERT_TRUE(database
                  ->run("CREATE TABLE t(a TEXT UNIQUE NOT NULL CHECK (a <> 'c')); CREATE TABLE log(a);"
                        "CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a); END;"
                        "INSERT INTO t VALUES ('a')")
                  .ok());
  auto insert = database->prepare("INSERT INTO t VALUES (?1)");
  EXPECT_FALSE(insert->bind_text(1, "a").run().ok());
  EXPECT_EQ(insert->failed_constraint(), Constraint::unique);
  EXPECT_FALSE(insert->bind_null(1).run().ok());
  EXPECT_EQ(insert->failed_constraint(), Constraint::not_null);
  EXPECT_FALSE(insert->bind_text(1, "c").run().ok());
  EXPECT_EQ(insert->failed_constraint(), Constraint::check);
  ASSERT_TRUE(database->set_triggers_enabled(false).ok());
  EXPECT_TRUE(insert->bind_text(1, "b").run().ok());
  EXPECT_EQ(insert->failed_constraint(), Constraint::none);
  EXPECT_EQ(*database->number("SELECT count(*) FROM log"), 1);
}

TEST_F(DatabaseTest, TransactionRollsBackUnlessCommitted) {
  auto database = create();
  ASSERT_TRUE(database->run("CREATE TABLE t(a)").ok());
  {
    auto transaction = Transaction::begin(*database);
    ASSERT_TRUE(transaction.ok());
    ASSERT_TRUE(database->run("INSERT INTO t VALUES (1)").ok());
  }
  EXPECT_EQ(*database->number("SELECT count(*) FROM t"), 0);
  auto transaction = Transaction::begin(*database);
  ASSERT_TRUE(transaction.ok());
  ASSERT_TRUE(database->run("INSERT INTO t VALUES (1)").ok());
  ASSERT_TRUE(transaction->commit().ok());
  EXPECT_EQ(*database->number("SELECT count(*) FROM t"), 1);
}

TEST_F(DatabaseTest, OpenErrorsHaveTheirKinds) {
  EXPECT_EQ(Database::open(path("absent.db"), {}).error().kind, ErrorKind::unreachable);
  std::ofstream(path("text.db")) << std::string(4096, 'x');
  EXPECT_EQ(Database::open(path("text.db"), {}).error().kind, ErrorKind::unreachable);
  ASSERT_NE(create(), nullptr);
  auto read_only = Database::open(path(), {});
  ASSERT_TRUE(read_only.ok());
  EXPECT_TRUE((*read_only)->read_only());
  EXPECT_EQ((*read_only)->run("CREATE TABLE t(a)").error().kind, ErrorKind::gate);
}

TEST_F(DatabaseTest, BusyIsLocked) {
  auto first = create();
  ASSERT_TRUE(first->run("CREATE TABLE t(a)").ok());
  auto transaction = Transaction::begin(*first);
  ASSERT_TRUE(transaction.ok());
  auto second = create();
  EXPECT_EQ(Transaction::begin(*second).error().kind, ErrorKind::locked);
}

TEST_F(DatabaseTest, CancelFlagStopsStatementsAndWaitsButNoRollback) {
  auto first = create();
  ASSERT_TRUE(first->run("CREATE TABLE t(a)").ok());
  std::atomic<bool> cancel{false};
  auto second = Database::open(path(), {OpenMode::create, 30'000, &cancel});
  ASSERT_TRUE(second.ok());
  auto transaction = Transaction::begin(**second);
  ASSERT_TRUE(transaction.ok());
  ASSERT_TRUE((*second)->run("INSERT INTO t VALUES (1)").ok());
  cancel = true;
  const Status endless = (*second)->run(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n");
  ASSERT_FALSE(endless.ok());
  EXPECT_EQ(endless.error().kind, ErrorKind::interrupted);
  transaction->roll_back();
  EXPECT_FALSE((*second)->in_transaction());

  auto writer = Transaction::begin(*first);
  ASSERT_TRUE(writer.ok());
  EXPECT_EQ(Transaction::begin(**second).error().kind, ErrorKind::interrupted) << "not after 30 s";
}

TEST_F(DatabaseTest, TextFunctionGivesTheValueOfTheMoment) {
  auto database = create();
  std::optional<std::string> scope = "one";
  ASSERT_TRUE(database->register_text_function("godwit_scope", [&scope] { return scope; }).ok());
  EXPECT_TRUE((*database->rows("SELECT godwit_scope()"))[0][0] == Value::text("one"));
  scope.reset();
  EXPECT_TRUE((*database->rows("SELECT godwit_scope()"))[0][0] == Value::null());
}

}  // namespace
}  // namespace godwit::sqlite
