// PostgreSQL as a Source, against a real server: catalog, exact values, snapshot, scope, lanes.
#include "base/test_folder.h"
#include "connect/postgres/source.h"
#include "duck/database.h"
#include "tests/integration/postgres/postgres_scratch.h"

#include <filesystem>

namespace godwit::test {
namespace {

using connect::Scan;
using connect::Source;

// A dataset of every column of a table, and a closure that owns rows by one key column (or the whole table).
struct Reading {
  Dataset dataset;
  StoreClosure closure;
  Scan scan;

  Reading(const Source& source, const Catalog& catalog, const TableName& name, const std::string& key = {}) {
    const Table* table = catalog.table(name);
    dataset.id = dataset_id(catalog.store, name);
    dataset.store = catalog.store;
    dataset.table = *table;
    for (const Column& column : table->columns) {
      if (column.generated != Generated::stored) dataset.columns.push_back(source.stage(column));
    }
    dataset.closure.table = name;
    dataset.closure.membership = key.empty() ? Membership::shared : Membership::owned;
    if (!key.empty()) {
      OwnerStep step;
      step.kind = OwnerStep::Kind::key;
      step.column = key;
      dataset.closure.owners.push_back(step);
      dataset.closure.key_column = key;
    }
    closure.store = catalog.store;
    closure.tables.push_back(dataset.closure);
    scan.dataset = &dataset;
    scan.closure = &closure;
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  void restage(const std::string& column) {
    for (DatasetColumn& staged : dataset.columns) {
      if (staged.name == column) staged.staging = StagingType::text, staged.as_text = true;
    }
  }
};

constexpr const char* every_shape = R"(
    CREATE EXTENSION citext;
    CREATE TYPE mood AS ENUM ('sad', 'it''s "ok"', 'happy');
    CREATE DOMAIN year AS integer CHECK (VALUE BETWEEN 1901 AND 2155);
    CREATE DOMAIN short_year AS year;
    CREATE SCHEMA "Other One";
    CREATE TABLE "Other One"."Order" ("select" int PRIMARY KEY, code text UNIQUE NOT NULL);
    CREATE TABLE student (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      district_id int NOT NULL,
      first_name varchar(40) NOT NULL CHECK (first_name <> ''),
      code char(5), gpa numeric(4,2), fee numeric, mood mood DEFAULT 'sad', born short_year,
      tags text[], mail citext UNIQUE, full_name text GENERATED ALWAYS AS (first_name || '!') STORED,
      order_code text REFERENCES "Other One"."Order"(code) ON DELETE CASCADE DEFERRABLE,
      mentor bigint REFERENCES student(id) ON DELETE SET NULL,
      UNIQUE NULLS NOT DISTINCT (district_id, code));
    CREATE UNIQUE INDEX partial ON student (code) WHERE gpa > 1;
    CREATE UNIQUE INDEX expression ON student (lower(first_name));
    CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON student FOR EACH ROW EXECUTE FUNCTION nothing();
    CREATE VIEW v AS SELECT 1 AS one;
    CREATE TABLE pay (id int, at date) PARTITION BY RANGE (at);
    CREATE TABLE pay_1 PARTITION OF pay FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
    CREATE TABLE pay_2 PARTITION OF pay DEFAULT;
    ALTER TABLE pay_1 ADD FOREIGN KEY (id) REFERENCES "Other One"."Order"("select");
    CREATE SCHEMA godwit; CREATE TABLE godwit.run (n int);
  )";

class PostgresSource : public ::testing::Test {
 protected:
  void open() {
    ASSERT_OK_AND(source_, connect::postgres::open_source(database_.endpoint()));
    ASSERT_OK_AND(catalog_, source_->catalog());
    duck::DatabaseOptions options;
    options.folder = folder_.path();
    ASSERT_OK_AND(duck_, duck::Database::open(options));
    ASSERT_OK_AND(connection_, duck_->connect());
  }
  // Runs `sql` over the rows read, which stand in table function "rows()".
  Result<duck::Rows> read(const Scan& scan, const std::string& sql) {
    ASSIGN_OR_RETURN(auto producer, source_->read(scan));
    RETURN_IF_ERROR(connection_->register_table("rows_read", producer));
    auto rows = connection_->query(sql);
    connection_->unregister_table("rows_read");
    return rows;
  }

  ScratchDatabase database_;
  std::unique_ptr<Source> source_;
  Catalog catalog_;
  const TestFolder folder_;
  std::unique_ptr<duck::Database> duck_;
  std::unique_ptr<duck::Connection> connection_;
};

TEST_F(PostgresSource, ReadsTheCatalog) {
  database_.run(every_shape);
  open();
  EXPECT_EQ(catalog_.kind, "postgres");
  EXPECT_EQ(catalog_.tables.size(), 6U);
  const Table* student = catalog_.table({"public", "student"});
  ASSERT_NE(student, nullptr);
  ASSERT_NE(student->primary_key(), nullptr);
  EXPECT_EQ(student->primary_key()->columns, std::vector<std::string>{"id"});
  EXPECT_EQ(student->column("id")->generated, Generated::identity_always);
  EXPECT_EQ(student->column("first_name")->type_name, "character varying(40)");
  EXPECT_EQ(student->column("first_name")->max_length, 40);
  EXPECT_TRUE(student->column("code")->fixed_length);
  EXPECT_EQ(student->column("gpa")->precision, 4);
  EXPECT_EQ(student->column("gpa")->scale, 2);
  EXPECT_EQ(student->column("fee")->precision, 0);
  EXPECT_EQ(student->column("mood")->enum_labels, (std::vector<std::string>{"sad", "it's \"ok\"", "happy"}));
  EXPECT_TRUE(student->column("mood")->has_default);
  EXPECT_EQ(student->column("born")->type_identity, "public.short_year");
  EXPECT_EQ(student->column("born")->domain_base, "pg_catalog.int4");
  EXPECT_EQ(student->column("born")->type_class, TypeClass::integer);
  EXPECT_EQ(student->column("tags")->type_class, TypeClass::array);
  EXPECT_TRUE(student->column("mail")->case_insensitive);
  EXPECT_EQ(student->column("full_name")->generated, Generated::stored);
  ASSERT_EQ(student->keys.size(), 5U);
  const auto key = [&](const std::string& name) {
    for (const Key& k : student->keys) {
      if (k.name == name) return k;
    }
    return Key{};
  };
  EXPECT_EQ(key("partial").predicate, "(gpa > (1)::numeric)");
  EXPECT_NE(key("expression").expression.find("lower"), std::string::npos);
  EXPECT_FALSE(key("student_district_id_code_key").nulls_distinct);
  ASSERT_EQ(student->foreign_keys.size(), 2U);
  EXPECT_EQ(student->foreign_keys[0].on_delete, "SET NULL");
  EXPECT_EQ(student->foreign_keys[1].parent_columns, std::vector<std::string>{"code"});
  EXPECT_TRUE(student->foreign_keys[1].deferrable);
  ASSERT_EQ(student->triggers.size(), 1U);
  EXPECT_EQ(student->triggers[0].events, "INSERT OR UPDATE");
  ASSERT_EQ(student->sequences.size(), 1U);
  EXPECT_EQ(student->sequences[0].column, "id");
  EXPECT_EQ(student->checks.size(), 1U);
  EXPECT_EQ(catalog_.table({"public", "v"})->kind, TableKind::view);
  const Table* pay = catalog_.table({"public", "pay"});
  EXPECT_EQ(pay->kind, TableKind::partitioned);
  ASSERT_EQ(pay->foreign_keys.size(), 1U);
  EXPECT_FALSE(pay->foreign_keys[0].validated) << "one partition lacks it";
  EXPECT_EQ(catalog_.table({"public", "pay_1"})->partition_of, (TableName{"public", "pay"}));
}

TEST_F(PostgresSource, ReadsEveryNativeTypeExactly) {
  database_.run(R"(
    CREATE TABLE t (n int PRIMARY KEY, b bool, i2 int2, i8 int8, f4 float4, f8 float8, x text, c char(4), v varchar(9),
      y bytea, d date, ts timestamp, tz timestamptz, tm time, u uuid, j json, jb jsonb, dec numeric(38,10),
      small numeric(4,2), big numeric(38,0), free numeric, a int[]);
    INSERT INTO t VALUES
      (1, true, -32768, 9223372036854775807, 1.5, -0.1, E'tab\t"quote" é😀', 'ab', 'x', '\x00ff01', '2024-02-29',
       '2024-02-29 23:59:59.999999', '0001-01-01 00:00:00+00 BC', '23:59:59.5', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
       '{"a": 1,  "b":null}', '{"b": 2, "a": [1]}', -1234567890123456789012345678.0123456789, 99.99,
       99999999999999999999999999999999999999, 1.10, '[2:3]={7,NULL}'),
      (2, false, 0, -1, 'NaN', '-Infinity', '', '', '', '', 'infinity', '-infinity', 'infinity', '00:00',
       'ffffffff-ffff-ffff-ffff-ffffffffffff', '[]', '1', 0.0000000001, -0.05, -10000, 'NaN', '{}'),
      (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL);
  )");
  open();
  ASSERT_OK(source_->snapshot());
  const Reading reading(*source_, catalog_, {"public", "t"});
  ASSERT_OK_AND(const duck::Rows rows,
                read(reading.scan, "SELECT COLUMNS(*)::VARCHAR FROM rows_read() ORDER BY n"));
  using Values = std::vector<std::optional<std::string>>;
  ASSERT_EQ(rows.rows.size(), 3U);
  EXPECT_EQ(rows.rows[0], (Values{"1",
                                  "true",
                                  "-32768",
                                  "9223372036854775807",
                                  "1.5",
                                  "-0.1",
                                  "tab\t\"quote\" é😀",
                                  "ab  ",
                                  "x",
                                  "\\x00\\xFF\\x01",
                                  "2024-02-29",
                                  "2024-02-29 23:59:59.999999",
                                  "0001-01-01 (BC) 00:00:00+00",
                                  "23:59:59.5",
                                  "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                                  "{\"a\": 1,  \"b\":null}",
                                  "{\"a\": [1], \"b\": 2}",
                                  "-1234567890123456789012345678.0123456789",
                                  "99.99",
                                  "99999999999999999999999999999999999999",
                                  "1.10",
                                  "[2:3]={7,NULL}"}));
  EXPECT_EQ(rows.rows[1], (Values{"2",        "false",    "0",
                                  "-1",       "nan",      "-inf",
                                  "",         "    ",     "",
                                  "",         "infinity", "-infinity",
                                  "infinity", "00:00:00", "ffffffff-ffff-ffff-ffff-ffffffffffff",
                                  "[]",       "1",        "0.0000000001",
                                  "-0.05",    "-10000",   "NaN",
                                  "{}"}));
  EXPECT_EQ(rows.rows[2],
            Values({"3",          std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt,
                    std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt,
                    std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt,
                    std::nullopt, std::nullopt, std::nullopt, std::nullopt}));
}

TEST_F(PostgresSource, AsksForTextWhenAValueDoesNotFit) {
  database_.run(R"(
    CREATE TABLE money_like (n numeric(6,2)); INSERT INTO money_like VALUES ('NaN');
    CREATE TABLE late (at timestamp); INSERT INTO late VALUES ('294276-12-31 23:59:59.999999');
    CREATE TABLE midnight (at time); INSERT INTO midnight VALUES ('24:00:00');
  )");
  open();
  const std::vector<std::array<std::string, 3>> cases = {{"money_like", "n", "NaN"},
                                                         {"late", "at", "294276-12-31 23:59:59.999999"},
                                                         {"midnight", "at", "24:00:00"}};
  for (const auto& [table, column, text] : cases) {
    ASSERT_OK(source_->snapshot());
    Reading reading(*source_, catalog_, {"public", table});
    const auto refused = read(reading.scan, "SELECT * FROM rows_read()");
    ASSERT_FALSE(refused.ok()) << table;
    EXPECT_EQ(refused.error().sqlstate, connect::restage_sqlstate);
    EXPECT_EQ(refused.error().hint, column);
    reading.restage(column);
    ASSERT_OK_AND(const duck::Rows rows, read(reading.scan, "SELECT * FROM rows_read()"));
    EXPECT_EQ(rows.rows[0][0], text);
  }
}

TEST_F(PostgresSource, ReadsOneScopeOnOneSnapshot) {
  database_.run(
      "CREATE TABLE district (id int PRIMARY KEY); INSERT INTO district VALUES (1), (2);"
      "CREATE TABLE s (id int PRIMARY KEY, district_id int); "
      "INSERT INTO s SELECT n, n % 3 FROM generate_series(1, 9999) n");
  open();
  ASSERT_OK_AND(const auto snapshot, source_->snapshot());
  EXPECT_GT(snapshot.taken_us, 0);
  EXPECT_NE(snapshot.position.find('/'), std::string::npos);
  database_.run("INSERT INTO s SELECT n, 1 FROM generate_series(10000, 20000) n");
  Reading reading(*source_, catalog_, {"public", "s"}, "district_id");
  reading.scan.scope = "1";
  ASSERT_OK_AND(const int64_t counted, source_->count(reading.scan));
  EXPECT_EQ(counted, 3333);
  ASSERT_OK_AND(
      const duck::Rows rows,
      read(reading.scan, "SELECT count(*), min(district_id), max(district_id), max(id) FROM rows_read()"));
  EXPECT_EQ(rows.rows[0], (std::vector<std::optional<std::string>>{"3333", "1", "1", "9997"}));
  ASSERT_OK_AND(const bool there, source_->scope_exists({"public", "district"}, "id", "2"));
  EXPECT_TRUE(there);
  ASSERT_OK_AND(const bool word, source_->scope_exists({"public", "district"}, "id", "two'; --"));
  EXPECT_FALSE(word);
  ASSERT_OK_AND(const auto values, source_->scope_values({"public", "district"}, "id", 1));
  EXPECT_EQ(values, std::vector<std::string>{"1"});
}

TEST_F(PostgresSource, SplitsABigTableIntoLanes) {
  database_.run(
      "CREATE TABLE wide (id int PRIMARY KEY, filler text); ALTER TABLE wide ALTER filler SET STORAGE PLAIN;"
      "INSERT INTO wide SELECT n, repeat('x', 2000) FROM generate_series(1, 40000) n");
  open();
  ASSERT_OK(source_->snapshot());
  Reading reading(*source_, catalog_, {"public", "wide"});
  reading.scan.lanes = 3;
  ASSERT_OK_AND(const auto producer, source_->read(reading.scan));
  EXPECT_EQ(producer->lanes(), 3U);
  ASSERT_OK_AND(const duck::Rows rows,
                read(reading.scan, "SELECT count(*), count(DISTINCT id), sum(id) FROM rows_read()"));
  EXPECT_EQ(rows.rows[0], (std::vector<std::optional<std::string>>{"40000", "40000", "800020000"}));
}

TEST_F(PostgresSource, SeesAProbeAndItsOwnRights) {
  open();
  ASSERT_OK_AND(const bool absent, source_->sees_probe({-42, ""}));
  EXPECT_FALSE(absent);
  ASSERT_EQ(database_.value("SELECT pg_try_advisory_lock(-42)"), "t");
  ASSERT_OK_AND(const bool present, source_->sees_probe({-42, ""}));
  EXPECT_TRUE(present);
  ASSERT_OK_AND(const auto check, source_->can_write());
  EXPECT_TRUE(check.can_write);
  EXPECT_EQ(check.evidence, "the account is a superuser");
  EXPECT_EQ(source_->connection_notes().size(), 1U) << "unencrypted";
}

TEST_F(PostgresSource, RefusesTextThatIsNotUtf8) {
  ScratchDatabase ascii("ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");
  ascii.run("CREATE TABLE t (x text); INSERT INTO t SELECT convert_from('\\xff41', 'SQL_ASCII')");
  open();
  ASSERT_OK_AND(source_, connect::postgres::open_source(ascii.endpoint()));
  ASSERT_OK_AND(catalog_, source_->catalog());
  ASSERT_OK(source_->snapshot());
  const Reading reading(*source_, catalog_, {"public", "t"});
  const auto rows = read(reading.scan, "SELECT * FROM rows_read()");
  ASSERT_FALSE(rows.ok());
  EXPECT_NE(rows.error().text().find("SQLSTATE 22021"), std::string::npos) << rows.error().text();
}

}  // namespace
}  // namespace godwit::test
