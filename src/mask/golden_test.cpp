// Holds the code to tests/golden/masking/vectors.json. A difference writes vectors.json.FAIL beside it;
// accept it only together with a new version of the domain: a changed vector is a changed fake in every
// store.
#include "base/text.h"
#include "base/time.h"
#include "mask/canonical.h"
#include "mask/test_masks.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace godwit::mask {
namespace {

using Json = nlohmann::ordered_json;

const std::string vectors_path = std::string(GODWIT_GOLDEN_MASKING) + "/vectors.json";
constexpr int64_t day_us = 86'400'000'000;

ValueType type_of(const std::string& name) {
  for (const ValueType type :
       {ValueType::text, ValueType::integer, ValueType::decimal_text, ValueType::floating, ValueType::boolean,
        ValueType::date_days, ValueType::timestamp_us, ValueType::timestamptz_us, ValueType::uuid_text,
        ValueType::json_text, ValueType::array_text}) {
    if (to_string(type) == name) return type;
  }
  ADD_FAILURE() << "unknown type " << name;
  return ValueType::text;
}

Canon canon_of(const std::string& name) {
  if (name == "folded") return Canon::folded;
  if (name == "phone") return Canon::phone;
  if (name == "digits") return Canon::digits;
  return name == "address" ? Canon::address : Canon::text;
}

// "2011-04-30" or "2011-04-30T08:15:00[.250]Z"
int64_t parse_us(const std::string& text) {
  int64_t us = parse_iso_date_days(text.substr(0, 10)).value_or(0) * day_us;
  if (text.size() < 19) return us;
  us += (std::stoll(text.substr(11, 2)) * 3600 + std::stoll(text.substr(14, 2)) * 60 +
         std::stoll(text.substr(17, 2))) *
        1'000'000;
  if (text[19] == '.') us += std::llround(std::stod("0" + text.substr(19)) * 1e6);
  return us;
}

// The Value borrows the texts of `json`.
Value value_of(const Json& json, ValueType type) {
  Value value;
  value.type = type;
  switch (type) {
    case ValueType::integer:
      value.integer = json.get<int64_t>();
      break;
    case ValueType::boolean:
      value.integer = json.get<bool>() ? 1 : 0;
      break;
    case ValueType::floating:
      value.floating = json.get<double>();
      break;
    case ValueType::date_days:
      value.integer = parse_us(json.get<std::string>()) / day_us;
      break;
    case ValueType::timestamp_us:
    case ValueType::timestamptz_us:
      value.integer = parse_us(json.get<std::string>());
      break;
    default:
      value.text = json.get_ref<const std::string&>();
      break;
  }
  return value;
}

Json json_of(const Value& value) {
  if (value.null) return nullptr;
  if (value.textual()) return std::string(value.text);
  if (value.type == ValueType::date_days) return iso_utc(value.integer * day_us).substr(0, 10);
  if (value.type == ValueType::timestamp_us) return iso_utc(value.integer);
  if (value.type == ValueType::floating) return value.floating;
  return value.integer;
}

MaskSpec spec_from(const Json& json) {
  MaskSpec spec;
  spec.strategy = mask_strategy_from(json.at("strategy").get<std::string>()).value();
  spec.argument = json.value("argument", "");
  spec.subject = json.value("subject", "");
  spec.domain = json.value("domain", "");
  spec.version = json.value("version", 1);
  spec.length = json.value("length", 0);
  spec.alphabet = json.value("alphabet", "");
  spec.range_days = json.value("range_days", int64_t{365});
  spec.percent = json.value("percent", 10.0);
  spec.minimum = json.value("minimum", 0.0);
  spec.maximum = json.value("maximum", 0.0);
  spec.otherwise = json.value("otherwise", "");
  if (json.contains("age_years")) {
    spec.age_years_min = json["age_years"][0].get<int64_t>();
    spec.age_years_max = json["age_years"][1].get<int64_t>();
  }
  if (json.contains("paths")) {
    for (const auto& [path, inner] : json["paths"].items())
      spec.paths.push_back({path, spec_from(inner)});
  }
  return spec;
}

ColumnShape shape_from(const Json& vector) {
  ColumnShape shape;
  shape.type = type_of(vector.at("type").get<std::string>());
  if (!vector.contains("shape")) return shape;
  shape.max_length = vector["shape"].value("max_length", 0);
  if (vector["shape"].contains("labels"))
    shape.labels = vector["shape"]["labels"].get<std::vector<std::string>>();
  return shape;
}

void compute_mask(Json& vector) {
  const auto mask = make(spec_from(vector.at("mask")), shape_from(vector), test_context());
  ASSERT_TRUE(mask.ok()) << vector.dump() << ": " << mask.error().text();
  const ValueType type = type_of(vector.at("type").get<std::string>());
  std::vector<Value> inputs = {value_of(vector.at("value"), type)};
  if (vector.contains("id")) {
    inputs.push_back(value_of(vector["id"], vector["id"].is_string() ? ValueType::text : ValueType::integer));
  }
  Scratch scratch;
  Value out;
  const Status status = mask.value()->apply(inputs, out, scratch);
  ASSERT_TRUE(status.ok()) << vector.dump() << ": " << status.error().text();
  vector["fake"] = json_of(out);
}

void compute(Json& vectors) {
  vectors["fingerprint"] = test_keyring().fingerprint();
  for (Json& key : vectors["keys"]) {
    key["key"] =
        to_hex(test_keyring().key(key["domain"].get<std::string>(), key["version"].get<int>()).reveal());
  }
  for (Json& draw : vectors["draws"]) {
    const DomainKey key(test_keyring(), draw["domain"].get<std::string>(), draw["version"].get<int>());
    const Draw made = key.draw(draw["canonical"].get<std::string>(), draw["counter"].get<uint32_t>());
    draw["mac"] = to_hex(crypto::as_bytes(made.bytes));
  }
  for (Json& form : vectors["canonical"]) {
    std::string out;
    const Value value = value_of(form["value"], type_of(form["type"].get<std::string>()));
    EXPECT_TRUE(canonicalize(value, canon_of(form["canon"].get<std::string>()), out).ok());
    form["canonical"] = out;
  }
  for (Json& vector : vectors["masks"])
    compute_mask(vector);
}

TEST(GoldenMasks, AreWhatTheVectorsSay) {
  std::ifstream file(vectors_path);
  std::stringstream text;
  text << file.rdbuf();
  const Json expected = Json::parse(text.str());
  ASSERT_EQ(expected["master"], "dGVzdCBrZXkgb2YgdGhlIGdvbGRlbiB2ZWN0b3JzIDEyMzQ=");
  ASSERT_GE(expected["masks"].size(), 100U);
  Json actual = expected;
  compute(actual);
  if (actual == expected) return;
  std::ofstream(vectors_path + ".FAIL") << actual.dump(1) << "\n";
  for (const auto& difference : Json::diff(expected, actual)) {
    ADD_FAILURE() << difference["path"] << " is " << difference["value"];
  }
}

}  // namespace
}  // namespace godwit::mask
