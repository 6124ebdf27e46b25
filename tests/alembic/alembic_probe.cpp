// alembic_probe DATABASE: what the Alembic history makes of folders of revisions. One JSON document per line
// in, one out; DATABASE is a SQLite file, made anew, in which nothing but the history's own SQL changes the
// rows.
//
// In:  {"files": [{"path", "text"}], "moves": [["up"|"down", target]]}
// Out: {"error"} or {"heads", "effective_heads", "bases", "labels": {id: []}, "order": [],
//       "created": the table's own text, "lines": {"heads": [], "effective_heads": [], "history": [],
//       "verbose": []}, "moves": [{"error"} or {"steps": [[revision, [row…]]], "applied": []}]}
#include "schema/history/alembic/graph/graph.h"
#include "schema/history/alembic/render.h"
#include "schema/history/history.h"
#include "sqlite/database.h"

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

namespace godwit::schema {
namespace {

using nlohmann::json;

template <typename T>
T or_stop(Result<T> result) {
  if (!result.ok()) {
    std::cerr << "alembic_probe: " << result.error().text() << '\n';
    std::exit(1);
  }
  return std::move(result).value();
}

void or_stop(const Status& status, const std::string& sql) {
  if (status.ok()) return;
  std::cerr << "alembic_probe: " << status.error().text() << " in " << sql << '\n';
  std::exit(1);
}

class Probe {
 public:
  explicit Probe(const std::string& path) {
    HistoryOptions options;
    options.tool = "alembic";
    options.dialect = sql::Dialect::sqlite;
    history_ = or_stop(make_history(options));
    std::filesystem::remove(path);
    sqlite::OpenOptions open;
    open.mode = sqlite::OpenMode::create;
    database_ = or_stop(sqlite::Database::open(path, open));
    run("PRAGMA journal_mode = memory; PRAGMA synchronous = off");
    run(history_->create_sql());
  }

  json answer(const json& question) {
    std::vector<MigrationFile> files;
    for (const json& file : question.at("files"))
      files.push_back({file.at("path").get<std::string>(), file.at("text").get<std::string>()});
    auto folder = history_->read_folder(files);
    if (!folder.ok()) return {{"error", folder.error().message}};
    folder_ = std::move(folder).value();
    if (question.contains("render")) return render(question.at("render"));
    json out = describe();
    run("DELETE FROM alembic_version");
    out["created"] = or_stop(database_->rows("SELECT sql FROM sqlite_master WHERE name = 'alembic_version'"))
                         .at(0)
                         .at(0)
                         .bytes;
    out["lines"] = {{"heads", lines(Listing::heads, false)},
                    {"effective_heads", lines(Listing::effective_heads, false)},
                    {"history", lines(Listing::history, false)},
                    {"verbose", lines(Listing::history, true)}};
    out["moves"] = json::array();
    for (const json& one : question.at("moves"))
      out["moves"].push_back(move(one.at(0) == "up", one.at(1).get<std::string>()));
    return out;
  }

 private:
  json render(const json& wanted) const {
    const Direction direction = wanted.at(0) == "up" ? Direction::up : Direction::down;
    const Migration& step = migration(wanted.at(1).get<std::string>());
    json out{{"print", alembic::print_arguments("alembic.ini", step, direction)},
             {"run", alembic::run_arguments("alembic.ini", step, direction)}};
    const auto body = alembic::rendered_body(wanted.at(2).get<std::string>(), step, direction, "", "",
                                             sql::Dialect::sqlite);
    if (!body.ok()) {
      out["body"] = {{"error", body.error().message}};
    } else {
      out["body"] = {{"sql", body->sql},
                     {"one_transaction", body->transaction == TransactionMode::automatic}};
    }
    return out;
  }

  void run(const std::string& sql) { or_stop(database_->run(sql), sql); }

  json describe() const {
    json out{{"heads", json::array()}, {"effective_heads", json::array()}, {"bases", json::array()}};
    out["labels"] = json::object();
    out["order"] = json::array();
    for (const Migration& migration : folder_.migrations)
      out["order"].push_back(migration.revision);
    if (folder_.migrations.empty()) return out;
    const auto& graph = dynamic_cast<const alembic::Graph&>(*folder_.migrations.front().index);
    for (const auto node : graph.heads())
      out["heads"].push_back(graph.id(node));
    for (const auto node : graph.effective_heads())
      out["effective_heads"].push_back(graph.id(node));
    for (const auto node : graph.bases())
      out["bases"].push_back(graph.id(node));
    for (size_t node = 0; node < graph.size(); ++node)
      out["labels"][graph.id(node)] = graph[node].labels;
    return out;
  }

  std::vector<std::string> lines(Listing what, bool verbose) const {
    return or_stop(*history_->listing(folder_, {}, what, verbose));
  }

  RecordedHistory recorded() {
    std::vector<Row> rows;
    for (const auto& row : or_stop(database_->rows(history_->select_sql())))
      rows.push_back({row.at(0).bytes});
    return or_stop(history_->from_rows(rows));
  }

  const Migration& migration(const std::string& revision) const {
    for (const Migration& candidate : folder_.migrations) {
      if (candidate.revision == revision) return candidate;
    }
    std::cerr << "alembic_probe: no migration " << revision << '\n';
    std::exit(1);
  }

  json move(bool up, const std::string& target) {
    const auto path = up ? *history_->upgrade_path(folder_, recorded(), target)
                         : *history_->downgrade_path(folder_, recorded(), target);
    if (!path.ok()) return {{"error", path.error().message}};
    json steps = json::array();
    for (const std::string& revision : *path) {
      const Migration& step = migration(revision);
      run("BEGIN;" +
          (up ? history_->record_sql(step, {}, recorded()) : history_->unrecord_sql(step, {}, recorded())) +
          "COMMIT;");
      json rows = json::array();
      for (const AppliedMigration& row : recorded().applied)
        rows.push_back(row.revision);
      steps.push_back({revision, rows});
    }
    return {{"steps", steps}, {"applied", or_stop(history_->applied_revisions(folder_, recorded()))}};
  }

  std::unique_ptr<History> history_;
  std::unique_ptr<sqlite::Database> database_;
  MigrationFolder folder_;
};

}  // namespace
}  // namespace godwit::schema

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: alembic_probe DATABASE\n";
    return 2;
  }
  godwit::schema::Probe probe(argv[1]);
  std::string line;
  while (std::getline(std::cin, line))
    std::cout << probe.answer(nlohmann::json::parse(line)).dump() << std::endl;
  return 0;
}
