// The example's closure of the K-12 world, compared row by row with what the fixture says about itself.
#include "base/test_folder.h"
#include "base/text.h"
#include "config/load.h"
#include "connect/selection_sql.h"
#include "connect/sqlite/catalog.h"
#include "fixture/fixture.h"
#include "pipeline/closure/plan_closure.h"
#include "sqlite/database.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

namespace godwit::test {
namespace {

// By "store.schema.table": what the oracle says of its rows, by key.
using Oracle = std::map<std::string, std::map<std::string, std::string>>;

// The columns of a CSV line; the oracle quotes a field that holds a comma or a quote.
std::vector<std::string> csv_fields(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"')
      fields.back() += line[++i];
    else if (line[i] == '"')
      quoted = !quoted;
    else if (line[i] == ',' && !quoted)
      fields.emplace_back();
    else
      fields.back() += line[i];
  }
  return fields;
}

Oracle read_oracle(const std::string& file) {
  Oracle oracle;
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);  // the header
  while (std::getline(in, line)) {
    const auto fields = csv_fields(line);
    EXPECT_EQ(fields.size(), 4U) << line;
    if (fields.size() == 4) oracle[fields[0] + "." + fields[1]][fields[2]] = fields[3];
  }
  return oracle;
}

class FixtureClosure : public testing::Test {
 protected:
  void SetUp() override {
    fixture::Options options;
    options.scale = 0.2;
    ASSERT_TRUE(fixture::write_sqlite(options, directory_).ok());
    ASSERT_TRUE(fixture::write_oracle(options, fixture::Dialect::sqlite, directory_).ok());
    ASSERT_TRUE(fixture::write_example(directory_, fixture::Dialect::sqlite).ok());
    auto settings = load_settings(directory_ + "/godwit.yml");
    ASSERT_TRUE(settings.ok()) << settings.error().text();
    settings_ = std::move(settings).value();
    for (const auto& store : fixture::stores()) {
      auto database = sqlite::Database::open(directory_ + "/prod/" + store + ".db", {});
      ASSERT_TRUE(database.ok()) << database.error().text();
      auto catalog = connect::read_sqlite_catalog(**database, store);
      ASSERT_TRUE(catalog.ok()) << catalog.error().text();
      ASSERT_TRUE((*database)->register_text_function("godwit_scope", [this] { return scope_; }).ok());
      databases_.push_back(std::move(database).value());
      catalogs_.push_back(std::move(catalog).value());
    }
  }

  // The keys of the table's members, each with whether it is owned.
  std::map<std::string, bool> select(const StoreClosure& closure, size_t store, const TableName& name) {
    auto dialect = connect::sqlite_dialect();
    dialect.without_rowid = connect::tables_without_rowid(*databases_[store]).value();
    const auto selection = connect::select_rows(closure, catalogs_[store], name, dialect);
    std::vector<std::string> columns;
    for (const auto& column : catalogs_[store].table(name)->primary_key()->columns) {
      columns.push_back("CAST(t." + quote_identifier(column) + " AS TEXT)");
    }
    const auto rows =
        databases_[store]->rows(selection.with + " SELECT " + join(columns, " || '|' || ") + ", " +
                                selection.owned + " FROM " + selection.from + " WHERE " + selection.where);
    EXPECT_TRUE(rows.ok()) << rows.error().text();
    std::map<std::string, bool> members;
    if (!rows.ok()) return members;
    for (const auto& row : *rows) {
      EXPECT_TRUE(members.emplace(row[0].bytes, row[1].integer != 0).second)
          << name.text() << ": a row came twice";
    }
    return members;
  }

  const TestFolder folder_;
  const std::string directory_ = folder_.path();
  std::string scope_;
  Settings settings_;
  std::vector<std::unique_ptr<sqlite::Database>> databases_;
  std::vector<Catalog> catalogs_;
};

TEST_F(FixtureClosure, IsExactForEveryDistrict) {
  const Oracle oracle = read_oracle(directory_ + "/oracle.csv");
  pipeline::ClosureInput input;
  input.settings = &settings_.pipelines.at("district");
  for (const auto& catalog : catalogs_)
    input.sources.push_back(&catalog);
  const auto closures = pipeline::plan_closure(input);
  ASSERT_TRUE(closures.ok()) << closures.error().text();
  size_t tables = 0, owned = 0, needed = 0;
  for (const char* district : {"district-001", "district-002", "district-003"}) {
    scope_ = district;
    for (size_t store = 0; store < catalogs_.size(); ++store) {
      for (const auto& table : (*closures)[store].tables) {
        if (table.membership == Membership::skipped) continue;
        const std::string id = dataset_id(catalogs_[store].store, table.table);
        const auto found = select((*closures)[store], store, table.table);
        std::map<std::string, bool> expected;
        const auto rows = oracle.find(id);
        if (rows != oracle.end()) {
          for (const auto& [key, owner] : rows->second) {
            const bool is_needed =
                owner.rfind("needed:", 0) == 0 && owner.find(district) != std::string::npos;
            if (owner == district)
              expected[key] = true;
            else if (owner == "shared" || is_needed)
              expected[key] = false;
          }
        }
        EXPECT_EQ(found, expected) << district << " " << id << ": " << table.reason;
        ++tables;
        for (const auto& [key, is_owned] : found)
          ++(is_owned ? owned : needed);
      }
    }
  }
  EXPECT_EQ(tables, 3U * 157U);
  EXPECT_GT(owned, 1000U);
  EXPECT_GT(needed, 100U);
}

}  // namespace
}  // namespace godwit::test
