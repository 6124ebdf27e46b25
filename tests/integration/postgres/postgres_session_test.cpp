// The adapter against a real server: pinned settings, COPY that is dropped midway, commits, cancellation,
// errors.
#include "pg/session.h"
#include "pg/transaction.h"
#include "tests/integration/postgres/postgres_scratch.h"

#include <chrono>
#include <thread>

namespace godwit::test {
namespace {

using pg::CopyIn;
using pg::CopyOut;

TEST(Session, PinsItsSettings) {
  ScratchDatabase database;
  database.session();
  EXPECT_EQ(database.value("SHOW TimeZone"), "UTC");
  EXPECT_EQ(database.value("SHOW extra_float_digits"), "3");
  EXPECT_EQ(database.value("SHOW search_path"), "pg_catalog");
  EXPECT_EQ(database.value("SHOW row_security"), "off");
  EXPECT_EQ(database.value("SHOW application_name"), "godwit");
  EXPECT_FALSE(database.session().facts().encrypted);
  EXPECT_FALSE(database.session().facts().pooled);
}

TEST(Session, SpeaksOfTablesNeverOfValues) {
  ScratchDatabase database;
  database.run(
      "CREATE TABLE person (email text PRIMARY KEY, born date); INSERT INTO person VALUES ('canary@x', "
      "NULL)");
  const auto again = database.session().query("INSERT INTO public.person VALUES ($1)", {"canary@x"});
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().sqlstate, "23505");
  EXPECT_EQ(again.error().message, "unique_violation on public.person, constraint person_pkey");
  const auto malformed = database.session().query("SELECT $1::text::date", {"canary@x"});
  ASSERT_FALSE(malformed.ok());
  EXPECT_EQ(malformed.error().sqlstate, "22007");
  EXPECT_EQ(malformed.error().text().find("canary"), std::string::npos);
}

TEST(Session, AsksSeveralThingsAtOnceAndARefusalIsItsOwnAlone) {
  ScratchDatabase database;
  database.run("CREATE TABLE person (name text); INSERT INTO person VALUES ('a'), ('b')");
  const auto answers =
      database.session().query_together({"SELECT name FROM public.person ORDER BY 1",
                                         "SELECT * FROM public.nobody", "SELECT 1 WHERE false", "SELECT 7"});
  ASSERT_TRUE(answers.ok()) << answers.error().text();
  ASSERT_EQ(answers->size(), 4U);
  ASSERT_TRUE(answers->at(0).ok());
  EXPECT_EQ(answers->at(0)->text(1, 0), "b");
  ASSERT_FALSE(answers->at(1).ok());
  EXPECT_EQ(answers->at(1).error().sqlstate, "42P01");
  ASSERT_TRUE(answers->at(2).ok());
  EXPECT_EQ(answers->at(2)->size(), 0U);
  ASSERT_TRUE(answers->at(3).ok());
  EXPECT_EQ(answers->at(3)->text(0, 0), "7");
  EXPECT_EQ(database.value("SELECT count(*) FROM public.person"), "2");
}

TEST(Session, WrongPasswordIsCredentials) {
  const char* password = std::getenv("GODWIT_TEST_PG_PASSWORD");
  ASSERT_NE(password, nullptr) << "run scripts/with-postgres";
  pg::ConnectOptions options;
  options.url = Secret(database_url("postgres"));
  options.user = "godwit_password_test";
  options.password = Secret("canary-password");
  options.tls = pg::TlsMode::disable;
  const auto refused = pg::Session::open(options);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::credentials);
  EXPECT_EQ(refused.error().sqlstate, "28P01");
  EXPECT_EQ(refused.error().text().find("canary"), std::string::npos);
  options.password = Secret();
  const auto asked = pg::Session::open(options);
  ASSERT_FALSE(asked.ok());
  EXPECT_EQ(asked.error().kind, ErrorKind::credentials) << asked.error().text();
  options.password = Secret(password);
  EXPECT_TRUE(pg::Session::open(options).ok());
}

TEST(Session, VerifiesTheServersCertificateByDefault) {
  const char* authority = std::getenv("GODWIT_TEST_PG_CA");
  ASSERT_NE(authority, nullptr) << "run scripts/with-postgres";
  pg::ConnectOptions options;
  options.url = Secret(database_url("postgres"));
  // The system's authorities do not know the scratch one.
  const auto untrusted = pg::Session::open(options);
  ASSERT_FALSE(untrusted.ok());
  EXPECT_EQ(untrusted.error().kind, ErrorKind::unreachable);
  EXPECT_NE(untrusted.error().message.find("certificate"), std::string::npos) << untrusted.error().text();
  options.tls_root_certificate = authority;
  const auto trusted = pg::Session::open(options);
  ASSERT_TRUE(trusted.ok()) << trusted.error().text();
  EXPECT_TRUE((*trusted)->facts().encrypted);
  EXPECT_EQ((*trusted)->facts().sslmode, "verify-full");
}

TEST(Session, MissingDatabaseIsUnreachable) {
  pg::ConnectOptions options;
  options.url = Secret(database_url("no_such_database"));
  options.tls = pg::TlsMode::disable;
  const auto session = pg::Session::open(options);
  ASSERT_FALSE(session.ok());
  EXPECT_EQ(session.error().kind, ErrorKind::unreachable);
  EXPECT_EQ(session.error().sqlstate, "3D000");
}

TEST(Session, CancelFlagStopsAStatement) {
  ScratchDatabase database;
  std::atomic<bool> cancel{false};
  database.session().set_cancel_flag(&cancel);
  std::thread later([&cancel] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    cancel = true;
  });
  const auto slept = database.session().query("SELECT pg_sleep(30)");
  later.join();
  database.session().set_cancel_flag(nullptr);
  ASSERT_FALSE(slept.ok());
  EXPECT_EQ(slept.error().kind, ErrorKind::interrupted);
  EXPECT_EQ(database.value("SELECT 1"), "1");
}

TEST(Session, NothingBeginsAfterTheCancelFlag) {
  ScratchDatabase database;
  database.run("CREATE TABLE t (n int)");
  const std::atomic<bool> cancel{true};
  ASSERT_OK_AND(pg::Transaction transaction, pg::Transaction::begin(database.session()));
  database.session().set_cancel_flag(&cancel);
  EXPECT_EQ(database.session().run("INSERT INTO public.t VALUES (1)").error().kind, ErrorKind::interrupted);
  EXPECT_EQ(database.session().copy_in("COPY public.t FROM STDIN").error().kind, ErrorKind::interrupted);
  {
    const pg::CancelPause pause(database.session());
    EXPECT_TRUE(database.session().run("INSERT INTO public.t VALUES (2)").ok());
  }
  transaction.rollback();
  EXPECT_FALSE(database.session().in_transaction()) << "a rollback is not interrupted";
  EXPECT_EQ(database.session().query("SELECT 1").error().kind, ErrorKind::interrupted);
}

TEST(Session, CancelFlagStopsACopyThatTheServerKeepsWaiting) {
  ScratchDatabase database;
  database.run(
      "CREATE TABLE t (n int); CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN PERFORM pg_sleep(30); RETURN NEW; END $$; "
      "CREATE TRIGGER wait BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION wait()");
  std::atomic<bool> cancel{false};
  database.session().set_cancel_flag(&cancel);
  std::thread later([&cancel] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    cancel = true;
  });
  const std::string rows(size_t{1} << 20, '\n');  // more than socket buffers hold in the end
  {
    ASSERT_OK_AND(CopyIn copy, database.session().copy_in("COPY public.t FROM STDIN"));
    Status sent = copy.put("1\n");
    for (int i = 0; i < 1000 && sent.ok(); ++i)
      sent = copy.put(rows);
    later.join();
    ASSERT_FALSE(sent.ok());
    EXPECT_EQ(sent.error().kind, ErrorKind::interrupted);
  }
  database.session().set_cancel_flag(nullptr);
  EXPECT_EQ(database.value("SELECT count(*) FROM public.t"), "0");
}

TEST(Session, ACopyThatIsDroppedMidwayStoresNothing) {
  ScratchDatabase database;
  database.run("CREATE TABLE t (n int)");
  {
    ASSERT_OK_AND(CopyIn copy, database.session().copy_in("COPY public.t FROM STDIN"));
    ASSERT_OK(copy.put("1\n2\n3\n"));
  }
  EXPECT_EQ(database.value("SELECT count(*) FROM public.t"), "0");
  ASSERT_OK_AND(CopyIn copy, database.session().copy_in("COPY public.t FROM STDIN"));
  ASSERT_OK(copy.put("1\n2\n3\n"));
  ASSERT_OK_AND(const int64_t rows, copy.finish());
  EXPECT_EQ(rows, 3);
  EXPECT_EQ(database.value("SELECT count(*) FROM public.t"), "3");
}

TEST(Session, ACopyOutMayBeLeftUnread) {
  ScratchDatabase database;
  {
    ASSERT_OK_AND(CopyOut copy,
                  database.session().copy_out("COPY (SELECT generate_series(1, 10000000)) TO STDOUT"));
    std::string_view row;
    ASSERT_OK(copy.next(row));
    EXPECT_EQ(row, "1\n");
  }
  EXPECT_EQ(database.value("SELECT 2"), "2");
}

TEST(Transaction, RollsBackUnlessCommitted) {
  ScratchDatabase database;
  database.run("CREATE TABLE t (n int)");
  {
    ASSERT_OK_AND(const auto transaction, pg::Transaction::begin(database.session()));
    ASSERT_OK(database.session().run("INSERT INTO public.t VALUES (1)"));
  }
  EXPECT_EQ(database.value("SELECT count(*) FROM public.t"), "0");
  ASSERT_OK_AND(auto transaction, pg::Transaction::begin(database.session()));
  ASSERT_OK(database.session().run("INSERT INTO public.t VALUES (1)"));
  ASSERT_OK(transaction.commit());
  EXPECT_EQ(database.value("SELECT count(*) FROM public.t"), "1");
}

TEST(Transaction, AFailedTransactionDoesNotCommit) {
  ScratchDatabase database;
  ASSERT_OK_AND(auto transaction, pg::Transaction::begin(database.session()));
  EXPECT_FALSE(database.session().run("SELECT 1/0").ok());
  const Status committed = transaction.commit();
  ASSERT_FALSE(committed.ok());
  EXPECT_EQ(committed.error().kind, ErrorKind::failed);
}

TEST(Transaction, ACommitWithoutAnswerIsInDoubt) {
  ScratchDatabase database;
  auto other = session_on(database.name());
  database.run("CREATE TABLE t (n int)");
  // The backend is gone when COMMIT is sent; whether the server got to it cannot be known from here.
  database.run(
      "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(10); RETURN NULL; END $$; "
      "CREATE CONSTRAINT TRIGGER last_word AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED "
      "FOR EACH ROW EXECUTE FUNCTION die()");
  ASSERT_OK_AND(auto transaction, pg::Transaction::begin(*other));
  ASSERT_OK(other->run("INSERT INTO public.t VALUES (1)"));
  const Status committed = transaction.commit();
  ASSERT_FALSE(committed.ok());
  EXPECT_EQ(committed.error().kind, ErrorKind::in_doubt);
}

}  // namespace
}  // namespace godwit::test
