// What the tests of the SQLite sink share: two stores of one schema, and moves of a scope between them.
#pragma once

#include "connect/sqlite/sink.h"
#include "connect/sqlite/test_store.h"

#include <map>

namespace godwit::connect {

class SinkTest : public StoreTest {
 protected:
  // state (shared) ← district ← school ← student (self-reference mentor), student ↔ badge in a circle; notes
  // has no key; score has no rowid.
  static constexpr const char* schema = R"(
    CREATE TABLE state (code TEXT PRIMARY KEY NOT NULL, name TEXT);
    CREATE TABLE district (id TEXT PRIMARY KEY NOT NULL, state_code TEXT REFERENCES state, name VARCHAR(40));
    CREATE TABLE school (id INTEGER PRIMARY KEY AUTOINCREMENT, district_id TEXT NOT NULL REFERENCES district, v,
                         price DECIMAL(10,2), opened DATE);
    CREATE TABLE student (id INTEGER PRIMARY KEY, school_id INTEGER NOT NULL REFERENCES school,
                          mentor_id INTEGER REFERENCES student, badge_id INTEGER NOT NULL REFERENCES badge,
                          email TEXT UNIQUE);
    CREATE TABLE badge (id INTEGER PRIMARY KEY, student_id INTEGER NOT NULL REFERENCES student);
    CREATE TABLE note (school_id INTEGER NOT NULL REFERENCES school, text TEXT);
    CREATE TABLE score (student_id INTEGER NOT NULL REFERENCES student, subject TEXT NOT NULL, points REAL,
                        PRIMARY KEY (student_id, subject)) WITHOUT ROWID;
  )";
  static const std::vector<std::string>& tables() {
    static const std::vector<std::string> names = {"state", "district", "school", "student",
                                                   "badge", "note",     "score"};
    return names;
  }
  static std::string district_rows(int number) {
    const std::string d = std::to_string(number);
    return "INSERT OR IGNORE INTO state VALUES ('CA', 'California'), ('NV', NULL);"
           "INSERT INTO district VALUES ('d" +
           d + "', 'CA', 'District " + d +
           "');"
           "INSERT INTO school VALUES (" +
           d + "1, 'd" + d +
           "', 12, 12.5, '2024-02-29'),"
           " (" +
           d + "2, 'd" + d + "', '12', 3, NULL), (" + d + "3, 'd" + d +
           "', X'0102', NULL, '1999-12-31');"
           "INSERT INTO student VALUES (" +
           d + "01, " + d + "1, " + d + "02, " + d + "01, 'a" + d +
           "@x'),"
           " (" +
           d + "02, " + d + "2, NULL, " + d +
           "02, NULL);"
           "INSERT INTO badge VALUES (" +
           d + "01, " + d + "01), (" + d + "02, " + d +
           "02);"
           "INSERT INTO note VALUES (" +
           d + "1, 'same'), (" + d + "1, 'same'), (" + d +
           "2, NULL);"
           "INSERT INTO score VALUES (" +
           d + "01, 'math', 1.5), (" + d + "01, 'art', -0.0), (" + d + "02, 'math', 2);";
  }

  static OwnerStep by_parent(const Table& table, const std::string& parent) {
    OwnerStep step;
    step.kind = OwnerStep::Kind::parent;
    for (const ForeignKey& key : table.foreign_keys) {
      if (key.parent.name == parent) step.foreign_key = key;
    }
    EXPECT_FALSE(step.foreign_key.name.empty());
    return step;
  }

  [[nodiscard]] static StoreClosure closure_of(const Catalog& catalog) {
    StoreClosure closure;
    closure.store = "ids";
    const std::map<std::string, std::string> parents = {
        {"student", "school"}, {"badge", "student"}, {"note", "school"}, {"score", "student"}};
    for (const Table& table : catalog.tables) {
      const std::string& name = table.name.name;
      if (name == "state") {
        closure.tables.push_back(shared(name));
      } else if (name == "district" || name == "school") {
        closure.tables.push_back(owned(name, name == "district" ? "id" : "district_id"));
      } else {
        TableClosure& entry = closure.tables.emplace_back();
        entry.table = table.name;
        entry.membership = Membership::owned;
        entry.owners = {by_parent(table, parents.at(name))};
      }
    }
    for (const char* name : {"state", "district", "school", "note"})
      closure.load_order.push_back({{"main", name}});
    closure.load_order.push_back({{"main", "badge"}, {"main", "student"}});
    closure.load_order.push_back({{"main", "score"}});
    return closure;
  }

  struct Outcome {
    Status status;
    std::map<std::string, LoadOutcome> tables;
    std::map<std::string, Proof> proofs;
  };

  [[nodiscard]] std::unique_ptr<Sink> sink(const std::string& name) const {
    auto opened = open_sqlite_sink(endpoint(name), clock_);
    EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().text());
    return opened.ok() ? std::move(opened).value() : nullptr;
  }
  static RunMarker marker(const std::string& run, const std::string& scope, LoadStrategy strategy) {
    return {run, "district", scope, "ids", "hash", std::string(to_string(strategy))};
  }

  // Reads the scope from "prod" and loads it into `into` without committing.
  Outcome load(Sink& into, const std::string& run, const std::string& scope, LoadStrategy strategy,
               TriggerPolicy triggers = TriggerPolicy::fire) {
    Outcome outcome;
    auto from = source("prod");
    EXPECT_TRUE(from->snapshot().ok());
    const Catalog catalog = *from->catalog();
    const Catalog target = *into.catalog();
    const StoreClosure closure = closure_of(catalog);
    auto database = duck_database();
    auto connection = std::move(database->connect()).value();
    outcome.status = into.begin(marker(run, scope, strategy));
    std::vector<Dataset> datasets;
    datasets.reserve(16);
    std::vector<DatasetLoad> loads;
    for (const auto& group : closure.load_order) {
      for (const TableName& name : group) {
        if (!outcome.status.ok()) return outcome;
        Dataset& dataset =
            datasets.emplace_back(dataset_of(*from, *catalog.table(name), *closure.table(name)));
        Scan scan;
        scan.dataset = &dataset;
        scan.closure = &closure;
        scan.scope = scope;
        auto producer = from->read(scan);
        EXPECT_TRUE(producer.ok());
        EXPECT_TRUE(connection->register_table("scan_" + name.name, *producer).ok());
        EXPECT_TRUE(
            connection
                ->run("CREATE OR REPLACE TABLE " + name.name + " AS SELECT * FROM scan_" + name.name + "()")
                .ok());
        edit(*connection, name.name);
        DatasetLoad load;
        load.dataset = &dataset;
        load.target = target.table(name);
        load.strategy = strategy;
        load.triggers = triggers;
        load.scope = scope;
        load.connection = connection.get();
        load.queries = single_query("SELECT * FROM " + name.name);
        auto loaded = into.load(load);
        if (!loaded.ok()) {
          outcome.status = loaded.error();
          return outcome;
        }
        outcome.tables[name.name] = *loaded;
        loads.push_back(load);
      }
    }
    outcome.status = into.finish();
    for (const DatasetLoad& load : loads) {
      auto proof = into.prove(load);
      if (!proof.ok()) {
        outcome.status = proof.error();
        return outcome;
      }
      outcome.proofs[load.dataset->table.name.name] = *proof;
    }
    return outcome;
  }
  // A change to the staged rows of a table before they are loaded.
  virtual void edit(duck::Connection& connection, const std::string& table) {
    const auto found = edits_.find(table);
    if (found == edits_.end()) return;
    const auto done = connection.run(found->second);
    EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().text());
  }
  void move(const std::string& run, const std::string& scope, LoadStrategy strategy = LoadStrategy::insert) {
    auto into = sink("cert");
    const Outcome outcome = load(*into, run, scope, strategy);
    ASSERT_TRUE(outcome.status.ok()) << outcome.status.error().text();
    const Status committed = into->commit();
    ASSERT_TRUE(committed.ok()) << committed.error().text();
  }
  void SetUp() override {
    StoreTest::SetUp();
    run("prod", schema);
    run("prod", district_rows(1));
    run("prod", district_rows(2));
    run("cert", schema);
  }
  [[nodiscard]] std::string cert() const { return dump("cert", tables()); }

  std::map<std::string, std::string> edits_;
};

}  // namespace godwit::connect
