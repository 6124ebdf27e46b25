#include "base/prng.h"
#include "mask/json/json_path.h"
#include "mask/json/json_text.h"
#include "mask/test_masks.h"

#include <nlohmann/json.hpp>

namespace godwit::mask {
namespace {

using S = MaskStrategy;

MaskSpec json_spec(std::vector<std::pair<std::string, MaskSpec>> paths, std::string otherwise = {}) {
  MaskSpec spec = spec_of(S::json);
  for (auto& [path, inner] : paths)
    spec.paths.push_back({path, inner});
  spec.otherwise = std::move(otherwise);
  return spec;
}

ColumnShape json_shape() {
  ColumnShape shape;
  shape.type = ValueType::json_text;
  return shape;
}

std::string masked(const MaskSpec& spec, std::string_view text) {
  Value value = Value::of(text);
  value.type = ValueType::json_text;
  return run(*must_make(spec, json_shape()), {value});
}

MaskSpec kept() {
  MaskSpec spec;
  spec.reason = "test";
  return spec;
}

TEST(JsonMask, MasksAtPathsAndRedactsOtherStrings) {
  const MaskSpec email = spec_of(S::template_, "email");
  const MaskSpec first = spec_of(S::dictionary, "first_name");
  const MaskSpec spec = json_spec(
      {{"$.guardian.email", email}, {"$.list[*].name", first}, {"$..locale", kept()}, {"$.pair[1]", first}});
  const std::string out = masked(
      spec,
      R"({"guardian":{"email":"a@b.org","locale":"en"},"list":[{"name":"Ana"},{"name":null}],"pair":["x","Ana"],"n":1.50})");
  const std::string ana = run(first, "Ana");
  const std::string x = run(spec_of(S::redact, "whole"), "x");
  EXPECT_EQ(out, R"({"guardian":{"email":")" + run(email, "a@b.org") +
                     R"(","locale":"en"},"list":[{"name":")" + ana + R"("},{"name":null}],"pair":[")" + x +
                     R"(",")" + ana + R"("],"n":1.50})");
}

TEST(JsonMask, KeepsBlanksOrderAndEverythingThatIsNotNamed) {
  const std::string text = " {\n  \"b\" : [ 1 , -2.5e+10, true,false ,null ] , \"a\":{} , \"c\":[ ] }\n";
  EXPECT_EQ(masked(json_spec({}), text), text);
  EXPECT_EQ(masked(json_spec({}, "keep"), R"(["\u00e9\/", "x"])"), R"(["\u00e9\/", "x"])");
  EXPECT_EQ(masked(json_spec({}), R"(["",{"":""}])"), R"(["",{"":""}])");
}

TEST(JsonMask, EscapesAndSurrogatesAreRead) {
  const MaskSpec first = spec_of(S::dictionary, "first_name");
  const MaskSpec spec = json_spec({{"$.name", first}});
  EXPECT_EQ(masked(spec, R"({"na\u006de":"J\u006fs\u00E9"})"),
            R"({"na\u006de":")" + run(first, "Jos\xC3\xA9") + "\"}");
  std::string text;
  size_t at = 0;
  ASSERT_TRUE(read_json_string(R"("\ud83d\ude00 \ud800 \"\\\/\b\f\n\r\t")", at, text));
  EXPECT_EQ(text, "\xF0\x9F\x98\x80 \xEF\xBF\xBD \"\\/\b\f\n\r\t");
  std::string written;
  append_json_string(text + std::string(1, '\x01'), written);
  EXPECT_EQ(nlohmann::json::parse(written).get<std::string>(), text + std::string(1, '\x01'));
}

TEST(JsonMask, NumbersAndWordsAtNamedPaths) {
  const MaskSpec ssn = spec_of(S::template_, "ssn");
  EXPECT_EQ(masked(json_spec({{"$.ssn", ssn}}), R"({"ssn":123456789})")[7], '9');
  EXPECT_EQ(masked(json_spec({{"$.n", spec_of(S::dictionary, "first_name")}}), R"({"n":7})"),
            R"({"n":null})");
  const std::string noisy = masked(json_spec({{"$.n", spec_of(S::noise)}}), R"({"n":1000,"m":1000})");
  EXPECT_EQ(noisy.find("\"n\":1000,"), std::string::npos);
  EXPECT_NE(noisy.find("\"m\":1000"), std::string::npos);
  EXPECT_EQ(masked(json_spec({{"$.a", spec_of(S::null)}}), R"({"a":{"x":[1,"Ana"]},"b":2})"),
            R"({"a":null,"b":2})");
  EXPECT_EQ(masked(json_spec({{"$.a", spec_of(S::constant, "c")}}), R"({"a":true})"), R"({"a":"c"})");
  EXPECT_EQ(masked(json_spec({{"$.a", spec_of(S::dictionary, "first_name")}}), R"({"a":true})"),
            R"({"a":true})");
}

TEST(JsonMask, AMaskOnAContainerHoldsForItsLeaves) {
  const MaskSpec last = spec_of(S::dictionary, "last_name");
  const std::string lopez = run(last, "Lopez");
  EXPECT_EQ(
      masked(json_spec({{"$.names", last}}, "keep"), R"({"names":["Lopez",{"x":"Lopez"}],"y":"Lopez"})"),
      R"({"names":[")" + lopez + R"(",{"x":")" + lopez + R"("}],"y":"Lopez"})");
}

TEST(JsonMask, PrivateKeysAreMaskedToo) {
  const std::string out = masked(json_spec({}), R"({"ana@school.edu":1,"312-867-5309":2,"plain":3})");
  EXPECT_EQ(out, R"({")" + run(spec_of(S::template_, "email"), "ana@school.edu") + R"(":1,")" +
                     run(spec_of(S::template_, "phone"), "312-867-5309") + R"(":2,"plain":3})");
}

TEST(JsonMask, MalformedDocumentsNeverPass) {
  for (const char* bad : {"{", "[1,]", "{\"a\" 1}", "nul", "[1] x", "\"\\x\"", "\"\\u12\"", "01",
                          "{\"a\":1,}", "[\"Ana", "\"a\nb\""}) {
    EXPECT_EQ(masked(json_spec({}, "keep"), bad).rfind("error:", 0), 0U) << bad;
    EXPECT_EQ(run(*must_make(json_spec({}, "keep")), bad).rfind("redacted-", 0), 0U) << bad;
  }
  EXPECT_EQ(masked(json_spec({}), std::string(5000, '[')).rfind("error:", 0), 0U);
}

TEST(JsonMask, RandomDocumentsStayValidAndKeepTheirShape) {
  const auto mask = must_make(json_spec({{"$..a", spec_of(S::dictionary, "city")}}), json_shape());
  Prng random(7);
  for (int round = 0; round < 300; ++round) {
    nlohmann::json document;
    for (int i = 0; i < 8; ++i) {
      nlohmann::json leaf = {std::string("q\"\\\n\xC3\xA9") + std::to_string(random.below(97)),
                             static_cast<double>(random.below(1000)) * 0.25, nullptr};
      document["k" + std::to_string(i)] = {{"a", leaf}, {"b", leaf}};
    }
    Value value;
    const std::string text = document.dump(round % 3);
    value.text = text;
    value.type = ValueType::json_text;
    const nlohmann::json out = nlohmann::json::parse(run(*mask, {value}));
    for (const auto& [key, child] : document.items()) {
      for (const char* leaf : {"a", "b"}) {
        EXPECT_EQ(out[key][leaf][1].dump(), leaf == std::string("a") ? "null" : child[leaf][1].dump());
        EXPECT_NE(out[key][leaf][0], child[leaf][0]);
        EXPECT_TRUE(out[key][leaf][2].is_null());
      }
    }
  }
}

TEST(JsonPath, RefusesWhatIsNoPath) {
  for (const char* bad : {"", "a", "$a", "$.", "$[", "$[x]", "$[-1]", "$...a", "$.a["}) {
    EXPECT_FALSE(JsonPath::parse(bad).ok()) << bad;
  }
  for (const char* good : {"$", "$.a", "$['a b'].c", "$[\"a.b\"]", "$.a[0][*]", "$..a.*", "$.a..b"}) {
    EXPECT_TRUE(JsonPath::parse(good).ok()) << good;
  }
}

TEST(JsonMask, SubjectsReachTheLeaves) {
  const MaskSpec first = spec_of(S::dictionary, "first_name", "student");
  const auto mask = must_make(json_spec({{"$.name", first}}), json_shape());
  ASSERT_TRUE(mask->uses_subject());
  Value value = Value::of(R"({"name":"Zdenka"})");
  value.type = ValueType::json_text;
  EXPECT_EQ(run(*mask, {value, Value::of_integer(5)}),
            R"({"name":")" + run(*must_make(first), "Zdenka", 5) + "\"}");
}

}  // namespace
}  // namespace godwit::mask
