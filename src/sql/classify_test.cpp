#include "sql/classify.h"

#include "base/parallel.h"
#include "gtest/gtest.h"

#include <chrono>
#include <ostream>
#include <string>

namespace godwit::sql {

void PrintTo(const TableLock& lock, std::ostream* out) {
  *out << lock.table << " " << to_string(lock.mode);
}

namespace {

StatementFacts facts_of(std::string_view statement, Dialect dialect = Dialect::postgres,
                        int version = 150000) {
  auto facts = classify(statement, dialect, version);
  EXPECT_TRUE(facts.ok()) << statement << ": " << facts.error().message;
  return facts.ok() ? std::move(facts).value() : StatementFacts{};
}

StatementFacts parsed(std::string_view statement) {
  StatementFacts facts = facts_of(statement);
  EXPECT_TRUE(facts.parsed) << statement;
  return facts;
}

// The same statement, followed by words that PostgreSQL 15 does not know: judged by its words.
StatementFacts worded(const std::string& statement) {
  StatementFacts facts = facts_of(statement + " newer syntax here");
  EXPECT_FALSE(facts.parsed) << statement;
  return facts;
}

TEST(Classify, Commands) {
  const std::vector<std::pair<const char*, const char*>> commands = {
      {"create unique index concurrently i on t (a)", "CREATE INDEX CONCURRENTLY"},
      {"create index on t (a)", "CREATE INDEX"},
      {"drop index concurrently i", "DROP INDEX CONCURRENTLY"},
      {"/* x */ alter table t add a int", "ALTER TABLE"},
      {"create or replace temp view v as select 1", "CREATE VIEW"},
      {"create unlogged table t (a int)", "CREATE TABLE"},
      {"refresh materialized view concurrently v", "REFRESH MATERIALIZED VIEW CONCURRENTLY"},
      {"reindex (verbose) table concurrently t", "REINDEX TABLE CONCURRENTLY"},
      {"reindex schema s", "REINDEX SCHEMA"},
      {"create constraint trigger g after insert on t for each row execute function f()", "CREATE TRIGGER"},
      {"drop foreign data wrapper f", "DROP FOREIGN DATA WRAPPER"},
      {"alter text search configuration c rename to d", "ALTER TEXT SEARCH CONFIGURATION"},
      {"(select 1) union (select 2)", "SELECT"},
      {"with x as (delete from t returning *) insert into u select * from x", "INSERT"},
      {"start transaction", "START TRANSACTION"},
      {"rollback to savepoint s", "ROLLBACK"},
      {"discard all", "DISCARD ALL"},
      {"set local a = 1", "SET"},
  };
  for (const auto& [statement, command] : commands)
    EXPECT_EQ(parsed(statement).command, command) << statement;
}

TEST(Classify, WhatCannotStandInATransaction) {
  EXPECT_EQ(parsed("vacuum full t").why_not, "VACUUM cannot run inside a transaction");
  EXPECT_FALSE(parsed("vacuum t").transactional);
  EXPECT_TRUE(parsed("analyze t").transactional);
  EXPECT_TRUE(parsed("refresh materialized view concurrently v").transactional);
  EXPECT_FALSE(parsed("create subscription s connection '' publication p").transactional);
  EXPECT_TRUE(
      parsed("create subscription s connection '' publication p with (create_slot = off)").transactional);
  EXPECT_TRUE(parsed("create subscription s connection '' publication p with (connect = 0)").transactional);
  EXPECT_TRUE(parsed("cluster t using i").transactional);
  EXPECT_FALSE(parsed("cluster").transactional);
  EXPECT_TRUE(parsed("alter type t add value 'x'").transactional);
  EXPECT_FALSE(facts_of("alter type t add value 'x'", Dialect::postgres, 110000).transactional);
  EXPECT_TRUE(facts_of("alter type t rename value 'x' to 'y'", Dialect::postgres, 110000).transactional);
  EXPECT_TRUE(parsed("alter database d set search_path = x").transactional);
  EXPECT_FALSE(parsed("alter database d set tablespace x").transactional);
}

TEST(Classify, TransactionControl) {
  for (const char* statement :
       {"begin", "begin work", "start transaction isolation level serializable", "commit", "end", "rollback",
        "abort", "savepoint s", "release s", "rollback to s", "commit and chain", "prepare transaction 'x'"})
    EXPECT_TRUE(parsed(statement).transaction_control) << statement;
  for (const char* statement : {"prepare p as select 1", "set transaction read only",
                                "create table begin_t (a int)", "do $$begin end$$"})
    EXPECT_FALSE(parsed(statement).transaction_control) << statement;
}

TEST(Classify, WhatOutlivesTheTransaction) {
  for (const char* statement :
       {"set search_path = x", "reset all", "set session characteristics as transaction read only",
        "set role x", "select pg_catalog.set_config('search_path', '', false)", "select pg_advisory_lock(1)",
        "prepare p as select 1", "listen x", "create temp table t (a int)", "create temp table t as select 1",
        "select 1 into temp t", "declare c cursor with hold for select 1", "discard temp",
        "set time zone 'UTC'"})
    EXPECT_TRUE(parsed(statement).changes_session) << statement;
  for (const char* statement :
       {"set local search_path = x", "set transaction read only", "set constraints all deferred",
        "select set_config('search_path', '', true)", "select pg_advisory_xact_lock(1)",
        "declare c cursor for select 1", "create table t (a int)", "alter role r set a = 1"})
    EXPECT_FALSE(parsed(statement).changes_session) << statement;
}

TEST(Classify, WhatIsLost) {
  for (const char* statement :
       {"drop table t", "drop schema s", "drop database d", "drop sequence s", "drop view v cascade",
        "alter table t drop a", "alter table t drop constraint c cascade", "alter type t drop attribute a",
        "truncate t", "delete from t", "update t set a = 1",
        "with x as (delete from t returning *) select * from x", "explain analyze delete from t",
        "drop owned by r"})
    EXPECT_TRUE(parsed(statement).destructive) << statement;
  for (const char* statement :
       {"drop view v", "drop index i", "alter table t alter a drop not null",
        "alter table t drop constraint c", "delete from t where true", "update t set a = 1 where b",
        "explain delete from t", "insert into t values (1)",
        "create rule r as on delete to t do instead delete from u",
        "create function f() returns void begin atomic delete from t; end"})
    EXPECT_FALSE(parsed(statement).destructive) << statement;
}

using Locks = std::vector<TableLock>;

TEST(Classify, Locks) {
  EXPECT_EQ(parsed("alter table s.t add constraint f foreign key (a) references \"U\".u").tables,
            (Locks{{"\"U\".u", LockMode::share_row_exclusive}, {"s.t", LockMode::share_row_exclusive}}));
  EXPECT_EQ(parsed("alter table t validate constraint c, alter a set not null").tables,
            (Locks{{"t", LockMode::access_exclusive}}));
  EXPECT_EQ(parsed("create table n (a int references t)").tables,
            (Locks{{"t", LockMode::share_row_exclusive}}));
  EXPECT_EQ(
      parsed("with q as (select * from a) update t set x = 1 from q, b where exists (select from c)").tables,
      (Locks{{"a", LockMode::access_share},
             {"b", LockMode::access_share},
             {"c", LockMode::access_share},
             {"t", LockMode::row_exclusive}}));
  EXPECT_EQ(parsed("select * from a where b in (select 1 from c) for update").tables,
            (Locks{{"a", LockMode::row_share}, {"c", LockMode::access_share}}));
  EXPECT_EQ(parsed("drop table a, b.c").tables,
            (Locks{{"a", LockMode::access_exclusive}, {"b.c", LockMode::access_exclusive}}));
  EXPECT_EQ(parsed("drop trigger g on s.t").tables, (Locks{{"s.t", LockMode::access_exclusive}}));
  EXPECT_EQ(parsed("drop index i").lock, LockMode::access_exclusive);
  EXPECT_TRUE(parsed("drop index i").tables.empty());
  EXPECT_EQ(parsed("lock table t in share row exclusive mode").lock, LockMode::share_row_exclusive);
  EXPECT_EQ(parsed("create function f() returns int return 1").lock, LockMode::none);
  EXPECT_EQ(to_string(LockMode::share_update_exclusive), "SHARE UPDATE EXCLUSIVE");
}

TEST(Classify, ConcurrentIndexes) {
  EXPECT_EQ(parsed("create index concurrently \"I\" on s.\"T\" (a)").concurrent_index,
            (IndexName{"s", "I", "s.\"T\""}));
  EXPECT_EQ(parsed("create index concurrently on t (a)").concurrent_index, (IndexName{"", "", "t"}));
  EXPECT_EQ(parsed("drop index concurrently if exists s.i").concurrent_index, (IndexName{"s", "i", ""}));
  EXPECT_FALSE(parsed("create index i on t (a)").concurrent_index.has_value());
}

TEST(Classify, WhatTheParserDoesNotKnowIsJudgedByItsWords) {
  EXPECT_FALSE(worded("create index concurrently i on s.t (a)").transactional);
  EXPECT_EQ(worded("create index concurrently i on s.t (a)").concurrent_index, (IndexName{"", "i", "s.t"}));
  EXPECT_EQ(worded("alter table only \"T\" drop column a").tables,
            (Locks{{"\"T\"", LockMode::access_exclusive}}));
  EXPECT_TRUE(worded("alter table t drop column a").destructive);
  EXPECT_FALSE(worded("alter table t alter a drop not null").destructive);
  EXPECT_FALSE(worded("alter table t detach partition p concurrently").transactional);
  EXPECT_TRUE(worded("delete from t").destructive);
  EXPECT_FALSE(worded("delete from t where a = 1").destructive);
  EXPECT_TRUE(worded("drop table if exists a, b").destructive);
  EXPECT_EQ(worded("drop table if exists a, b").tables.size(), 2U);
  EXPECT_TRUE(worded("set a to b").changes_session);
  EXPECT_FALSE(worded("set local a to b").changes_session);
  EXPECT_EQ(worded("insert into s.t select 1").lock, LockMode::row_exclusive);
  EXPECT_FALSE(worded("vacuum (full) t").transactional);
}

TEST(Classify, DepthCannotBreakIt) {
  std::string deep = "select 1";
  for (int i = 0; i < 200000; ++i)
    deep += "+1";
  EXPECT_FALSE(facts_of(deep).parsed);
  EXPECT_FALSE(syntax_error(deep).has_value());
  std::string shallow = "select 1";
  for (int i = 0; i < 9000; ++i)
    shallow += "+1";
  EXPECT_TRUE(facts_of(shallow).parsed);
}

TEST(Classify, OneStatementOnly) {
  for (const char* text : {"", " -- nothing\n", "select 1; select 2", "select 1 1; drop table t", "select 'a",
                           "\\connect x", "select 1 \\gset"}) {
    const auto facts = classify(text, Dialect::postgres);
    ASSERT_FALSE(facts.ok()) << text;
    EXPECT_EQ(facts.error().kind, ErrorKind::config);
  }
  EXPECT_FALSE(classify("select 1; drop table t", Dialect::sqlite).ok());
  EXPECT_EQ(worded("copy t from stdin with").tables,
            (std::vector<TableLock>{{"t", LockMode::row_exclusive}}));
  EXPECT_FALSE(classify("copy t t from stdin; drop table t", Dialect::postgres).ok());
  EXPECT_TRUE(classify("select 1;", Dialect::postgres).ok());
  EXPECT_TRUE(classify("select 1;", Dialect::sqlite).ok());
}

TEST(Classify, SyntaxErrorsHaveAPlace) {
  EXPECT_FALSE(syntax_error("select 1").has_value());
  const auto error = syntax_error("select '\xC3\xA9', from from");
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->message, "syntax error at or near \"from\"");
  EXPECT_EQ(error->offset, 13U);
  EXPECT_EQ(syntax_error("select (").value().offset, 8U);
  EXPECT_EQ(syntax_error(std::string_view("sel\0", 4)).value().offset, 3U);
}

TEST(Classify, Sqlite) {
  const auto lite = [](std::string_view statement) { return facts_of(statement, Dialect::sqlite); };
  for (const char* statement :
       {"vacuum", "pragma foreign_keys = off", "pragma main.journal_mode(wal)", "detach x"})
    EXPECT_FALSE(lite(statement).transactional) << statement;
  for (const char* statement :
       {"pragma foreign_keys", "pragma user_version = 3", "drop table t", "pragma foreign_key_check"})
    EXPECT_TRUE(lite(statement).transactional) << statement;
  EXPECT_TRUE(lite("end").transaction_control);
  EXPECT_TRUE(lite("begin immediate").transaction_control);
  EXPECT_TRUE(lite("pragma recursive_triggers = on").changes_session);
  EXPECT_FALSE(lite("pragma user_version = 3").changes_session);
  EXPECT_TRUE(lite("delete from [t x]").destructive);
  EXPECT_EQ(lite("delete from [t x] where a").tables, (Locks{{"\"t x\"", LockMode::none}}));
  EXPECT_FALSE(lite("update or ignore t set a = 1 where b").destructive);
  EXPECT_TRUE(lite("alter table t drop a").destructive);
  EXPECT_FALSE(lite("alter table t rename a to b").destructive);
  EXPECT_TRUE(lite("create temp table t (a)").changes_session);
  EXPECT_FALSE(lite("create index i on t (a)").parsed);
}

TEST(Classify, OnSeveralThreads) {
  const Status status = in_parallel(400, 4, [](size_t index, size_t) -> Status {
    const std::string table = "t" + std::to_string(index);
    const auto facts =
        classify(index % 2 == 0 ? "drop table " + table : "drop table " + table + " from", Dialect::postgres);
    if (!facts.ok()) return facts.error();
    const bool right = facts->parsed == (index % 2 == 0) && facts->destructive && facts->tables.size() == 1 &&
                       facts->tables.front().table == table;
    return right ? Status() : make_error(ErrorKind::failed, table + " is judged wrongly");
  });
  EXPECT_TRUE(status.ok()) << status.error().message;
}

TEST(Classify, IsFast) {
  const auto started = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i)
    EXPECT_TRUE(parsed("create table s.t" + std::to_string(i) +
                       " (id bigint generated always as identity primary key, "
                       "name text not null default 'x', at timestamptz not null default now(), "
                       "parent bigint references s.t0 (id) on delete cascade, check (length(name) > 0))")
                    .transactional);
  const auto took = std::chrono::steady_clock::now() - started;
  RecordProperty("milliseconds",
                 static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
  EXPECT_LT(took, std::chrono::seconds(2));
}

}  // namespace
}  // namespace godwit::sql
