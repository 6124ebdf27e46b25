#include "config/load.h"

#include "base/test_folder.h"
#include "config/database_care.h"
#include "config/schema/key_table.h"
#include "os/files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

namespace godwit {
namespace {

class LoadSettings : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& content) {
    EXPECT_TRUE(os::make_folder(os::parent_folder(folder_ + "/" + name)).ok());
    EXPECT_TRUE(os::write_file(folder_ + "/" + name, content).ok());
    return folder_ + "/" + name;
  }
  const TestFolder scratch_;
  const std::string folder_ = scratch_.path();
};

constexpr const char* district = R"yaml(version: 1
project: k12-roster
ledger: .godwit/ledger.db
keys: {masking: "${env:ANONYMIZATION_SALT}"}
environments:
  prod: {read_only: true}
  cert: {protected: true, approvals: 1}
  local:
stores:
  ids:
    kind: postgres
    prod: {host: prod-ids.example, database: ids_db, user: readonly_user, password: "${env:PROD_IDS_PASSWORD}"}
    cert: {url: "postgres://admin@cert-ids.example/ids_db?sslmode=require", password: "${env:CERT_IDS_PASSWORD}"}
  hcp1: {kind: sqlite, prod: {path: prod/hcp1.db}, cert: {path: cert/hcp1.db}}
pipelines:
  district:
    from: prod
    to: cert
    stores: [ids, hcp1]
    scope: {name: district, pattern: "^[A-Za-z0-9-]{1,20}$", root: ids.districts.id, keys: {"*": district_id, hcp1: district_key}}
    outside: {default: include, "rental.customer_id": null}
    owner: {ids.enrollments: student_id, ids.odd: [a, b]}
    cross_scope: {default: any, ids.attendance: all}
    shared: [ids.states]
    skip: ["ids.audit_*"]
    links: ["hcp1.students.external_id -> ids.students.id", "hcp1.t.(x,y) -> ids.u.(x, y)"]
    masks: rules/masks.yml
    checks: rules/checks.yml
    load: {strategy: upsert, triggers: disable}
    max_skew_ms: 5000
    memory_limit_mb: 128
    jobs: 4
databases: {
app : {
migrations : {
directory:
  m
}
  , environments : {
  staging : {
  url:
    "${env:DATABASE_URL}"
  }
  }
}
}
notify: {slack: {webhook: "${env:SLACK_WEBHOOK_URL}"}, email: {to: [a@example.org]}}
)yaml";

TEST_F(LoadSettings, ReadsTheExampleOfTheDesign) {
  write("rules/masks.yml",
        "version: 1\nrules:\n  - {name: a, match: {column: email}, mask: {strategy: null}}\n");
  write("rules/checks.yml",
        "version: 1\nrules:\n  - {name: b, store: ids, table: t, condition: \"a > 0\"}\n");
  const auto settings = load_settings(write("godwit.yml", district));
  ASSERT_TRUE(settings.ok()) << settings.error().text();
  EXPECT_EQ(settings->folder, folder_);
  EXPECT_EQ(settings->ledger.written, ".godwit/ledger.db");
  EXPECT_EQ(settings->masking_key.written, "${env:ANONYMIZATION_SALT}");
  EXPECT_TRUE(settings->environments.at("prod").read_only);
  EXPECT_EQ(settings->environments.at("cert").approvals, 1);
  EXPECT_EQ(settings->environments.count("local"), 1U);
  EXPECT_EQ(settings->stores.at("ids").environments.at("prod").host.written, "prod-ids.example");
  EXPECT_FALSE(settings->stores.at("ids").environments.at("prod").tls_given);
  EXPECT_EQ(settings->stores.at("hcp1").environments.at("cert").path.written, "cert/hcp1.db");
  const auto& pipeline = settings->pipelines.at("district");
  EXPECT_EQ(pipeline.stores, (std::vector<std::string>{"ids", "hcp1"}));
  EXPECT_EQ(pipeline.scope.root.written, "ids.districts.id");
  EXPECT_EQ(pipeline.scope.root.where.line, 20);
  EXPECT_EQ(pipeline.scope.keys.at("hcp1"), "district_key");
  EXPECT_EQ(pipeline.outside, OutsidePolicy::include);
  ASSERT_EQ(pipeline.outside_edges.size(), 1U);
  EXPECT_EQ(pipeline.outside_edges[0].second, OutsidePolicy::null);
  EXPECT_EQ(pipeline.owner.at("ids.odd"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(pipeline.cross_scope, CrossScope::any);
  EXPECT_EQ(pipeline.cross_scope_tables.at("ids.attendance"), CrossScope::all);
  ASSERT_EQ(pipeline.links.size(), 2U);
  EXPECT_EQ(pipeline.links[1].child, "hcp1.t.(x,y)");
  EXPECT_EQ(pipeline.links[1].parent, "ids.u.(x, y)");
  EXPECT_EQ(pipeline.load.strategy, "upsert");
  EXPECT_EQ(pipeline.jobs, 4);
  ASSERT_EQ(pipeline.masks.rules.size(), 1U);
  EXPECT_EQ(pipeline.masks.rules[0].mask.strategy, MaskStrategy::null);
  EXPECT_EQ(pipeline.masks.rules[0].where.text(), folder_ + "/rules/masks.yml:3:5");
  ASSERT_EQ(pipeline.checks.rules.size(), 1U);
  EXPECT_EQ(settings->sections_not_used, (std::vector<std::string>{"notify"}));
}

TEST_F(LoadSettings, FindsTheNearestFileUpward) {
  const std::string file = write("godwit.yml", "version: 1\n");
  ASSERT_TRUE(os::make_folder(folder_ + "/a/b").ok());
  const auto found = find_settings_file(folder_ + "/a/b");
  ASSERT_TRUE(found.ok()) << found.error().text();
  EXPECT_EQ(*found, file);
  const std::string nearer = write("a/godwit.yml", "version: 1\n");
  EXPECT_EQ(find_settings_file(folder_ + "/a/b").value(), nearer);
  const auto nowhere = find_settings_file("/proc");
  ASSERT_FALSE(nowhere.ok());
  EXPECT_EQ(nowhere.error().kind, ErrorKind::config);
}

// The words of the key table are those of the model.
TEST(Choices, AreThoseOfTheModel) {
  const auto& rule = *config::find_key(config::masks_schema(), "rules")->object;
  const auto& types = *config::find_key(*config::find_key(rule, "match")->object, "types");
  std::vector<std::string> classes;
  for (int i = 0; i <= static_cast<int>(TypeClass::other); ++i) {
    classes.emplace_back(to_string(static_cast<TypeClass>(i)));
  }
  EXPECT_EQ(config::choices_of(types), classes);
  const auto strategies =
      config::choices_of(*config::find_key(*config::find_key(rule, "mask")->object, "strategy"));
  for (int i = 0; i <= static_cast<int>(MaskStrategy::sql); ++i) {
    const std::string name(to_string(static_cast<MaskStrategy>(i)));
    EXPECT_NE(std::find(strategies.begin(), strategies.end(), name), strategies.end()) << name;
  }
}

// What people start from must load.
TEST(Examples, Load) {
  int count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(GODWIT_EXAMPLES_FOLDER)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with("godwit") || !name.ends_with(".yml")) continue;
    ++count;
    const auto settings = load_settings(entry.path());
    EXPECT_TRUE(settings.ok()) << settings.error().text();
  }
  EXPECT_GT(count, 0);
}

TEST_F(LoadSettings, HowRunsOfADatabaseKeepApart) {
  const auto settings = load_settings(write("godwit.yml", R"yaml(version: 1
project: p
databases:
  app:
    migrations: {directory: m, lock: lease, lease_ms: 5000, block_budget_ms: 700}
    environments: {local: {path: app.db}}
  other:
    migrations: {directory: m}
    environments: {local: {path: other.db}}
)yaml"));
  ASSERT_TRUE(settings.ok()) << settings.error().text();
  const auto app = load_database_care(*settings, "app");
  ASSERT_TRUE(app.ok());
  EXPECT_EQ(app->locks.kind, "lease");
  EXPECT_EQ(app->locks.lease_ms, 5000);
  EXPECT_EQ(app->locks.block_budget_ms, 700);
  const auto other = load_database_care(*settings, "other");
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(other->locks.kind, "auto");
  EXPECT_EQ(other->locks.lease_ms, 30'000);
  EXPECT_EQ(other->locks.block_budget_ms, 0);
}

TEST_F(LoadSettings, AMissingFileIsAConfigurationError) {
  const auto settings = load_settings(folder_ + "/none.yml");
  ASSERT_FALSE(settings.ok());
  EXPECT_EQ(settings.error().kind, ErrorKind::config);
}

}  // namespace
}  // namespace godwit
