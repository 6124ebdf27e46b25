#include "bolt/wire/packstream.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace godwit::bolt {
namespace {

using namespace std::string_literals;

std::string packed(const Value& value, Dialect dialect = {}) {
  FramedBytes frames;
  PackWriter out(frames, dialect);
  out.value(value);
  EXPECT_TRUE(out.status().ok()) << out.status().error().text();
  frames.end_message();
  MessageAssembler in(size_t{1} << 30);
  const std::string_view wire = frames.bytes();
  wire.copy(in.room(wire.size()), wire.size());
  in.received(wire.size());
  const auto message = in.next();
  EXPECT_TRUE(message.ok() && !message->empty());
  return std::string(*message);
}

Result<Value> unpacked(std::string_view bytes, Dialect dialect = {}) {
  PackReader in(bytes, dialect);
  auto value = in.value();
  EXPECT_TRUE(!value.ok() || in.at_end());
  return value;
}

void comes_back(const Value& value, Dialect dialect = {}) {
  const auto again = unpacked(packed(value, dialect), dialect);
  ASSERT_TRUE(again.ok()) << again.error().text();
  EXPECT_TRUE(*again == value);
}

std::string repeated(size_t size) {
  return std::string(size, 'x');
}

// The examples of the manual, and the rows of its tables.
TEST(PackStream, GoldenBytes) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  EXPECT_EQ(packed(Null{}), "\xC0");
  EXPECT_EQ(packed(false), "\xC2");
  EXPECT_EQ(packed(true), "\xC3");
  EXPECT_EQ(packed(int64_t{42}), "\x2A");
  EXPECT_EQ(packed(std::numeric_limits<int64_t>::min()), "\xCB\x80\0\0\0\0\0\0\0"s);
  EXPECT_EQ(packed(std::numeric_limits<int64_t>::max()), "\xCB\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
  EXPECT_EQ(packed(1.23), "\xC1\x3F\xF3\xAE\x14\x7A\xE1\x47\xAE");
  EXPECT_EQ(packed(Bytes{""}), "\xCC\0"s);
  EXPECT_EQ(packed(Bytes{"\1\2\3"}), "\xCC\3\1\2\3"s);
  EXPECT_EQ(packed(""s), "\x80");
  EXPECT_EQ(packed("A"s), "\x81\x41");
  EXPECT_EQ(packed(alphabet), "\xD0\x1A" + alphabet);
  EXPECT_EQ(packed("Größenmaßstäbe"s),
            "\xD0\x12Gr\xC3\xB6\xC3\x9F"
            "enma\xC3\x9Fst\xC3\xA4"
            "be");
  EXPECT_EQ(packed(List{}), "\x90");
  EXPECT_EQ(packed(List{int64_t{1}, 2.0, "three"s}), "\x93\1\xC1\x40\0\0\0\0\0\0\0\x85three"s);
  EXPECT_EQ(packed(Map{}), "\xA0");
  EXPECT_EQ(packed(Map{{"one", "eins"s}}),
            "\xA1\x83one\x84"
            "eins");
  // 1970-01-01T02:15:00.000000042+01:00, in the new form and the old one.
  EXPECT_EQ(packed(DateTime{4500, 42, 3600}), "\xB3\x49\xC9\x11\x94\x2A\xC9\x0E\x10");
  EXPECT_EQ(packed(DateTime{4500, 42, 3600}, {true, false}), "\xB3\x46\xC9\x1F\xA4\x2A\xC9\x0E\x10");
  EXPECT_EQ(packed(ZonedDateTime{4500, 42, "Europe/Paris", false}),
            "\xB3\x69\xC9\x11\x94\x2A\x8C"
            "Europe/Paris");
}

TEST(PackStream, IntegersTakeTheirShortestFormAndComeBack) {
  struct Case {
    int64_t number;
    size_t bytes;
  };
  for (const Case& given :
       {Case{0, 1}, Case{127, 1}, Case{128, 3}, Case{-16, 1}, Case{-17, 2}, Case{-128, 2}, Case{-129, 3},
        Case{32767, 3}, Case{32768, 5}, Case{-32768, 3}, Case{-32769, 5}, Case{2147483647, 5},
        Case{2147483648, 9}, Case{-2147483648LL, 5}, Case{-2147483649LL, 9},
        Case{std::numeric_limits<int64_t>::max(), 9}, Case{std::numeric_limits<int64_t>::min(), 9}}) {
    EXPECT_EQ(packed(given.number).size(), given.bytes) << given.number;
    comes_back(given.number);
  }
}

TEST(PackStream, IntegersMayBeWiderThanTheyNeedToBe) {
  for (const std::string& bytes : {"\x2A"s, "\xC8\x2A"s, "\xC9\x00\x2A"s, "\xCA\x00\x00\x00\x2A"s,
                                   "\xCB\x00\x00\x00\x00\x00\x00\x00\x2A"s}) {
    const auto value = unpacked(bytes);
    ASSERT_TRUE(value.ok());
    EXPECT_TRUE(*value == Value(int64_t{42}));
  }
}

TEST(PackStream, SizesAtEveryWidthComeBack) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{15}, size_t{16}, size_t{255}, size_t{256},
                            size_t{65535}, size_t{65536}, size_t{200000}}) {
    comes_back(repeated(size));
    comes_back(Bytes{repeated(size)});
    comes_back(List(size, Value(true)));
    Map map;
    for (size_t i = 0; i < size; ++i)
      map.emplace_back(std::to_string(i), Value());
    comes_back(map);
  }
  EXPECT_EQ(packed(repeated(256)).substr(0, 3), "\xD1\1\0"s);
  EXPECT_EQ(packed(repeated(65536)).substr(0, 5), "\xD2\0\1\0\0"s);
  EXPECT_EQ(packed(List(256, Value())).substr(0, 3), "\xD5\1\0"s);
}

TEST(PackStream, FloatsComeBackBitForBit) {
  for (const double number :
       {0.0, -0.0, 1.0 / 3, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::max(), std::nan("7")})
    comes_back(number);
  EXPECT_FALSE(Value(0.0) == Value(-0.0));
}

TEST(PackStream, TemporalAndSpatialValuesComeBack) {
  constexpr int64_t last_ns = 86'399'999'999'999;
  for (const Dialect dialect : {Dialect{true, true}, Dialect{false, false}}) {
    comes_back(Date{-719162}, dialect);
    comes_back(Time{last_ns, -64800}, dialect);
    comes_back(LocalTime{last_ns}, dialect);
    comes_back(DateTime{-1, 999'999'999, 64800}, dialect);
    comes_back(DateTime{31556889864403199, 0, -64800}, dialect);
    comes_back(ZonedDateTime{1, 2, "America/Argentina/Buenos_Aires", !dialect.utc}, dialect);
    comes_back(LocalDateTime{-31557014167219200, 999'999'999}, dialect);
    comes_back(Duration{-1, 2, std::numeric_limits<int64_t>::min(), 999'999'999}, dialect);
    comes_back(Point2D{7203, -0.0, 1e300}, dialect);
    comes_back(Point3D{4979, 1, 2, 3}, dialect);
  }
}

TEST(PackStream, NestedValuesComeBack) {
  comes_back(Map{{"rows", List{Map{{"a", List{int64_t{1}, Value(), "x"s}}, {"b", Map{}}}, Bytes{"\0\xFF"s}}},
                 {"a", Date{1}},
                 {"a", Date{2}}});
}

TEST(PackStream, GraphValuesAreReadInBothForms) {
  const auto node = unpacked(
      "\xB4\x4E\x03\x92\x87"
      "Example\x84Node\xA1\x84name\x87"
      "example\x86"
      "abc123");
  ASSERT_TRUE(node.ok()) << node.error().text();
  const Node& read = **node->as<NodePointer>();
  EXPECT_EQ(read.id, 3);
  EXPECT_EQ(read.labels, (std::vector<std::string>{"Example", "Node"}));
  EXPECT_EQ(read.element_id, "abc123");
  EXPECT_TRUE(*find(read.properties, "name") == Value("example"s));
  const auto old_node = unpacked("\xB3\x4E\x03\x90\xA0", {false, false});
  ASSERT_TRUE(old_node.ok());
  EXPECT_EQ((**old_node->as<NodePointer>()).element_id, "");
  // Each form only on its own connection.
  EXPECT_FALSE(unpacked("\xB3\x4E\x03\x90\xA0").ok());

  const auto relationship = unpacked(
      "\xB8\x52\x0B\x02\x03\x85KNOWS\xA0\x81"
      "a\x81"
      "b\x81"
      "c");
  ASSERT_TRUE(relationship.ok()) << relationship.error().text();
  EXPECT_EQ((**relationship->as<RelationshipPointer>()).end_element_id, "c");
  const auto old_relationship = unpacked("\xB5\x52\x0B\x02\x03\x85KNOWS\xA0", {false, true});
  ASSERT_TRUE(old_relationship.ok());
  EXPECT_EQ((**old_relationship->as<RelationshipPointer>()).start_id, 2);
}

TEST(PackStream, APathIsReadAndItsIndicesAreChecked) {
  const std::string nodes = "\x92\xB3\x4E\x01\x90\xA0\xB3\x4E\x02\x90\xA0"s;
  const std::string relationships = "\x91\xB3\x72\x09\x81R\xA0"s;
  const Dialect old{false, true};
  const auto path = unpacked("\xB3\x50" + nodes + relationships + "\x92\xFF\x01", old);
  ASSERT_TRUE(path.ok()) << path.error().text();
  EXPECT_EQ((**path->as<PathPointer>()).indices, (std::vector<int64_t>{-1, 1}));
  for (const std::string& indices : {"\x91\x01"s, "\x92\x00\x01"s, "\x92\x02\x01"s, "\x92\xFE\x01"s,
                                     "\x92\x01\x02"s, "\x92\x01\xFF"s, "\x92\x01\xC0"s}) {
    EXPECT_FALSE(unpacked("\xB3\x50" + nodes + relationships + indices, old).ok());
  }
}

TEST(PackStream, LegacyZonesKeepTheirWallClock) {
  const auto value = unpacked("\xB3\x66\x01\x02\x83UTC", {false, false});
  ASSERT_TRUE(value.ok());
  EXPECT_TRUE(*value == Value(ZonedDateTime{1, 2, "UTC", true}));
}

TEST(PackStream, WhatCannotBeSentIsSaid) {
  struct Case {
    Value value;
    Dialect dialect;
  };
  for (const Case& given : {Case{Value(NodePointer(std::make_shared<Node>())), {}},
                            Case{Value(PathPointer(std::make_shared<Path>())), {}},
                            Case{ZonedDateTime{1, 2, "UTC", true}, {true, true}},
                            Case{ZonedDateTime{1, 2, "UTC", false}, {true, false}},
                            Case{DateTime{std::numeric_limits<int64_t>::max(), 0, 1}, {true, false}}}) {
    FramedBytes frames;
    PackWriter out(frames, given.dialect);
    out.value(List{given.value});
    ASSERT_FALSE(out.status().ok());
    EXPECT_EQ(out.status().error().kind, ErrorKind::failed);
  }
}

TEST(PackStream, EveryPieceOfAMessageIsRefused) {
  const std::string whole =
      packed(Map{{"a", List{int64_t{70000}, 1.5, "text longer than fifteen"s, Bytes{"bytes"}}},
                 {"b", DateTime{4500, 42, 3600}},
                 {"c", Point3D{4979, 1, 2, 3}}});
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(unpacked(std::string_view(whole).substr(0, size)).ok()) << size;
}

TEST(PackStream, ClaimedSizesAreNotBelieved) {
  for (const std::string& head :
       {"\xD2\xFF\xFF\xFF\xFF"s, "\xCE\xFF\xFF\xFF\xFF"s, "\xD6\xFF\xFF\xFF\xFF"s, "\xDA\xFF\xFF\xFF\xFF"s,
        "\xD6\x7F\xFF\xFF\xFF\x01\x01"s, "\x9F"s, "\xAF\x81x"s, "\x8Fxy"s, "\xBF\x4E"s}) {
    const auto value = unpacked(head);
    ASSERT_FALSE(value.ok());
    EXPECT_EQ(value.error().kind, ErrorKind::failed);
  }
}

TEST(PackStream, DepthAndNumberOfValuesAreLimited) {
  EXPECT_FALSE(unpacked(std::string(1'000'000, '\x91')).ok());
  EXPECT_TRUE(unpacked(std::string(60, '\x91') + "\x01").ok());
  const std::string many = packed(List(1000, Value()));
  DecodeLimits few;
  few.values_max = 1000;  // the list is one, too
  PackReader in(many, {}, few);
  EXPECT_FALSE(in.value().ok());
}

TEST(PackStream, MarkersThatMeanNothingAndWrongTypesAreRefused) {
  for (const std::string& bytes :
       {"\xC4"s, "\xC7"s, "\xCF"s, "\xD3"s, "\xD7"s, "\xDB"s, "\xDF"s, "\xE0"s, "\xEF"s, "\xB0\x7A"s,
        "\xB1\x44\x81x"s, "\xB2\x44\x01\x01"s, "\xA1\x01\x01"s, "\x82\xFF\xFE"s, "\xB3\x58\x01\x01\x01"s,
        "\xB4\x4E\x01\x91\x01\xA0\x80"s})
    EXPECT_FALSE(unpacked(bytes).ok()) << testing::PrintToString(bytes);
}

}  // namespace
}  // namespace godwit::bolt
