#include "crypto/sha256.h"
#include "pipeline/plan/migration_plan.h"

#include <nlohmann/json.hpp>

// The JSON form of the plan. Field names are the struct members' names: docs/FORMATS.md, "plan.json".
namespace godwit {

using Json = nlohmann::json;

NLOHMANN_JSON_SERIALIZE_ENUM(TypeClass, {{TypeClass::other, "other"},
                                         {TypeClass::boolean, "boolean"},
                                         {TypeClass::integer, "integer"},
                                         {TypeClass::decimal, "decimal"},
                                         {TypeClass::floating, "floating"},
                                         {TypeClass::text, "text"},
                                         {TypeClass::binary, "binary"},
                                         {TypeClass::date, "date"},
                                         {TypeClass::time, "time"},
                                         {TypeClass::timestamp, "timestamp"},
                                         {TypeClass::timestamptz, "timestamptz"},
                                         {TypeClass::interval, "interval"},
                                         {TypeClass::uuid, "uuid"},
                                         {TypeClass::json, "json"},
                                         {TypeClass::enumeration, "enum"},
                                         {TypeClass::array, "array"},
                                         {TypeClass::range, "range"},
                                         {TypeClass::composite, "composite"},
                                         {TypeClass::network, "network"},
                                         {TypeClass::bit_string, "bit"},
                                         {TypeClass::text_search, "text_search"},
                                         {TypeClass::xml, "xml"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Generated, {{Generated::no, "no"},
                                         {Generated::stored, "stored"},
                                         {Generated::identity_always, "identity_always"},
                                         {Generated::identity_by_default, "identity_by_default"}})
NLOHMANN_JSON_SERIALIZE_ENUM(TableKind, {{TableKind::table, "table"},
                                         {TableKind::partitioned, "partitioned"},
                                         {TableKind::partition, "partition"},
                                         {TableKind::view, "view"},
                                         {TableKind::materialized_view, "materialized_view"},
                                         {TableKind::foreign_table, "foreign_table"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Membership, {{Membership::skipped, "skipped"},
                                          {Membership::owned, "owned"},
                                          {Membership::needed, "needed"},
                                          {Membership::shared, "shared"},
                                          {Membership::outside, "outside"}})
NLOHMANN_JSON_SERIALIZE_ENUM(OutsidePolicy, {{OutsidePolicy::fail, "fail"},
                                             {OutsidePolicy::reference, "reference"},
                                             {OutsidePolicy::include, "include"},
                                             {OutsidePolicy::null, "null"}})
NLOHMANN_JSON_SERIALIZE_ENUM(CrossScope,
                             {{CrossScope::fail, "fail"}, {CrossScope::any, "any"}, {CrossScope::all, "all"}})
NLOHMANN_JSON_SERIALIZE_ENUM(OwnerStep::Kind, {{OwnerStep::Kind::root, "root"},
                                               {OwnerStep::Kind::key, "key"},
                                               {OwnerStep::Kind::parent, "parent"},
                                               {OwnerStep::Kind::link, "link"}})
NLOHMANN_JSON_SERIALIZE_ENUM(CycleBreak::How, {{CycleBreak::How::deferrable, "deferrable"},
                                               {CycleBreak::How::single_statement, "single_statement"},
                                               {CycleBreak::How::null_then_update, "null_then_update"}})
NLOHMANN_JSON_SERIALIZE_ENUM(StagingType, {{StagingType::text, "text"},
                                           {StagingType::boolean, "boolean"},
                                           {StagingType::int16, "int16"},
                                           {StagingType::int32, "int32"},
                                           {StagingType::int64, "int64"},
                                           {StagingType::float32, "float32"},
                                           {StagingType::float64, "float64"},
                                           {StagingType::decimal, "decimal"},
                                           {StagingType::binary, "binary"},
                                           {StagingType::date, "date"},
                                           {StagingType::time, "time"},
                                           {StagingType::timestamp, "timestamp"},
                                           {StagingType::timestamptz, "timestamptz"},
                                           {StagingType::uuid, "uuid"}})
NLOHMANN_JSON_SERIALIZE_ENUM(MaskStrategy, {{MaskStrategy::keep, "keep"},
                                            {MaskStrategy::null, "null"},
                                            {MaskStrategy::constant, "constant"},
                                            {MaskStrategy::dictionary, "dictionary"},
                                            {MaskStrategy::template_, "template"},
                                            {MaskStrategy::digits, "digits"},
                                            {MaskStrategy::fpe, "fpe"},
                                            {MaskStrategy::permutation, "permutation"},
                                            {MaskStrategy::token, "token"},
                                            {MaskStrategy::date_shift, "date_shift"},
                                            {MaskStrategy::noise, "noise"},
                                            {MaskStrategy::json, "json"},
                                            {MaskStrategy::redact, "redact"},
                                            {MaskStrategy::sql, "sql"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Severity, {{Severity::error, "ERROR"},
                                        {Severity::warning, "WARNING"},
                                        {Severity::info, "INFO"}})
NLOHMANN_JSON_SERIALIZE_ENUM(CheckCategory, {{CheckCategory::schema, "schema"},
                                             {CheckCategory::not_null, "not_null"},
                                             {CheckCategory::unique, "unique"},
                                             {CheckCategory::referential, "referential"},
                                             {CheckCategory::constraint, "constraint"},
                                             {CheckCategory::masking, "masking"},
                                             {CheckCategory::completeness, "completeness"},
                                             {CheckCategory::business, "business"},
                                             {CheckCategory::data_quality, "data_quality"},
                                             {CheckCategory::cross_store, "cross_store"}})
NLOHMANN_JSON_SERIALIZE_ENUM(CheckOrigin, {{CheckOrigin::catalog, "catalog"},
                                           {CheckOrigin::masking, "masking"},
                                           {CheckOrigin::file, "file"}})

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TableName, schema, name)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SourceLocation, file, line, column)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Column, name, type_name, type_identity, type_class, nullable, has_default,
                                   generated, max_length, fixed_length, precision, scale, enum_labels,
                                   domain_base, case_insensitive)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Key, name, columns, primary, deferrable, expression, predicate,
                                   nulls_distinct)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ForeignKey, name, columns, parent, parent_columns, deferrable, match_full,
                                   on_delete, on_update, validated, configured, parent_store)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CheckConstraint, name, expression)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Trigger, name, timing, events, enabled)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(OwnerStep, kind, column, foreign_key)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(NecessityEdge, foreign_key, policy, inside)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CycleBreak, tables, how, child, foreign_key, reason)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(DatasetColumn, name, staging, precision, scale, as_text, sql_text)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CheckSettings, fail_on_warnings, max_warnings_allowed, sample_size)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Check, id, rule, category, origin, severity, dataset, column, description,
                                   row_condition, aggregate, count_query, null_passes, where)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TableClosure, table, membership, owners, cross_scope, edges,
                                   has_needed_rows, key_column, reason)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StoreClosure, store, tables, load_order, cycle_breaks)

// Sequences' last values and size estimates change without the structure changing: they stay out of the plan.
template <typename BasicJson>
void to_json(BasicJson& json, const Sequence& sequence) {
  json = {{"schema", sequence.schema}, {"name", sequence.name}, {"column", sequence.column}};
}
template <typename BasicJson>
void from_json(const BasicJson& json, Sequence& sequence) {
  json.at("schema").get_to(sequence.schema);
  json.at("name").get_to(sequence.name);
  json.at("column").get_to(sequence.column);
}
template <typename BasicJson>
void to_json(BasicJson& json, const Table& table) {
  json = {{"name", table.name},
          {"kind", table.kind},
          {"columns", table.columns},
          {"keys", table.keys},
          {"foreign_keys", table.foreign_keys},
          {"checks", table.checks},
          {"triggers", table.triggers},
          {"sequences", table.sequences}};
}
template <typename BasicJson>
void from_json(const BasicJson& json, Table& table) {
  json.at("name").get_to(table.name);
  json.at("kind").get_to(table.kind);
  json.at("columns").get_to(table.columns);
  json.at("keys").get_to(table.keys);
  json.at("foreign_keys").get_to(table.foreign_keys);
  json.at("checks").get_to(table.checks);
  json.at("triggers").get_to(table.triggers);
  json.at("sequences").get_to(table.sequences);
}

template <typename BasicJson>
void to_json(BasicJson& json, const MaskSpec& mask) {
  json = {{"strategy", mask.strategy},
          {"domain", mask.domain},
          {"version", mask.version},
          {"argument", mask.argument},
          {"reason", mask.reason},
          {"subject", mask.subject},
          {"reserved", mask.reserved},
          {"length", mask.length},
          {"range_days", mask.range_days},
          {"age_years_min", mask.age_years_min},
          {"age_years_max", mask.age_years_max},
          {"percent", mask.percent},
          {"minimum", mask.minimum},
          {"maximum", mask.maximum},
          {"alphabet", mask.alphabet},
          {"otherwise", mask.otherwise}};
  if (!mask.locale.empty()) json["locale"] = mask.locale;
  auto paths = BasicJson::array();
  for (const auto& [path, inner] : mask.paths)
    paths.push_back({{"path", path}, {"mask", inner}});
  json["paths"] = paths;
}
template <typename BasicJson>
void from_json(const BasicJson& json, MaskSpec& mask) {
  json.at("strategy").get_to(mask.strategy);
  json.at("domain").get_to(mask.domain);
  json.at("version").get_to(mask.version);
  json.at("argument").get_to(mask.argument);
  json.at("reason").get_to(mask.reason);
  json.at("subject").get_to(mask.subject);
  json.at("reserved").get_to(mask.reserved);
  json.at("length").get_to(mask.length);
  json.at("range_days").get_to(mask.range_days);
  json.at("age_years_min").get_to(mask.age_years_min);
  json.at("age_years_max").get_to(mask.age_years_max);
  json.at("percent").get_to(mask.percent);
  json.at("minimum").get_to(mask.minimum);
  json.at("maximum").get_to(mask.maximum);
  json.at("alphabet").get_to(mask.alphabet);
  json.at("otherwise").get_to(mask.otherwise);
  mask.locale = json.value("locale", std::string());
  for (const auto& entry : json.at("paths")) {
    mask.paths.push_back(
        {entry.at("path").template get<std::string>(), entry.at("mask").template get<MaskSpec>()});
  }
}
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MaskFacts, always_changes, injective, mac_bits, capacity, reserved, text)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Dataset, id, store, table, closure, columns, masks, mask_rules, mask_facts,
                                   subject_columns, has_owned_column)

namespace connect {
NLOHMANN_JSON_SERIALIZE_ENUM(LoadStrategy, {{LoadStrategy::insert, "insert"},
                                            {LoadStrategy::upsert, "upsert"},
                                            {LoadStrategy::merge, "merge"},
                                            {LoadStrategy::replace, "replace"},
                                            {LoadStrategy::automatic, "auto"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Resolution, {{Resolution::target, "target"}, {Resolution::fill, "fill"}})
NLOHMANN_JSON_SERIALIZE_ENUM(TriggerPolicy, {{TriggerPolicy::fail, "fail"},
                                             {TriggerPolicy::fire, "fire"},
                                             {TriggerPolicy::disable, "disable"}})
}  // namespace connect

namespace pipeline {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LoadConnections, connections, divided, one_because)

namespace {

constexpr int plan_version = 1;

Json dataset_json(const DatasetPlan& plan) {
  return {{"dataset", plan.dataset},
          {"target", plan.target},
          {"strategy", plan.strategy},
          {"resolve", plan.resolve},
          {"deferred_columns", plan.deferred_columns}};
}

DatasetPlan dataset_from(const Json& json) {
  DatasetPlan plan;
  json.at("dataset").get_to(plan.dataset);
  json.at("target").get_to(plan.target);
  json.at("strategy").get_to(plan.strategy);
  // Plans of earlier versions have none.
  if (json.contains("resolve")) json.at("resolve").get_to(plan.resolve);
  json.at("deferred_columns").get_to(plan.deferred_columns);
  return plan;
}

Json hashed_part(const MigrationPlan& plan) {
  Json stores = Json::array();
  for (const StorePlan& store : plan.stores) {
    Json datasets = Json::array();
    for (const DatasetPlan& dataset : store.datasets)
      datasets.push_back(dataset_json(dataset));
    stores.push_back({{"store", store.store},
                      {"kind", store.kind},
                      {"closure", store.closure},
                      {"datasets", std::move(datasets)},
                      {"load_groups", store.load_groups}});
    if (plan.atomic == "table") stores.back()["load"] = store.load;
  }
  return {{"pipeline", plan.pipeline},
          {"scope", plan.scope},
          {"scope_name", plan.scope_name},
          {"from", plan.from},
          {"to", plan.to},
          {"strategy", plan.strategy},
          {"atomic", plan.atomic},
          {"triggers", plan.triggers},
          {"key_fingerprint", plan.key_fingerprint},
          {"dictionaries_hash", plan.dictionaries_hash},
          {"max_skew_ms", plan.max_skew_ms},
          {"stores", std::move(stores)},
          {"check_settings", plan.check_settings},
          {"checks", plan.checks}};
}

MigrationPlan plan_from_parts(const Json& document) {
  MigrationPlan plan;
  const Json& hashed = document.at("plan");
  hashed.at("pipeline").get_to(plan.pipeline);
  hashed.at("scope").get_to(plan.scope);
  hashed.at("scope_name").get_to(plan.scope_name);
  hashed.at("from").get_to(plan.from);
  hashed.at("to").get_to(plan.to);
  hashed.at("strategy").get_to(plan.strategy);
  plan.atomic = hashed.value("atomic", plan.atomic);  // plans of earlier versions have none
  hashed.at("triggers").get_to(plan.triggers);
  hashed.at("key_fingerprint").get_to(plan.key_fingerprint);
  hashed.at("dictionaries_hash").get_to(plan.dictionaries_hash);
  hashed.at("max_skew_ms").get_to(plan.max_skew_ms);
  hashed.at("check_settings").get_to(plan.check_settings);
  hashed.at("checks").get_to(plan.checks);
  for (const Json& entry : hashed.at("stores")) {
    StorePlan store;
    entry.at("store").get_to(store.store);
    entry.at("kind").get_to(store.kind);
    entry.at("closure").get_to(store.closure);
    entry.at("load_groups").get_to(store.load_groups);
    if (entry.contains("load")) entry.at("load").get_to(store.load);
    for (const Json& dataset : entry.at("datasets"))
      store.datasets.push_back(dataset_from(dataset));
    plan.stores.push_back(std::move(store));
  }
  document.at("hash").get_to(plan.hash);
  document.at("created_us").get_to(plan.created_us);
  document.at("notes").get_to(plan.notes);
  document.at("warnings").get_to(plan.warnings);
  const Json& estimates = document.at("estimated_rows");
  for (StorePlan& store : plan.stores) {
    for (DatasetPlan& dataset : store.datasets) {
      dataset.estimated_rows = estimates.value(dataset.dataset.id, int64_t{0});
    }
    document.at("connection_notes").at(store.store).get_to(store.connection_notes);
  }
  return plan;
}

}  // namespace

std::string extraction_difference(const MigrationPlan& left, const MigrationPlan& right) {
  if (left.scope != right.scope || left.scope_name != right.scope_name) return "the scope";
  if (left.from != right.from) return "the environment that is read";
  if (left.key_fingerprint != right.key_fingerprint) return "the masking key";
  if (left.dictionaries_hash != right.dictionaries_hash) return "the dictionaries of the masks";
  for (const StorePlan& store : left.stores) {
    const StorePlan* other = right.store(store.store);
    if (other == nullptr) return "store " + store.store;
    for (const DatasetPlan& dataset : store.datasets) {
      const DatasetPlan* twin = right.dataset(dataset.dataset.id);
      if (twin == nullptr || Json(dataset.dataset) != Json(twin->dataset)) return dataset.dataset.id;
    }
    if (store.kind != other->kind || store.datasets.size() != other->datasets.size() ||
        Json(store.closure) != Json(other->closure)) {
      return "what is selected from store " + store.store;
    }
  }
  return left.stores.size() == right.stores.size() ? "" : "the list of stores";
}

std::string plan_to_json(MigrationPlan& plan) {
  const Json hashed = hashed_part(plan);
  plan.hash = crypto::sha256_hex(hashed.dump());
  Json estimates = Json::object();
  Json connections = Json::object();
  for (const StorePlan& store : plan.stores) {
    connections[store.store] = store.connection_notes;
    for (const DatasetPlan& dataset : store.datasets)
      estimates[dataset.dataset.id] = dataset.estimated_rows;
  }
  const Json document = {{"version", plan_version},       {"hash", plan.hash},
                         {"created_us", plan.created_us}, {"notes", plan.notes},
                         {"warnings", plan.warnings},     {"connection_notes", connections},
                         {"estimated_rows", estimates},   {"plan", hashed}};
  return document.dump(1) + "\n";
}

Result<MigrationPlan> plan_from_json(const std::string& json) {
  try {
    const Json document = Json::parse(json);
    if (document.at("version") != plan_version) {
      return make_error(ErrorKind::failed, "plan.json has a version that this godwit does not read",
                        "use the godwit that made the run");
    }
    MigrationPlan plan = plan_from_parts(document);
    if (crypto::sha256_hex(document.at("plan").dump()) != plan.hash) {
      return make_error(ErrorKind::failed,
                        "plan.json does not match its own hash: it was changed after planning",
                        "plan again: a run executes only what was planned");
    }
    return plan;
  } catch (const nlohmann::json::exception& problem) {
    return make_error(ErrorKind::failed, std::string("plan.json cannot be read: ") + problem.what());
  }
}

const DatasetPlan* MigrationPlan::dataset(const std::string& id) const {
  for (const StorePlan& entry : stores) {
    for (const DatasetPlan& candidate : entry.datasets) {
      if (candidate.dataset.id == id) return &candidate;
    }
  }
  return nullptr;
}

const StorePlan* MigrationPlan::store(const std::string& name) const {
  for (const StorePlan& entry : stores) {
    if (entry.store == name) return &entry;
  }
  return nullptr;
}

}  // namespace pipeline
}  // namespace godwit
