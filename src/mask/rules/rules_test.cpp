#include "mask/dictionaries/dictionaries.h"
#include "mask/rules/default_rules.h"
#include "mask/rules/detectors.h"
#include "mask/rules/name_words.h"
#include "mask/rules/rule_book.h"
#include "mask/test_masks.h"

#include <gtest/gtest.h>

namespace godwit::mask {
namespace {

using T = TypeClass;

Column column_of(std::string name, T type, bool nullable = true) {
  Column column;
  column.name = std::move(name);
  column.type_class = type;
  column.type_name = std::string(to_string(type));
  column.nullable = nullable;
  return column;
}

const RuleBook& shipped() {
  static const RuleBook book = [] {
    auto result = RuleBook::compile(MaskRules{});
    return std::move(result).value();
  }();
  return book;
}

// "template email", "keep", "null", or "-" where no rule speaks.
std::string decision(const std::string& table, const Column& column,
                     const std::vector<std::string>& detected = {}) {
  const MaskRule* rule = shipped().decide("ids", {"public", table}, column, detected);
  if (rule == nullptr) return "-";
  std::string text(to_string(rule->mask.strategy));
  if (!rule->mask.argument.empty()) text += " " + rule->mask.argument;
  return text;
}

struct Case {
  const char* column;
  T type;
  const char* expected;
};

TEST(NameWords, SplitsAtUnderscoresCaseAndDigits) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(name_words("first_name"), (Words{"first", "name"}));
  EXPECT_EQ(name_words("firstName"), (Words{"first", "name"}));
  EXPECT_EQ(name_words("studentSSN_last4"), (Words{"student", "ssn", "last", "4"}));
  EXPECT_EQ(name_words("HTTPServer"), (Words{"http", "server"}));
  EXPECT_EQ(name_words("Home Address-2"), (Words{"home", "address", "2"}));
  EXPECT_EQ(name_words("__"), Words{});
  EXPECT_TRUE(has_phrase({"home", "emails"}, "email"));
  EXPECT_TRUE(has_phrase({"addresses"}, "address"));
  EXPECT_FALSE(has_phrase({"capacity"}, "city"));
  EXPECT_FALSE(has_phrase({"emailed", "at"}, "email"));
  EXPECT_TRUE(ends_with_phrase({"home", "country", "code"}, "country code"));
  EXPECT_FALSE(ends_with_phrase({"state", "student"}, "state"));
}

// The sixteen categories of the rules that are being replaced.
TEST(DefaultRules, CoverTheSixteenCategories) {
  const Case cases[] = {
      {"email", T::text, "template email"},
      {"parent_email", T::text, "template email"},
      {"ssn", T::text, "template ssn"},
      {"social_security_number", T::text, "template ssn"},
      {"first_name", T::text, "dictionary first_name"},
      {"given_name", T::text, "dictionary first_name"},
      {"fname", T::text, "dictionary first_name"},
      {"last_name", T::text, "dictionary last_name"},
      {"family_name", T::text, "dictionary last_name"},
      {"surname", T::text, "dictionary last_name"},
      {"full_name", T::text, "dictionary full_name"},
      {"display_name", T::text, "dictionary full_name"},
      {"phone", T::text, "template phone"},
      {"mobile", T::text, "template phone"},
      {"telephone_number", T::text, "template phone"},
      {"street", T::text, "dictionary street"},
      {"address_line", T::text, "dictionary street"},
      {"addr_1", T::text, "dictionary street"},
      {"city", T::text, "dictionary city"},
      {"state", T::text, "keep"},
      {"zip", T::text, "dictionary zip"},
      {"postal_code", T::text, "dictionary zip"},
      {"birth_date", T::date, "date_shift"},
      {"dob", T::date, "date_shift"},
      {"district_id", T::text, "keep"},
      {"district_key", T::text, "keep"},
      {"school_id", T::integer, "keep"},
      {"username", T::text, "template login"},
      {"login", T::text, "template login"},
      {"password", T::text, "null"},
      {"passwd", T::text, "null"},
      {"ip_address", T::text, "template ip"},
      {"ip_addr", T::network, "template ip"},
      {"url", T::text, "template url"},
      {"website", T::text, "template url"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(decision("students", column_of(c.column, c.type)), c.expected) << c.column;
}

// Columns that the rules being replaced let through.
TEST(DefaultRules, CatchWhatTheOldOnesMissed) {
  const Case cases[] = {
      {"name", T::text, "dictionary full_name"},
      {"middle_name", T::text, "dictionary first_name"},
      {"preferred_name", T::text, "dictionary first_name"},
      {"nickname", T::text, "dictionary first_name"},
      {"guardian_name", T::text, "dictionary full_name"},
      {"parent_name", T::text, "dictionary full_name"},
      {"mother_maiden_name", T::text, "dictionary last_name"},
      {"address", T::text, "dictionary street"},
      {"home_address", T::text, "dictionary street"},
      {"mailing_address", T::text, "dictionary street"},
      {"address1", T::text, "dictionary street"},
      {"address2", T::text, "template Unit {digits:3}"},
      {"fax", T::text, "template phone"},
      {"tel", T::text, "template phone"},
      {"notes", T::text, "redact whole"},
      {"comments", T::text, "redact whole"},
      {"student_number", T::text, "fpe"},
      {"student_number", T::integer, "fpe"},
      {"race", T::text, "dictionary race"},
      {"race", T::enumeration, "dictionary race"},
      {"gender", T::text, "dictionary gender"},
      {"gender", T::enumeration, "dictionary gender"},
      {"lunch_status", T::text, "dictionary lunch_status"},
      {"api_token", T::text, "token"},
      {"access_token", T::text, "token"},
      {"secret", T::text, "token"},
      {"latitude", T::decimal, "noise"},
      {"longitude", T::floating, "noise"},
      {"bank_account", T::text, "fpe"},
      {"credit_card", T::text, "template card"},
      {"drivers_license", T::text, "fpe"},
      {"emergency_contact", T::text, "dictionary full_name"},
      {"emergency_contact_phone", T::text, "template phone"},
      {"client_ip", T::network, "template ip"},
      {"mac_address", T::network, "template mac"},
      {"tax_id", T::text, "fpe"},
      {"national_id", T::text, "fpe"},
      {"passport_id", T::text, "fpe"},
      {"medicaid_id", T::text, "fpe"},
      {"device_id", T::text, "fpe"},
      {"state_student_id", T::text, "fpe"},
      {"place_of_birth", T::text, "dictionary city"},
      {"birth_city", T::text, "dictionary city"},
      {"birth_country", T::text, "redact whole"},
      {"ssn_last4", T::text, "digits"},
      {"phoneNumbers", T::text, "template phone"},
      {"homeEmail", T::text, "template email"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(decision("students", column_of(c.column, c.type)), c.expected) << c.column;
}

// Columns that they rewrote for a part of a word.
TEST(DefaultRules, LeaveAloneWhatOnlySoundsPrivate) {
  const Case cases[] = {
      {"ethnicity", T::text, "dictionary ethnicity"},
      {"capacity", T::integer, "-"},
      {"capacity", T::text, "-"},
      {"velocity", T::floating, "-"},
      {"publicity", T::text, "-"},
      {"email_verified", T::boolean, "-"},
      {"email_verified", T::text, "-"},
      {"email_opt_in", T::boolean, "-"},
      {"emailed_at", T::timestamp, "-"},
      {"emailed_at", T::text, "-"},
      {"salary_band", T::integer, "-"},
      {"phone_type", T::text, "keep"},
      {"phoneme_score", T::decimal, "-"},
      {"last_login", T::timestamp, "-"},
      {"last_login", T::text, "-"},
      {"login_count", T::integer, "-"},
      {"last_login_ip", T::text, "template ip"},
      {"curl_count", T::integer, "-"},
      {"zip_file", T::text, "-"},
      {"statement", T::text, "-"},
      {"created_at", T::date, "keep"},
      {"enrollment_date", T::date, "-"},
      {"profile", T::json, "-"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(decision("schools", column_of(c.column, c.type)), c.expected) << c.column;
  EXPECT_EQ(decision("users", column_of("password_reset_token", T::text, true)), "null");
  EXPECT_EQ(decision("users", column_of("password_reset_token", T::text, false)), "token");
}

TEST(DefaultRules, NameIsAPersonInTablesOfPeopleOrByItsValues) {
  const Column name = column_of("name", T::text);
  for (const char* table : {"students", "Staff", "app_users", "guardians", "people", "EmergencyContacts"}) {
    EXPECT_EQ(decision(table, name), "dictionary full_name") << table;
  }
  EXPECT_EQ(decision("schools", name), "-");
  EXPECT_EQ(decision("schools", name, {"person_name"}), "dictionary full_name");
  EXPECT_TRUE(shipped().wants_sample("ids", {"public", "schools"}, name));
  EXPECT_FALSE(shipped().wants_sample("ids", {"public", "students"}, name));
  EXPECT_EQ(decision("schools", column_of("school_name", T::text), {"person_name"}), "-");
}

TEST(DefaultRules, EveryRuleMakesAMaskForItsTypes) {
  for (const MaskRule& rule : default_rules()) {
    EXPECT_TRUE(rule.built_in);
    EXPECT_TRUE(rule.mask.strategy != MaskStrategy::keep || !rule.mask.reason.empty()) << rule.name;
    EXPECT_FALSE(rule.match.types.empty() && rule.match.words.empty()) << rule.name;
    for (const T type : rule.match.types) {
      Column column = column_of("x", type);
      if (type == T::integer) column.type_name = "bigint";
      if (type == T::enumeration) column.enum_labels = {"a", "b"};
      const auto mask = make(rule.mask, shape_of(column, false, 1000), test_context());
      const bool decimal_phone = type == T::decimal && rule.mask.argument == "phone";
      EXPECT_TRUE(mask.ok() || decimal_phone)
          << rule.name << " on " << to_string(type) << ": " << mask.error().text();
    }
  }
}

TEST(RuleBook, FileRulesComeFirstAndPatternsMatchWholeNames) {
  MaskRules file;
  MaskRule rule;
  rule.name = "mine";
  rule.match.store = "ids";
  rule.match.table = "students|staff";
  rule.match.column = "EMAIL";
  rule.mask.strategy = MaskStrategy::null;
  file.rules.push_back(rule);
  const auto book = RuleBook::compile(file);
  ASSERT_TRUE(book.ok());
  const Column email = column_of("email", T::text);
  EXPECT_EQ(book->decide("ids", {"public", "students"}, email, {})->name, "mine");
  EXPECT_EQ(book->decide("hcp1", {"public", "students"}, email, {})->name, "e-mail addresses");
  EXPECT_EQ(book->decide("ids", {"public", "students_old"}, email, {})->name, "e-mail addresses");
  file.defaults = false;
  EXPECT_EQ(RuleBook::compile(file)->decide("hcp1", {"public", "students"}, email, {}), nullptr);
}

TEST(RuleBook, MalformedPatternsAndDetectorsPointAtTheRule) {
  MaskRules file;
  MaskRule rule;
  rule.name = "broken";
  rule.match.column = "(";
  rule.where = {"masks.yml", 7, 5};
  file.rules.push_back(rule);
  EXPECT_EQ(RuleBook::compile(file).error().text(),
            "masks.yml:7:5: rule broken: malformed pattern of the column");
  file.rules[0].match.column = "x";
  file.rules[0].match.detector = "iris";
  EXPECT_EQ(RuleBook::compile(file).error().text(), "masks.yml:7:5: rule broken: unknown detector iris");
}

TEST(Classification, AsksForTextJsonDatesBinaryAndIdentifiers) {
  for (const T type : {T::text, T::json, T::date, T::binary, T::xml, T::text_search, T::network, T::uuid}) {
    EXPECT_TRUE(needs_classification(column_of("x", type))) << to_string(type);
  }
  for (const T type :
       {T::boolean, T::integer, T::decimal, T::floating, T::enumeration, T::timestamp, T::time}) {
    EXPECT_FALSE(needs_classification(column_of("x", type))) << to_string(type);
  }
  EXPECT_FALSE(needs_classification(column_of("id", T::uuid), true));
  Column array = column_of("x", T::array);
  array.type_name = "character varying(20)[]";
  EXPECT_TRUE(needs_classification(array));
  array.type_name = "integer[]";
  EXPECT_FALSE(needs_classification(array));
}

TEST(Detectors, KnowTheirValues) {
  const Dictionaries dictionaries = Dictionaries::built_in();
  const std::pair<const char*, const char*> hits[] = {
      {"email", "ana.lopez+x@school.k12.ny.us"},
      {"phone", "(312) 867-5309"},
      {"phone", "312-867-5309"},
      {"phone", "+44 20 7946 0958"},
      {"ssn", "123-45-6789"},
      {"card", "4111 1111 1111 1111"},
      {"ip", "10.0.0.255"},
      {"ip", "fe80::1"},
      {"url", "https://x.org/a?b=c"},
      {"person_name", "Ana Lopez"},
      {"person_name", "Lopez, Ana M."},
  };
  for (const auto& [detector, value] : hits)
    EXPECT_TRUE(detects(detector, value, dictionaries)) << value;
  const std::pair<const char*, const char*> misses[] = {
      {"email", "ana at school"},
      {"email", "a@b"},
      {"phone", "2024-09-01"},
      {"ssn", "123-456-789"},
      {"card", "4111 1111 1111 1112"},
      {"ip", "10.0.0.256"},
      {"ip", "1.2.3"},
      {"url", "not a url"},
      {"person_name", "north wing"},
      {"person_name", "Room 12"},
      {"phone", ""},
      {"nonsense", "x"},
  };
  for (const auto& [detector, value] : misses)
    EXPECT_FALSE(detects(detector, value, dictionaries)) << value;
  const std::vector<std::string> sample = {"a@b.org", "", "c@d.org", "unknown"};
  EXPECT_EQ(detected(sample, dictionaries), std::vector<std::string>{"email"});
  EXPECT_TRUE(detected({}, dictionaries).empty());
}

}  // namespace
}  // namespace godwit::mask
