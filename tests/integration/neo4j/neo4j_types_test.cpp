// Every type that a property can have goes to a real server and comes back bit for bit, in both directions:
// as a parameter, as a property of a node, in a list, in a map.
#include "tests/integration/neo4j/neo4j_scratch.h"

#include <cmath>
#include <limits>
#include <set>

namespace godwit::test {
namespace {

using bolt::Value;
using namespace std::string_literals;

class Neo4jTypes : public Neo4jTest {};

const bolt::ZonedDateTime second_of_two_clocks{1635642000, 0, "Europe/Paris", false};

std::vector<Value> single_values() {
  using Number = std::numeric_limits<int64_t>;
  using Real = std::numeric_limits<double>;
  std::vector<Value> values = {
      true, false, ""s, "Größe ☃ \U0001F426"s, "quote ' \" ` \\ $"s, "\0x"s, std::string(300'000, 'x')};
  for (const int64_t number :
       {int64_t{0}, int64_t{-16}, int64_t{-17}, int64_t{127}, int64_t{128}, int64_t{-129}, int64_t{32768},
        int64_t{-32769}, int64_t{2147483648}, Number::min(), Number::max()})
    values.emplace_back(number);
  for (const double number :
       {0.0, -0.0, 0.1, Real::max(), Real::denorm_min(), Real::infinity(), -Real::infinity(), std::nan("")})
    values.emplace_back(number);
  for (const std::string& bytes : {""s, "\0\xFF\x80"s, std::string(70'000, '\xAB')})
    values.emplace_back(bolt::Bytes{bytes});
  return values;
}

std::vector<Value> temporal_values() {
  return {bolt::Date{0}, bolt::Date{-719162}, bolt::Date{2932896}, bolt::Time{86'399'999'999'999, -64800},
          bolt::Time{1, 64800}, bolt::LocalTime{0}, bolt::LocalTime{86'399'999'999'999},
          bolt::DateTime{4500, 42, 3600}, bolt::DateTime{-62135596800, 999'999'999, -64800},
          // The same clock twice in one night, an hour apart.
          bolt::ZonedDateTime{1635638400, 0, "Europe/Paris", false}, second_of_two_clocks,
          bolt::ZonedDateTime{-1, 999'999'999, "America/New_York", false},
          bolt::LocalDateTime{-62135596800, 1}, bolt::LocalDateTime{253402300799, 999'999'999},
          bolt::Duration{14, -3, 86401, 999'999'999}, bolt::Duration{-14, 3, -86401, 1},
          bolt::Duration{0, 0, 0, 0}};
}

std::vector<Value> spatial_values() {
  return {bolt::Point2D{7203, 1.5, -2.25}, bolt::Point2D{4326, -122.3, 47.6},
          bolt::Point3D{9157, 1e10, -0.5, 3}, bolt::Point3D{4979, 12.5, 56.7, 100}};
}

std::vector<Value> list_values() {
  using bolt::List;
  return {List{},
          List{int64_t{1}, int64_t{-1}},
          List{0.5, -0.5},
          List{""s, "x"s},
          List{true, false},
          List{bolt::Date{1}, bolt::Date{2}},
          List{bolt::ZonedDateTime{1, 2, "Asia/Tokyo", false}},
          List{bolt::Duration{1, 2, 3, 4}},
          List{bolt::Point2D{7203, 1, 2}, bolt::Point2D{7203, 3, 4}},
          List(20'000, Value(int64_t{70'000}))};
}

class StoredValues : public Neo4jTest, public testing::WithParamInterface<int> {};

TEST_P(StoredValues, ComeBackBitForBit) {
  const std::vector<std::vector<Value>> all = {single_values(), temporal_values(), spatial_values(),
                                               list_values()};
  std::vector<Value> values = all[static_cast<size_t>(GetParam())];
  // Neo4j 4.4 itself takes the first of two equal clocks, whichever is sent.
  if (session().facts().bolt_major == 4) std::erase(values, Value(second_of_two_clocks));
  bolt::List rows;
  for (size_t i = 0; i < values.size(); ++i)
    rows.emplace_back(bolt::Map{{"i", static_cast<int64_t>(i)}, {"value", values[i]}});
  const auto stored =
      session().execute("UNWIND $rows AS row CREATE (n:" + label() + " {i: row.i, value: row.value})",
                        bolt::Map{{"rows", rows}});
  ASSERT_TRUE(stored.ok()) << stored.error().text();
  EXPECT_EQ(stored->counter("nodes-created"), static_cast<int64_t>(values.size()));
  const auto other = neo4j_session();
  const auto read =
      other->query("MATCH (n:" + label() + ") RETURN n.value, n, {deep: [n.value]} ORDER BY n.i");
  ASSERT_TRUE(read.ok()) << read.error().text();
  ASSERT_EQ(read->rows.size(), values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const std::vector<Value>& row = read->rows[i];
    EXPECT_TRUE(row[0] == values[i]) << i << " has type " << row[0].data.index();
    const auto* node = row[1].as<bolt::NodePointer>();
    ASSERT_NE(node, nullptr);
    EXPECT_TRUE(*find((*node)->properties, "value") == values[i]) << i;
    EXPECT_TRUE(row[2] == Value(bolt::Map{{"deep", bolt::List{values[i]}}})) << i;
  }
}
INSTANTIATE_TEST_SUITE_P(Types, StoredValues, testing::Range(0, 4));

TEST_F(Neo4jTypes, TheServerMeansTheSame) {
  const Value same = neo4j_value(
      session(),
      "RETURN [$date = date('1789-07-14'), $time = time('12:00:00.000000001+01:00'), "
      "$local = localdatetime('1969-12-31T23:59:59.5'), $moment = datetime('2021-10-31T02:30:00+02:00'), "
      "$zoned = datetime('2021-07-01T12:00:00[Europe/Paris]'), "
      "$span = duration({months: 1, days: -2, seconds: 3, nanoseconds: 4}), "
      "$place = point({longitude: -122.3, latitude: 47.6}), $null IS NULL]",
      bolt::Map{{"date", bolt::Date{-65914}},
                {"time", bolt::Time{43'200'000'000'001, 3600}},
                {"local", bolt::LocalDateTime{-1, 500'000'000}},
                {"moment", bolt::DateTime{1635640200, 0, 7200}},
                {"zoned", bolt::ZonedDateTime{1625133600, 0, "Europe/Paris", false}},
                {"span", bolt::Duration{1, -2, 3, 4}},
                {"place", bolt::Point2D{4326, -122.3, 47.6}},
                {"null", bolt::Null{}}});
  EXPECT_TRUE(same == Value(bolt::List(8, Value(true))));
}

TEST_F(Neo4jTypes, NodesRelationshipsAndPaths) {
  const auto rows =
      session().query("CREATE p = (a:" + label() + ":Other {name: 'a'})-[r:KNOWS {since: 7}]->(b:" + label() +
                      ")<-[:LIKES]-(a) RETURN a, r, p, b");
  ASSERT_TRUE(rows.ok()) << rows.error().text();
  const bool element_ids = session().facts().bolt_major >= 5;
  const std::vector<Value>& row = rows->rows.at(0);
  const bolt::Node& a = **row[0].as<bolt::NodePointer>();
  const bolt::Node& b = **row[3].as<bolt::NodePointer>();
  const bolt::Relationship& knows = **row[1].as<bolt::RelationshipPointer>();
  EXPECT_EQ(std::set<std::string>(a.labels.begin(), a.labels.end()),
            (std::set<std::string>{label(), "Other"}));
  EXPECT_EQ(a.properties, (bolt::Map{{"name", "a"s}}));
  EXPECT_EQ(knows.type, "KNOWS");
  EXPECT_EQ(knows.properties, (bolt::Map{{"since", int64_t{7}}}));
  EXPECT_EQ(knows.start_id, a.id);
  EXPECT_EQ(knows.end_id, b.id);
  EXPECT_EQ(knows.start_element_id, a.element_id);
  EXPECT_EQ(!a.element_id.empty() && !knows.element_id.empty(), element_ids);
  const bolt::Path& path = **row[2].as<bolt::PathPointer>();
  EXPECT_EQ(path.nodes.size(), 2U);
  EXPECT_EQ(path.relationships.size(), 2U);
  EXPECT_EQ(path.indices, (std::vector<int64_t>{1, 1, -2, 0}));
}

// What is written straight into the frames is what a tree of values would have been.
TEST_F(Neo4jTypes, ALargeBatchIsWrittenWithoutBuildingIt) {
  constexpr int64_t count = 20'000;
  const auto stored = session().execute("UNWIND $rows AS row CREATE (n:" + label() + ") SET n = row",
                                        bolt::Parameters([](bolt::PackWriter& out) {
                                          out.map(1);
                                          out.text("rows");
                                          out.list(count);
                                          for (int64_t i = 0; i < count; ++i) {
                                            out.map(2);
                                            out.text("id");
                                            out.integer(i);
                                            out.text("name");
                                            out.text("name " + std::to_string(i));
                                          }
                                        }));
  ASSERT_TRUE(stored.ok()) << stored.error().text();
  EXPECT_EQ(stored->counter("nodes-created"), count);
  EXPECT_TRUE(neo4j_value(session(), "MATCH (n:" + label() +
                                         ") WHERE n.name = 'name ' + toString(n.id) RETURN sum(n.id)") ==
              Value(count * (count - 1) / 2));
}

TEST_F(Neo4jTypes, AValueThatCannotBeSentLeavesTheSessionAsItWas) {
  const auto refused =
      session().query("RETURN $x", bolt::Map{{"x", bolt::NodePointer(std::make_shared<bolt::Node>())}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::failed);
  EXPECT_TRUE(neo4j_value(session(), "RETURN 1") == Value(int64_t{1}));
}

}  // namespace
}  // namespace godwit::test
