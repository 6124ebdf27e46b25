#include "schema/rehearse/start.h"

#include "schema/run/migration_run.h"

namespace godwit::schema {

Status copy_structure(Database& database, const Snapshot& live, const History& history, const State& state,
                      RecordContext context) {
  std::vector<std::string> open;
  for (const CatalogObject& object : live.objects) {
    if (!object.create.empty() && object.kind != "column") open.push_back(object.create);
  }
  if (database.dialect() == sql::Dialect::postgres)
    RETURN_IF_ERROR(database.run({"SET check_function_bodies = off"}));
  for (size_t before = open.size() + 1; open.size() < before && !open.empty();) {
    before = open.size();
    std::vector<std::string> refused;
    for (std::string& create : open) {
      if (!database.run({create}).ok()) refused.push_back(std::move(create));
    }
    open = std::move(refused);
  }
  if (!database.alive()) return make_error(ErrorKind::unreachable, "the connection broke");
  const MarksSql marks = marks_of(database, history);
  context.elapsed_ms = "0";
  context.now = database.now();
  RecordedHistory recorded;
  recorded.exists = true;
  std::vector<std::string> message = {"BEGIN", history.create_sql(), marks.create_sql()};
  for (const std::string& revision : state.applied) {
    const auto place = state.find(revision);
    if (!place) continue;
    const Migration& migration = state.folder.migrations[*place];
    message.push_back(history.record_sql(migration, context, recorded));
    message.push_back(marks.note_sql("applied", migration, context));
    recorded = history.after(std::move(recorded), migration, Direction::up, context);
  }
  message.emplace_back("COMMIT");
  return database.run(message);
}

}  // namespace godwit::schema
