// Every PostgreSQL value survives: source → DuckDB → target, compared as the server writes whole rows.
#include "tests/integration/postgres/postgres_move.h"

namespace godwit::test {
namespace {

class PostgresTypes : public ::testing::Test {
 protected:
  void move_table(const std::string& schema, const std::string& rows) {
    from_.run(schema);
    to_.run(schema);
    from_.run(rows);
    Move move(from_, to_, "1");
    move.own("t", "scope");
    move.run("mig-20260101-000000-001");
    EXPECT_EQ(digest(from_, "public.t"), digest(to_, "public.t"));
    EXPECT_NE(to_.value("SELECT count(*) FROM public.t"), "0");
    // Written again with the same values: every type has the same hash in the target as on its way there.
    to_.run("UPDATE public.t SET scope = scope");
    ASSERT_OK(move.sink().undo("mig-20260101-000000-001", {}));
    EXPECT_EQ(to_.value("SELECT count(*) FROM public.t"), "0");
  }
  ScratchDatabase from_, to_;
};

TEST_F(PostgresTypes, NativeTypesByBinary) {
  move_table(
      "CREATE TABLE t (id int PRIMARY KEY, scope int, b bool, i2 int2, i8 int8, f4 float4, f8 float8, x "
      "text, c char(5), "
      "v varchar(20), y bytea, d date, ts timestamp, tz timestamptz, tm time, u uuid, j json, jb jsonb, n38 "
      "numeric(38,10), "
      "n4 numeric(4,2), n5 numeric(5,1), n7 numeric(7,3), n0 numeric(38,0), nm name)",
      R"sql(INSERT INTO t VALUES
        (1, 1, true, -32768, -9223372036854775808, '-0', '-0', E'a\tb\nc\\d "é😀', 'ab', '  x ', '\x00ff5c', '4713-11-24 BC',
         '4713-11-24 00:00:00 BC', '294246-12-31 23:59:59.999999+00', '23:59:59.999999',
         'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '{"a" : 1.0, "a":2}', '{"b": 1.10, "a": [null]}',
         -9999999999999999999999999999.9999999999, 0.01, -1000.1, 0.001, -99999999999999999999999999999999999999, 'nm'),
        (2, 1, false, 32767, 9223372036854775807, 'NaN', 'Infinity', '', '', '', '', 'infinity', 'infinity', '-infinity',
         '00:00:00', '00000000-0000-0000-0000-000000000000', 'null', '"x"', 0, 0, 0, 1234.5, 0, ''),
        (3, 1, NULL, NULL, NULL, '1.17549435e-38', '5e-324', NULL, NULL, NULL, NULL, '-infinity', '-infinity',
         '1969-12-31 23:59:59.999999+00', NULL, NULL, NULL, NULL, 10000, 12, 9000, 10.5, 10000, NULL),
        (4, 1, NULL, NULL, NULL, '3.4028235e38', '1.7976931348623157e308', NULL, NULL, NULL, NULL, '5874897-12-31', NULL, NULL,
         NULL, NULL, NULL, NULL, 0.0001, 99.99, 9999.9, 9999.999, 1, NULL);
        INSERT INTO t (id, scope, n38, n7) SELECT 10 + n, 1, (n * 7919)::numeric / 10000000, n / 1000.0 FROM generate_series(1, 3000) n)sql");
}

TEST_F(PostgresTypes, EverythingElseByText) {
  move_table(
      "CREATE TYPE mood AS ENUM ('sad', 'a \"quoted\", one'); CREATE DOMAIN positive AS int CHECK (VALUE > "
      "0); "
      "CREATE DOMAIN moody AS mood; CREATE TYPE pair AS (a int, b text); CREATE EXTENSION citext; CREATE "
      "EXTENSION hstore; "
      "CREATE EXTENSION ltree; CREATE TYPE floats AS RANGE (subtype = float8);"
      "CREATE TABLE t (id int PRIMARY KEY, scope int, m mood, ms mood[], dm moody, p positive, pa pair, pas "
      "pair[], a int[], "
      "ta text[], r int4range, mr int4multirange, fr floats, i interval, tt timetz, ip inet, ci cidr, ma "
      "macaddr, bi bit(5), "
      "vb varbit, mo money, xm xml, tv tsvector, tq tsquery, pt point, po polygon, h hstore, l ltree, cx "
      "citext, n numeric, "
      "rc regclass, rt regtype, jp jsonpath, ch \"char\", ls pg_lsn)",
      R"sql(INSERT INTO t VALUES
        (1, 1, 'sad', '{sad,"a \"quoted\", one"}', 'sad', 7, '(1,"x,""y")', '{"(1,a)",NULL
}', '[0:2]={1,NULL,3}',
         E'{"a\\\\b",NULL,"NULL",""}', '[1,5)', '{[1,3),[5,7)}', '[1.5,2.5]', '-1 mon +3 days -04:05:06.789', '23:59:59+05:30',
         '10.0.0.1/8', '10.0.0.0/8', '08:00:2b:01:02:03', '10101', '', '12.34', '<a b="c">&amp;</a>', '''it''''s'':1A b:2',
         'a & !b', '(1.5,-0)', '((0,0),(1,1),(1,0))', '"a b"=>NULL, c=>"d\"e"', 'Top.Sub', 'CiText', 1.10, 'pg_class',
         'mood', '$.a[*] ? (@ > 1)', 'x', '16/B374D848'),
        (2, 1, NULL, '{}', NULL, NULL, '(,)', '{}', '{{1,2},{3,4}}', '{}', 'empty', '{}', '(,)', '178000000 years', '24:00:00+00',
         '::1', '::/0', 'ff:ff:ff:ff:ff:ff', B'00000', B'101', '-0.01', 'text only', '', '', '(NaN,Infinity)', NULL, '', '', '',
         'NaN', NULL, 'integer[]', NULL, '', '0/0'),
        (3, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
         NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'Infinity', NULL, NULL, NULL, NULL, NULL);
        INSERT INTO t (id, scope, n) VALUES (4, 1, 1e1000), (5, 1, '-123456789012345678901234567890123456789012345.678900'))sql");
}

TEST_F(PostgresTypes, RestagedValues) {
  move_table(
      "CREATE TABLE t (id int PRIMARY KEY, scope int, n numeric(6,2), ts timestamp, tz timestamptz, "
      "tm time, s numeric(3,5), "
      "neg numeric(5,-2))",
      "INSERT INTO t VALUES (1, 1, 'NaN', '294276-12-31 23:59:59.999999', '294276-12-31 "
      "23:59:59.999999+00', '24:00', 0.00123, "
      "12300), (2, 1, 1.5, '2020-01-01', '2020-01-01', '00:00', NULL, NULL)");
}

TEST_F(PostgresTypes, KeysOfEveryKind) {
  // Undo finds its rows again by keys in text form.
  for (const auto& [type, values] : std::vector<std::pair<std::string, std::string>>{
           {"text", "('a'), (E'b\\t\"{}\\\\'), ('')"},
           {"uuid", "(gen_random_uuid()), (gen_random_uuid())"},
           {"date", "('2020-01-01'), ('0044-03-15 BC'), ('infinity')"},
           {"timestamptz", "('2020-01-01 00:00:00.000001+00'), ('0044-03-15 BC')"},
           {"numeric(10,3)", "(1.5), (-0.001)"},
           {"bytea", "('\\x00ff'), ('')"},
           {"char(4)", "('ab'), ('')"},
           {"float8", "(0.1), ('NaN'), ('-Infinity')"},
           {"bool", "(true), (false)"},
           {"int4range", "('[1,2)'), ('empty')"},
           {"int[]", "('{1,2}'), ('{}')"},
           {"smallint", "(-3), (7)"}}) {
    from_.run("DROP TABLE IF EXISTS t");
    to_.run("DROP TABLE IF EXISTS t");
    to_.run("DROP SCHEMA IF EXISTS godwit CASCADE");
    SCOPED_TRACE(type);
    move_table("CREATE TABLE t (k " + type + " PRIMARY KEY, scope int)",
               "INSERT INTO t (k) VALUES " + values + "; UPDATE t SET scope = 1");
  }
}

TEST_F(PostgresTypes, EmptyTables) {
  from_.run("CREATE TABLE t (id int PRIMARY KEY, scope int)");
  to_.run("CREATE TABLE t (id int PRIMARY KEY, scope int)");
  Move move(from_, to_, "1");
  move.own("t", "scope");
  move.run("mig-20260101-000000-001");
  EXPECT_EQ(move.outcome("t").inserted, 0);
  ASSERT_OK(move.sink().undo("mig-20260101-000000-001", {}));
}

TEST_F(PostgresTypes, TablesWithoutAKey) {
  const char* schema = "CREATE TABLE t (a int, b text, scope int)";
  from_.run(schema);
  to_.run(schema);
  from_.run("INSERT INTO t VALUES (1, NULL, 1), (1, NULL, 1), (1, NULL, 1), (2, 'x', 1), (NULL, NULL, 1)");
  to_.run("INSERT INTO t VALUES (1, NULL, 1), (9, 'y', 2)");
  const std::string before = digest(to_, "public.t");
  Move move(from_, to_, "1");
  move.own("t", "scope");
  move.run("mig-20260101-000000-001");
  EXPECT_EQ(to_.value("SELECT count(*) FROM public.t"), "7");
  ASSERT_OK(move.sink().undo("mig-20260101-000000-001", {}));
  EXPECT_EQ(digest(to_, "public.t"), before);
}

TEST_F(PostgresTypes, DifferentTypesInTheTargetGoByText) {
  from_.run(
      "CREATE TABLE t (id int PRIMARY KEY, scope int, a int4, b timestamp, c numeric(8,2), d json, e "
      "varchar(9), f text)");
  to_.run(
      "CREATE TYPE mood AS ENUM ('sad'); "
      "CREATE TABLE t (id bigint PRIMARY KEY, scope int, a numeric, b timestamptz, c float8, d "
      "jsonb, e text, f mood)");
  from_.run("INSERT INTO t VALUES (1, 1, 7, '2020-01-01 12:00', 1.25, '{\"a\": 1}', 'e', 'sad')");
  Move move(from_, to_, "1");
  move.own("t", "scope");
  move.run("mig-20260101-000000-001");
  EXPECT_EQ(to_.value("SELECT (t.*)::text FROM public.t t"),
            "(1,1,7,\"2020-01-01 12:00:00+00\",1.25,\"{\"\"a\"\": 1}\",e,sad)");
}

TEST_F(PostgresTypes, ReservedAndMixedCaseNames) {
  move_table(
      "CREATE SCHEMA \"Weird \"\"One\"\"\"; CREATE TABLE t (\"select\" int, \"Group By\" text, t "
      "int, s int, \"k0\" int, "
      "scope int, \"ünï\" text, PRIMARY KEY (\"select\", \"Group By\"))",
      "INSERT INTO t VALUES (1, 'a b', 2, 3, 4, 1, 'x'), (1, 'a\"b''c', 2, 3, 4, 1, 'x')");
}

}  // namespace
}  // namespace godwit::test
