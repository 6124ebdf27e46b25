#include "mask/rules/default_rules.h"

#include <utility>

namespace godwit::mask {

namespace {

using Words = std::vector<std::string>;
using T = TypeClass;

const std::vector<TypeClass> text_types = {T::text};
const std::vector<TypeClass> text_or_number = {T::text, T::integer, T::decimal};
const std::vector<TypeClass> text_or_label = {T::text, T::enumeration};
const std::vector<TypeClass> number_types = {T::integer, T::decimal, T::floating};
const std::vector<TypeClass> date_types = {T::text, T::date, T::timestamp, T::timestamptz};

// Words that make a column a statement about a value instead of the value.
const Words about = {"verified", "confirmed", "type",    "kind",       "count",  "opt",
                     "optin",    "status",    "enabled", "flag",       "format", "template",
                     "subject",  "sent",      "on",      "preference", "valid",  "consent",
                     "allowed",  "required",  "changed", "updated",    "score",  "hint at"};

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

MaskSpec mask_of(MaskStrategy strategy, std::string argument = {}, std::string domain = {}) {
  MaskSpec spec;
  spec.strategy = strategy;
  spec.argument = std::move(argument);
  spec.domain = std::move(domain);
  return spec;
}

MaskSpec keep(std::string reason) {
  MaskSpec spec;
  spec.reason = std::move(reason);
  return spec;
}

// Identifiers that the state or a company gave to a person: another one of the same form, injective.
MaskSpec identifier(std::string domain) {
  MaskSpec spec = mask_of(MaskStrategy::fpe, {}, std::move(domain));
  spec.alphabet = "alnum";
  spec.reserved = false;
  return spec;
}

MaskSpec coordinate(double limit) {
  MaskSpec spec = mask_of(MaskStrategy::noise);
  spec.percent = 2;
  spec.minimum = -limit;
  spec.maximum = limit;
  return spec;
}

MaskSpec percent_noise(double percent) {
  MaskSpec spec = mask_of(MaskStrategy::noise);
  spec.percent = percent;
  return spec;
}

class Shipped {
 public:
  MaskMatch& add(std::string name, std::vector<TypeClass> types, Words words, Words except, MaskSpec mask) {
    MaskRule rule;
    rule.name = std::move(name);
    rule.match.types = std::move(types);
    rule.match.words = std::move(words);
    rule.match.words_except = std::move(except);
    rule.mask = std::move(mask);
    rule.built_in = true;
    rules_.push_back(std::move(rule));
    return rules_.back().match;
  }
  [[nodiscard]] std::vector<MaskRule> take() { return std::move(rules_); }

 private:
  std::vector<MaskRule> rules_;
};

void add_secrets(Shipped& rules) {
  const Words passwords = {"password", "passwd", "pwd", "passphrase", "passcode", "passwordhash"};
  const Words except = {"changed", "expires", "expiry", "policy", "count", "required", "strength"};
  rules.add("passwords", {T::text, T::binary}, passwords, except, mask_of(MaskStrategy::null)).nullable =
      true;
  rules.add("passwords that may not be NULL", text_types, passwords, except,
            mask_of(MaskStrategy::token, {}, "secret"));
  rules.add("secrets", {T::text, T::uuid},
            {"token", "secret", "api key", "apikey", "access key", "private key", "session key", "otp",
             "totp", "mfa", "recovery code", "backup code", "pin", "credential", "auth code",
             "security answer", "salt", "session id"},
            {"type", "count", "expires", "expiry"}, mask_of(MaskStrategy::token, {}, "secret"));
}

void add_contacts(Shipped& rules) {
  rules.add("e-mail addresses", text_types, {"email", "e mail", "mail", "emailaddress", "useremail"}, about,
            mask_of(MaskStrategy::template_, "email"));
  rules.add("MAC addresses", {T::text, T::network},
            {"mac", "mac address", "macaddress", "mac addr", "hwaddr"}, with(about, {"os", "version"}),
            mask_of(MaskStrategy::template_, "mac"));
  rules.add("IP addresses", {T::text, T::network},
            {"ip", "ip address", "ipaddress", "ip addr", "ipaddr", "ipv", "client addr", "remote addr",
             "remote address"},
            with(about, {"version", "protocol"}), mask_of(MaskStrategy::template_, "ip"));
  rules.add("phone numbers", text_or_number,
            {"phone", "mobile", "telephone", "tel", "cell", "cellphone", "fax", "pager", "homephone",
             "workphone", "mobilephone", "phonenumber", "faxnumber", "sms number", "whatsapp"},
            with(about, {"carrier", "provider", "ext", "extension", "model", "os", "app", "version", "device",
                         "id"}),
            mask_of(MaskStrategy::template_, "phone"));
}

void add_numbers(Shipped& rules) {
  rules.add("last digits of numbers", {T::text, T::integer}, {"last 4", "last four", "last4"}, {},
            mask_of(MaskStrategy::digits));
  rules.add("social security numbers", {T::text, T::integer},
            {"ssn", "social security", "socialsecurity", "sin"}, about,
            mask_of(MaskStrategy::template_, "ssn"));
  rules.add("card numbers", {T::text, T::integer},
            {"credit card", "creditcard", "debit card", "card number", "cardnumber", "cc number", "ccnumber",
             "card no"},
            with(about, {"brand", "expiry", "expires", "exp", "month", "year", "holder", "name", "id"}),
            mask_of(MaskStrategy::template_, "card"));
  rules.add("bank accounts", {T::text, T::integer},
            {"bank account", "account number", "account no", "accountnumber", "iban", "routing number",
             "sort code", "acct number"},
            with(about, {"id", "name"}), identifier("bank_account"));
  rules.add("tax numbers", {T::text, T::integer},
            {"tax id", "taxid", "tax number", "tin", "ein", "itin", "vat number"}, about,
            identifier("tax_id"));
  rules.add("government numbers", {T::text, T::integer},
            {"national id", "nationalid", "national identifier", "passport", "passport id", "passport number",
             "medicaid", "medicare", "drivers license", "driver license", "driving licence", "driverslicense",
             "license number", "licence number", "license plate", "voter id", "alien number", "visa number",
             "permit number"},
            with(about, {"country", "expiry", "expires", "state", "class"}), identifier("government_id"));
  rules.add("numbers of persons", {T::text, T::integer},
            {"student number",
             "student no",
             "studentnumber",
             "student id number",
             "state student id",
             "state student",
             "ssid",
             "local student id",
             "employee number",
             "employee no",
             "staff number",
             "badge number",
             "patient number",
             "mrn",
             "medical record number",
             "insurance number",
             "policy number",
             "member number",
             "lunch number",
             "library card"},
            with(about, {"of"}), identifier("person_number"));
  rules.add("device identifiers", {T::text, T::uuid},
            {"device id", "deviceid", "device identifier", "imei", "serial number", "udid", "idfa",
             "advertising id", "asset tag"},
            about, identifier("device_id"));
}

const Words people = {"student",
                      "teacher",
                      "staff",
                      "person",
                      "people",
                      "user",
                      "guardian",
                      "parent",
                      "contact",
                      "customer",
                      "patient",
                      "employee",
                      "member",
                      "author",
                      "counselor",
                      "principal",
                      "nurse",
                      "sibling",
                      "child",
                      "children",
                      "applicant",
                      "subscriber",
                      "client",
                      "profile",
                      "household member",
                      "family member",
                      "emergency contact",
                      "physician",
                      "provider person",
                      "coach"};

void add_names(Shipped& rules) {
  rules.add("user names", text_types,
            {"username", "user name", "login", "login name", "loginname", "screen name", "twitter",
             "facebook", "instagram", "linkedin"},
            with(about, {"last", "at", "attempts", "ip", "date", "time", "url", "method", "id", "failed"}),
            mask_of(MaskStrategy::template_, "login"));
  rules.add("first names", text_types,
            {"first name", "firstname", "fname", "given name", "givenname", "forename", "middle name",
             "middlename", "mname", "middle initial", "preferred name", "preferredname", "nickname",
             "nick name", "known as", "preferred first", "legal first"},
            about, mask_of(MaskStrategy::dictionary, "first_name"));
  rules.add("last names", text_types,
            {"last name", "lastname", "lname", "surname", "family name", "familyname", "maiden name",
             "maidenname", "legal last"},
            about, mask_of(MaskStrategy::dictionary, "last_name"));
  Words full = {"full name",   "fullname",    "display name",   "displayname",
                "legal name",  "real name",   "guardian",       "emergency contact",
                "cardholder",  "card holder", "account holder", "signed by",
                "next of kin", "spouse",      "physician",      "doctor",
                "mother",      "father"};
  for (const std::string& person : people)
    full.push_back(person + " name");
  rules.add(
      "full names", text_types, full,
      with(about, {"id", "relation", "relationship", "user name", "date", "education", "notes", "note"}),
      mask_of(MaskStrategy::dictionary, "full_name"));
  MaskMatch& table_names = rules.add("names in tables of people", text_types, {}, {},
                                     mask_of(MaskStrategy::dictionary, "full_name"));
  table_names.column = "name|names";
  table_names.table_words = people;
  MaskMatch& detected =
      rules.add("names that look like people's", text_types, {"name"},
                {"city", "school", "district", "state", "county", "country", "course", "file", "table",
                 "company", "product", "class", "street", "domain", "host", "event", "group", "role"},
                mask_of(MaskStrategy::dictionary, "full_name"));
  detected.detector = "person_name";
}

void add_places(Shipped& rules) {
  const Words not_place = with(about, {"id", "file", "path", "archive", "code", "email", "ip", "mac"});
  rules.add("birth countries", text_or_label,
            {"birth country", "country of birth", "nationality", "citizenship"}, {"id"},
            mask_of(MaskStrategy::redact, "whole"));
  rules.add(
      "cities", text_types,
      {"city", "town", "municipality", "place of birth", "birth place", "birthplace", "hometown", "cityname"},
      not_place, mask_of(MaskStrategy::dictionary, "city"));
  rules.add("ZIP codes", {T::text, T::integer},
            {"zip", "zipcode", "zip code", "postal", "postalcode", "postcode"},
            with(about, {"id", "file", "path", "archive", "content", "size"}),
            mask_of(MaskStrategy::dictionary, "zip"));
  MaskMatch& second = rules.add("second address lines", text_types,
                                {"address 2", "address line 2", "addr 2", "addressline 2", "street 2",
                                 "apartment", "apt", "unit number", "po box"},
                                not_place, mask_of(MaskStrategy::template_, "Unit {digits:3}", "unit"));
  second.words_last = {"address two"};
  MaskMatch& states = rules.add("states and countries", text_or_label, {}, {"student", "id"},
                                keep("coarse: a state or country names nobody"));
  states.words_last = {"state", "province", "country", "country code", "state code", "county"};
  rules.add(
      "street addresses", text_types,
      {"street", "address", "addr", "streetaddress", "address line", "addressline", "mailing", "residence"},
      not_place, mask_of(MaskStrategy::dictionary, "street"));
  rules.add("latitudes", number_types, {"latitude", "lat"}, {}, coordinate(90));
  rules.add("longitudes", number_types, {"longitude", "lng", "lon", "long"}, {}, coordinate(180));
  rules.add("coordinates as text", text_types,
            {"latitude", "longitude", "lat", "lng", "lon", "geolocation", "coordinates"}, {},
            mask_of(MaskStrategy::digits));
}

void add_persons(Shipped& rules) {
  rules.add("birth dates", date_types,
            {"birth date", "birthdate", "date of birth", "dateofbirth", "dob", "birthday", "birth day",
             "birth", "born on", "born", "death date", "date of death", "deceased"},
            {"place", "city", "country", "state", "certificate", "weight", "order"},
            mask_of(MaskStrategy::date_shift));
  rules.add("birth years", number_types, {"birth year", "year of birth"}, {}, percent_noise(0.1));
  rules.add("gender", text_or_label, {"gender", "sex"}, {"id"}, mask_of(MaskStrategy::dictionary, "gender"));
  rules.add("race", text_or_label, {"race"}, {"id", "condition", "result", "time"},
            mask_of(MaskStrategy::dictionary, "race"));
  rules.add("ethnicity", text_or_label, {"ethnicity", "ethnic", "hispanic"}, {"id"},
            mask_of(MaskStrategy::dictionary, "ethnicity"));
  rules.add("lunch status", text_or_label,
            {"lunch status", "lunch code", "lunch", "meal status", "frl", "lunch eligibility", "frl status"},
            {"id", "time", "period", "number", "menu", "balance"},
            mask_of(MaskStrategy::dictionary, "lunch_status"));
  rules.add("sensitive facts", text_or_label,
            {"disability",    "disabilities",  "religion",   "marital",           "immigration",
             "medical",       "diagnosis",     "diagnoses",  "medication",        "allergy",
             "allergies",     "health",        "iep",        "special education", "homeless",
             "migrant",       "foster",        "veteran",    "pronoun",           "native language",
             "home language", "mother tongue", "discipline", "accommodation",     "blood type"},
            {"id"}, mask_of(MaskStrategy::redact, "whole"));
  // A band or a grade is a code of a short list: moved, it would leave the list.
  rules.add("incomes", number_types, {"salary", "income", "wage", "pay rate", "net worth", "credit score"},
            {"id", "count", "band", "grade", "level", "step"}, percent_noise(10));
}

void add_texts(Shipped& rules) {
  rules.add("free text", text_types,
            {"note", "notes", "comment", "remark", "memo", "narrative", "bio", "biography", "message",
             "feedback", "observation", "free text", "freetext", "password hint"},
            {"id", "type", "count"}, mask_of(MaskStrategy::redact, "whole"));
  rules.add("URLs", text_types,
            {"url", "website", "web site", "webpage", "homepage", "home page", "uri", "avatar", "photo",
             "picture", "profile image", "link"},
            {"type", "count", "slug", "format"}, mask_of(MaskStrategy::template_, "url"));
  rules.add("employers", text_types, {"employer", "company", "company name", "workplace"},
            {"id", "code", "type"}, mask_of(MaskStrategy::dictionary, "company"));
  rules.add("jobs", text_types, {"job title", "occupation", "profession", "position title", "job"},
            {"id", "code", "type", "status"}, mask_of(MaskStrategy::dictionary, "job"));
}

// What says nothing about a person by itself; every one of them with its reason in the plan.
void add_kept(Shipped& rules) {
  MaskMatch& codes = rules.add("codes", text_types, {}, {}, keep("a code of a fixed list"));
  codes.words_last = {"type",     "status",    "kind",     "category",   "format",   "locale",
                      "timezone", "time zone", "currency", "severity",   "priority", "level",
                      "mime",     "version",   "color",    "grade level"};
  MaskMatch& keys =
      rules.add("keys", {T::text, T::uuid, T::integer}, {},
                {"tax",     "national",  "passport", "medicaid", "medicare", "device",   "license",
                 "licence", "insurance", "voter",    "card",     "social",   "security", "government",
                 "citizen", "resident",  "badge",    "tribal",   "military", "health",   "medical",
                 "login",   "mail",      "email",    "phone"},
                keep("joins rows; names nobody by itself"));
  keys.words_last = {"id", "key", "uuid", "guid"};
  MaskMatch& times = rules.add("times of rows", {T::date, T::text}, {}, {"birth", "dob"},
                               keep("says when a row was written"));
  times.words_last = {"created at",  "updated at",   "modified at",  "created",       "updated",
                      "modified",    "created date", "updated date", "modified date", "created on",
                      "updated on",  "inserted at",  "imported at",  "synced at",     "loaded at",
                      "create date", "last update",  "last updated", "last modified"};
}

std::vector<MaskRule> build() {
  Shipped rules;
  add_secrets(rules);
  add_contacts(rules);
  add_numbers(rules);
  add_names(rules);
  add_places(rules);
  add_persons(rules);
  add_texts(rules);
  add_kept(rules);
  return rules.take();
}

}  // namespace

const std::vector<MaskRule>& default_rules() {
  static const std::vector<MaskRule> rules = build();
  return rules;
}

}  // namespace godwit::mask
