// The keys of masks.yml.
#include "config/schema/key_table.h"

namespace godwit::config {

namespace {

constexpr KeySchema match_keys[] = {
    {.name = "store", .type = ValueType::text, .doc = "The store, exactly."},
    {.name = "schema", .type = ValueType::text, .doc = "The schema, exactly."},
    {.name = "table",
     .type = ValueType::regex,
     .doc = "ECMAScript expression that the whole table name matches, case ignored."},
    {.name = "column",
     .type = ValueType::regex,
     .doc = "ECMAScript expression that the whole column name matches, case ignored."},
    {.name = "types",
     .type = ValueType::choice_list,
     .doc = "What the column holds.",
     .choices =
         "boolean|integer|decimal|floating|text|binary|date|time|timestamp|timestamptz|interval|uuid|json|"
         "enum|array|range|composite|network|bit|text_search|xml|other"},
    {.name = "detector",
     .type = ValueType::choice,
     .doc = "At least half of a sample of the values looks like this.",
     .choices = "email|phone|ssn|card|ip|url|person_name"},
};
constexpr ObjectSchema match_object = {.name = "match",
                                       .title = "match",
                                       .doc =
                                           "The columns a rule speaks for. What is not given matches "
                                           "everything; what is given must match together.",
                                       .keys = match_keys};

extern const ObjectSchema mask_object;  // masks nest: a path of a document has a mask

const KeySchema mask_keys[] = {
    {.name = "strategy",
     .type = ValueType::choice,
     .doc = "What happens to the values.",
     .required = true,
     .choices = "keep|null|constant|dictionary|template|digits|fpe|permutation|token|date_shift|noise|json|"
                "redact|sql"},
    {.name = "domain",
     .type = ValueType::text,
     .doc = "The meaning of the value: the same value of the same domain has the same fake in every table "
            "and store. "
            "Default: by strategy."},
    {.name = "version",
     .type = ValueType::integer,
     .doc = "A new version gives new fakes.",
     .fallback = "1",
     .minimum = 1,
     .maximum = 1000000},
    {.name = "subject",
     .type = ValueType::text,
     .doc = "A subject of this file: the fake follows the person instead of the value."},
    {.name = "locale",
     .type = ValueType::text,
     .doc = "dictionary, template: one of `locales`, whose words are taken. A subject has one for all its "
            "masks."},
    {.name = "reason", .type = ValueType::text, .doc = "keep: why the real values may move. Required there."},
    {.name = "dictionary",
     .type = ValueType::text,
     .doc = "dictionary: first_name, last_name, full_name, gender, street, city, state, zip, company, job, "
            "race, "
            "ethnicity, lunch_status, or one of `dictionaries`."},
    {.name = "template",
     .type = ValueType::text,
     .doc = "template: email, login, url, phone, ssn, card, ip, mac, or text with {hash}, {digits} "
            "(`{hash:20}`: so "
            "many characters), {first}, {last}."},
    {.name = "value", .type = ValueType::scalar, .doc = "constant: the one value."},
    {.name = "expression",
     .type = ValueType::text,
     .doc = "sql: a DuckDB expression over the columns and the mask functions."},
    {.name = "reserved",
     .type = ValueType::boolean,
     .doc = "Fakes stay in ranges that belong to nobody (example.org, 555-01xx). `false`: the full range, "
            "listed in the plan.",
     .fallback = "true"},
    {.name = "length",
     .type = ValueType::integer,
     .doc = "token: hexadecimal characters; 20 or more for unique columns.",
     .fallback = "32",
     .minimum = 4,
     .maximum = 64},
    {.name = "range_days",
     .type = ValueType::integer,
     .doc = "date_shift: at most this many days in either direction, never 0.",
     .fallback = "365",
     .minimum = 1,
     .maximum = 36500},
    {.name = "age_years",
     .type = ValueType::integer_pair,
     .doc = "date_shift: [min, max]; ages stay in this band."},
    {.name = "percent",
     .type = ValueType::number,
     .doc = "noise: at most this share of the value, in percent.",
     .fallback = "10",
     .minimum = 0,
     .maximum = 100},
    {.name = "min",
     .type = ValueType::number,
     .doc = "noise, permutation: never below; goes together with max."},
    {.name = "max", .type = ValueType::number, .doc = "noise, permutation: never above."},
    {.name = "alphabet",
     .type = ValueType::text,
     .doc = "fpe, permutation: the characters that change; others stay in place: `digits`, `alpha`, `alnum`, "
            "`hex`, or "
            "the characters themselves.",
     .fallback = "digits"},
    {.name = "form",
     .type = ValueType::choice,
     .doc = "redact: `scan` replaces what looks private inside the text, `whole` replaces all of it.",
     .fallback = "scan",
     .choices = "scan|whole"},
    {.name = "paths",
     .type = ValueType::object_map,
     .doc = "json: masks by path: `$.guardian.email`, `$.contacts[*].phone`, `$..name`.",
     .object = &mask_object,
     .free_names = true},
    {.name = "otherwise",
     .type = ValueType::choice,
     .doc = "json: what happens to text that no path names: `redact` (all of it), `scan` (what looks "
            "private), `keep`.",
     .fallback = "redact",
     .choices = "redact|scan|keep"},
};
const ObjectSchema mask_object = {
    .name = "mask", .title = "mask", .doc = "What happens to the values.", .keys = mask_keys};

constexpr KeySchema faker_arguments_keys[] = {
    {.name = "minimum_age", .type = ValueType::integer, .doc = "Years.", .minimum = 0, .maximum = 150},
    {.name = "maximum_age", .type = ValueType::integer, .doc = "Years.", .minimum = 0, .maximum = 150},
};
constexpr ObjectSchema faker_arguments_object = {.name = "faker_args",
                                                 .title = "faker_args",
                                                 .doc = "Older syntax: the age band of date_of_birth.",
                                                 .keys = faker_arguments_keys};

const KeySchema mask_rule_keys[] = {
    {.name = "name",
     .type = ValueType::text,
     .doc = "A name for reports, unique in the file.",
     .required = true},
    {.name = "match",
     .type = ValueType::object,
     .doc = "The columns it speaks for.",
     .object = &match_object},
    {.name = "mask", .type = ValueType::object, .doc = "What happens to them.", .object = &mask_object},
    {.name = "description", .type = ValueType::text, .doc = "For the reader."},
    {.name = "field_pattern",
     .type = ValueType::regex,
     .doc = "An expression searched for anywhere in the column name, case ignored.",
     .compat_of = "match"},
    {.name = "strategy",
     .type = ValueType::choice,
     .doc = "`faker` → dictionary, template or date_shift by faker_type; `hash`, `tokenize` → token; "
            "`nullify` → "
            "null; `preserve` → keep.",
     .choices = "faker|hash|tokenize|nullify|preserve",
     .compat_of = "mask"},
    {.name = "faker_type",
     .type = ValueType::choice,
     .doc = "Which fake.",
     .choices =
         "email|first_name|last_name|name|phone_number|street_address|address|city|zipcode|date_of_birth|"
         "user_name|ipv4|url",
     .compat_of = "mask"},
    {.name = "faker_args",
     .type = ValueType::object,
     .doc = "The age band of date_of_birth.",
     .object = &faker_arguments_object,
     .compat_of = "mask"},
    {.name = "reason",
     .type = ValueType::text,
     .doc = "Why a column is preserved. Required there.",
     .compat_of = "mask"},
    {.name = "hash_algorithm",
     .type = ValueType::choice,
     .doc = "Tokens are keyed HMAC-SHA-256.",
     .choices = "sha256",
     .compat_of = "mask"},
    {.name = "consistent_per_id",
     .type = ValueType::boolean,
     .doc = "Always so: the same value has the same fake. `false` is refused.",
     .compat_of = "mask"},
    {.name = "preserve_domain",
     .type = ValueType::boolean,
     .doc = "Fakes live under reserved domains. `true` is refused.",
     .compat_of = "mask"},
    {.name = "examples", .type = ValueType::anything, .doc = "For the reader.", .compat_of = "mask"},
};
const ObjectSchema mask_rule_object = {.name = "mask_rule",
                                       .title = "rules[]",
                                       .doc = "One masking rule. The first rule that matches a column wins.",
                                       .keys = mask_rule_keys,
                                       .needs_one_of = "match+mask|field_pattern+strategy"};

constexpr KeySchema mask_settings_keys[] = {
    {.name = "salt_env_var",
     .type = ValueType::text,
     .doc = "The variable of the key; must be the one that keys.masking of godwit.yml refers to.",
     .compat_of = "keys.masking"},
    {.name = "consistency_required",
     .type = ValueType::boolean,
     .doc = "Always so. `false` is refused.",
     .compat_of = "rules"},
    {.name = "preserve_format",
     .type = ValueType::boolean,
     .doc = "Decided by the strategy.",
     .compat_of = "rules"},
};
constexpr ObjectSchema mask_settings_object = {.name = "mask_settings",
                                               .title = "settings",
                                               .doc = "Older syntax: settings of a whole file.",
                                               .keys = mask_settings_keys};

constexpr KeySchema subject_other_keys = {.name = "DATASET",
                                          .type = ValueType::text,
                                          .doc = "The column of that table that identifies the person."};
constexpr ObjectSchema subject_object = {.name = "subject",
                                         .title = "subjects.NAME",
                                         .doc =
                                             "A person (or thing) whose fields agree everywhere: "
                                             "`ids.students: id`, `hcp1.students: external_id`.",
                                         .keys = {},
                                         .others = &subject_other_keys};

const KeySchema masks_keys[] = {
    {.name = "version", .type = ValueType::scalar, .doc = "The format of this file: 1.", .required = true},
    {.name = "defaults",
     .type = ValueType::boolean,
     .doc = "Append the shipped rules after those of this file.",
     .fallback = "true"},
    {.name = "dictionaries",
     .type = ValueType::file_map,
     .doc = "Dictionaries of your own, by name: one entry per line, `#` begins a comment. A shipped name is "
            "replaced."},
    {.name = "locales",
     .type = ValueType::file_map,
     .doc = "Locale packs, by name: dictionaries of a language or country in one file (FORMATS.md). A mask "
            "names "
            "the one it takes words from."},
    {.name = "subjects",
     .type = ValueType::object_map,
     .doc = "The persons (or things) whose fields agree everywhere.",
     .object = &subject_object},
    {.name = "rules",
     .type = ValueType::object_list,
     .doc = "The rules, first match wins.",
     .object = &mask_rule_object},
    {.name = "settings",
     .type = ValueType::object,
     .doc = "Settings of the older syntax.",
     .object = &mask_settings_object,
     .compat_of = "rules"},
};
const ObjectSchema masks_object = {.name = "masks",
                                   .title = "masks.yml",
                                   .doc = "How each column is masked, or why it is kept.",
                                   .keys = masks_keys};

}  // namespace

const ObjectSchema& masks_schema() {
  return masks_object;
}

}  // namespace godwit::config
