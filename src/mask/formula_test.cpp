#include "mask/formula.h"

#include "mask/test_masks.h"

namespace godwit::mask {
namespace {

using S = MaskStrategy;

ColumnShape shape_of(ValueType type) {
  ColumnShape shape;
  shape.type = type;
  return shape;
}

struct Case {
  MaskSpec spec;
  ColumnShape shape;
};

std::vector<Case> drawn_masks() {
  std::vector<Case> cases;
  for (const char* name : {"first_name", "last_name", "gender", "street", "city", "state", "zip", "company",
                           "job", "race", "ethnicity", "lunch_status"}) {
    cases.push_back({spec_of(S::dictionary, name), {}});
  }
  for (const char* name :
       {"email", "login", "url", "phone", "ssn", "card", "ip", "mac", "x{hash}", "{hash}@x.test"})
    cases.push_back({spec_of(S::template_, name), {}});
  for (const S strategy : {S::digits, S::fpe, S::permutation, S::token})
    cases.push_back({spec_of(strategy), {}});
  cases.push_back({spec_of(S::redact, "whole"), {}});
  cases.push_back({spec_of(S::date_shift), shape_of(ValueType::date_days)});
  cases.push_back({spec_of(S::noise), shape_of(ValueType::integer)});
  cases.push_back({spec_of(S::token), shape_of(ValueType::uuid_text)});
  ColumnShape labels;
  labels.labels = {"one", "two", "three", "four", "five", "six", "seven", "eight"};
  for (const char* name : {"race", "job"})
    cases.push_back({spec_of(S::dictionary, name), labels});
  cases.push_back({spec_of(S::token), labels});
  return cases;
}

std::string fake_of(const MaskSpec& spec, const ColumnShape& shape) {
  return run(*must_make(spec, shape), {made_up_value(spec, shape)});
}

TEST(Formula, TheDomainItNamesIsTheOneThatIsDrawnUnder) {
  for (const Case& each : drawn_masks()) {
    const Formula formula = formula_of(each.spec, each.shape);
    const std::string what = std::string(to_string(each.spec.strategy)) + " " + each.spec.argument;
    ASSERT_FALSE(formula.domain.empty()) << what;
    MaskSpec named = each.spec;
    named.domain = formula.domain;
    named.reserved = false;
    EXPECT_EQ(fake_of(each.spec, each.shape), fake_of(named, each.shape)) << what;
    EXPECT_EQ(formula_of(named, each.shape).domain, formula.domain) << what;
  }
}

TEST(Formula, TheDomainOfTheSubjectIsTheOneThatIsDrawnUnder) {
  const std::string subject = "4711";
  for (const char* name : {"street", "city", "company"}) {
    const MaskSpec spec = spec_of(S::dictionary, name, "student");
    const Formula formula = formula_of(spec, {});
    const DomainKey key(test_keyring(), formula.subject_domain, 1);
    const std::string list = std::string(name) == "city" ? "place" : name;
    const auto& entries = test_dictionaries().find(list)->entries;
    const std::string entry = entries[key.draw(subject).pick(0, entries.size())];
    EXPECT_NE(run(*must_make(spec), "made up", 4711).find(entry), std::string::npos) << name;
  }
  EXPECT_EQ(formula_of(spec_of(S::template_, "email", "student"), {}).subject_domain, "person@student");
  EXPECT_EQ(formula_of(spec_of(S::dictionary, "full_name", "student"), {}).subject_domain, "person@student");
  EXPECT_EQ(formula_of(spec_of(S::date_shift, "", "student"), {}).subject_domain, "date_shift@student");
  EXPECT_EQ(formula_of(spec_of(S::fpe), {}).subject_domain, "");
}

TEST(Formula, MadeUpValuesFitTheirColumns) {
  for (const Case& each : drawn_masks()) {
    ColumnShape narrow = each.shape;
    narrow.max_length = 8;
    const Value value = made_up_value(each.spec, narrow);
    EXPECT_TRUE(value.type != ValueType::text || value.text.size() <= 8U);
  }
}

}  // namespace
}  // namespace godwit::mask
