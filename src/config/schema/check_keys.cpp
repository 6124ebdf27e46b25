// The keys of checks.yml.
#include "config/schema/key_table.h"

namespace godwit::config {

namespace {

constexpr KeySchema check_settings_keys[] = {
    {.name = "fail_on_warnings",
     .type = ValueType::boolean,
     .doc = "Any warning fails the run (exit 3).",
     .fallback = "false"},
    {.name = "max_warnings_allowed",
     .type = ValueType::integer,
     .doc = "More warned checks than this fail the run.",
     .fallback = "10",
     .minimum = 0,
     .maximum = 1000000},
    {.name = "sample_size",
     .type = ValueType::integer,
     .doc = "Failing keys kept per check, in checks.json only.",
     .fallback = "20",
     .minimum = 0,
     .maximum = 100000},
    {.name = "record_sample_size",
     .type = ValueType::integer,
     .doc = "Failing keys kept per check.",
     .minimum = 0,
     .maximum = 100000,
     .compat_of = "sample_size"},
};
constexpr ObjectSchema check_settings_object = {.name = "check_settings",
                                                .title = "settings",
                                                .doc = "When findings stop a run.",
                                                .keys = check_settings_keys};

constexpr KeySchema check_rule_keys[] = {
    {.name = "name", .type = ValueType::text, .doc = "A stable name, unique in the file.", .required = true},
    {.name = "kind",
     .type = ValueType::choice,
     .doc = "What is evaluated. Default: by the keys given, else `row`.",
     .choices = "row|required_fields|cross_table|exists|aggregate|cross_store|field_pattern|sql"},
    {.name = "store", .type = ValueType::text, .doc = "The store. Absent with all_tables: every store."},
    {.name = "table", .type = ValueType::text, .doc = "The table: `students`, or `schema.students`."},
    {.name = "all_tables",
     .type = ValueType::boolean,
     .doc = "Every table that has all columns the condition uses.",
     .fallback = "false"},
    {.name = "all_id_fields",
     .type = ValueType::boolean,
     .doc = "Every integer column of a primary key; `field` stands for it.",
     .fallback = "false"},
    {.name = "severity",
     .type = ValueType::choice,
     .doc = "An ERROR stops the run before anything is committed.",
     .fallback = "ERROR",
     .choices = "ERROR|WARNING|INFO"},
    {.name = "condition",
     .type = ValueType::text,
     .doc = "DuckDB SQL, true for a good row (or group, with aggregates). NULL counts as passed. `~` "
            "searches, as in "
            "PostgreSQL."},
    {.name = "null_fails",
     .type = ValueType::boolean,
     .doc = "A condition that is NULL fails.",
     .fallback = "false"},
    {.name = "message", .type = ValueType::text, .doc = "What a finding says. Never holds values."},
    {.name = "description", .type = ValueType::text, .doc = "For the reader."},
    {.name = "fields", .type = ValueType::text_list, .doc = "required_fields: present and not NULL."},
    {.name = "field_pattern",
     .type = ValueType::regex,
     .doc = "field_pattern: the condition holds for every column whose whole name matches; `field` stands "
            "for it."},
    {.name = "join_table", .type = ValueType::text, .doc = "cross_table, exists: the other table."},
    {.name = "join_condition",
     .type = ValueType::text,
     .doc = "cross_table, exists: how rows meet; `this` and `other` are the two tables."},
    {.name = "group_by", .type = ValueType::text, .doc = "aggregate: one group per value of these columns."},
    {.name = "stores",
     .type = ValueType::text_list,
     .doc = "cross_store: two or more of `store` (with `table`) or `store.table`."},
    {.name = "measure",
     .type = ValueType::text,
     .doc = "cross_store: what is compared: an SQL aggregate, or `set(column)`."},
    {.name = "tolerance",
     .type = ValueType::number,
     .doc = "cross_store: how far measures may differ, as a share.",
     .fallback = "0",
     .minimum = 0,
     .maximum = 1},
    {.name = "sql", .type = ValueType::text, .doc = "sql: a query that returns the number of findings."},
    {.name = "validation_type",
     .type = ValueType::choice,
     .doc = "What is evaluated; `custom` is `row`.",
     .choices = "custom|row|required_fields|cross_table|exists|aggregate|cross_store|field_pattern|sql",
     .compat_of = "kind"},
    {.name = "applies_to_all_tables",
     .type = ValueType::boolean,
     .doc = "Every table.",
     .compat_of = "all_tables"},
    {.name = "applies_to_all_id_fields",
     .type = ValueType::boolean,
     .doc = "Every key column.",
     .compat_of = "all_id_fields"},
    {.name = "required_fields",
     .type = ValueType::text_list,
     .doc = "Present and not NULL.",
     .compat_of = "fields"},
    {.name = "explanation", .type = ValueType::text, .doc = "For the reader.", .compat_of = "description"},
    {.name = "function",
     .type = ValueType::text,
     .doc =
         "Refused: functions outside the file do not exist; write the rule as a condition, a measure or sql.",
     .compat_of = "condition"},
};
constexpr ObjectSchema check_rule_object = {
    .name = "check_rule", .title = "rules[]", .doc = "One rule.", .keys = check_rule_keys};

constexpr KeySchema checks_keys[] = {
    {.name = "version", .type = ValueType::scalar, .doc = "The format of this file: 1.", .required = true},
    {.name = "settings",
     .type = ValueType::object,
     .doc = "When findings stop a run.",
     .object = &check_settings_object},
    {.name = "rules", .type = ValueType::object_list, .doc = "The rules.", .object = &check_rule_object},
    {.name = "business_rules",
     .type = ValueType::object_list,
     .doc = "More rules.",
     .object = &check_rule_object,
     .compat_of = "rules"},
    {.name = "completeness_rules",
     .type = ValueType::object_list,
     .doc = "More rules.",
     .object = &check_rule_object,
     .compat_of = "rules"},
    {.name = "cross_store_rules",
     .type = ValueType::object_list,
     .doc = "More rules.",
     .object = &check_rule_object,
     .compat_of = "rules"},
    {.name = "data_quality_rules",
     .type = ValueType::object_list,
     .doc = "More rules.",
     .object = &check_rule_object,
     .compat_of = "rules"},
};
constexpr ObjectSchema checks_object = {
    .name = "checks",
    .title = "checks.yml",
    .doc =
        "What must hold in the data of a run, besides what the catalog and the "
        "masks imply.",
    .keys = checks_keys};

}  // namespace

const ObjectSchema& checks_schema() {
  return checks_object;
}

}  // namespace godwit::config
