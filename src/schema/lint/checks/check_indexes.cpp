#include "schema/lint/checks/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace godwit::schema::lint {

namespace {

using nlohmann::json;

bool all_are_new(const Look& look) {
  return std::ranges::all_of(look.facts.tables,
                             [&](const sql::TableLock& lock) { return look.scene.is_new(lock.table); });
}

void created(Look& look, const json& index) {
  const std::string table = sql::relation_name(sql::child(index, "relation"));
  const json& columns = sql::items_of(index, "indexParams");
  const bool concurrent = sql::flag(index, "concurrent");
  if (concurrent && sql::flag(index, "if_not_exists"))
    look.report("concurrent-index-if-not-exists",
                "an INVALID index of that name would be taken for this one");
  if (columns.size() > 3 && !sql::flag(index, "unique"))
    look.report("wide-index", fmt::format("an index of {} columns", columns.size()));
  if (look.scene.is_new(table)) return;
  const std::string name = sql::text_of(index, "idxname");
  if (!concurrent) {
    look.report("create-index-not-concurrent",
                fmt::format("nobody can write to {} until the index is built", table),
                look.in_its_own_file(with_word_after(look.statement.text, "index", "CONCURRENTLY")));
  }
  if (!sql::flag(index, "unique")) return;
  if (!name.empty() && look.scene.dropped_indexes.contains(name)) {
    look.report("index-made-unique",
                fmt::format("{} comes back unique: rows with the same values make it fail", name));
    return;
  }
  const bool new_column = std::ranges::any_of(
      columns, [&](const json& column) { return look.scene.is_new(table, column_name(column)); });
  if (!new_column)
    look.report("add-unique-index", fmt::format("rows of {} with the same values make it fail", table));
}

void dropped(Look& look, const json& drop) {
  if (sql::text_of(drop, "removeType") != "OBJECT_INDEX" || sql::flag(drop, "concurrent")) return;
  const json& objects = sql::items_of(drop, "objects");
  const bool is_new = std::ranges::all_of(objects, [&](const json& object) {
    return look.scene.new_indexes.contains(sql::names_of(object).back());
  });
  if (is_new) return;
  const std::string rewrite =
      objects.size() == 1
          ? look.in_its_own_file(with_word_after(look.statement.text, "index", "CONCURRENTLY"))
          : "";
  look.report("drop-index-not-concurrent", "the table of the index is locked against readers and writers",
              rewrite);
}

void reindexed(Look& look, const json& reindex) {
  const json* online = sql::option(sql::child(reindex, "params"), "concurrently");
  if (online != nullptr && sql::means_true(*online)) return;
  const std::string kind = sql::text_of(reindex, "kind");
  if (kind == "REINDEX_OBJECT_SYSTEM") return;
  if (kind == "REINDEX_OBJECT_TABLE" && all_are_new(look)) return;
  const char* word = kind == "REINDEX_OBJECT_INDEX"    ? "index"
                     : kind == "REINDEX_OBJECT_TABLE"  ? "table"
                     : kind == "REINDEX_OBJECT_SCHEMA" ? "schema"
                                                       : "database";
  look.report("reindex-not-concurrent",
              "nobody can write, and many cannot read, until the index is built again",
              look.in_its_own_file(with_word_after(look.statement.text, word, "CONCURRENTLY")));
}

void vacuumed(Look& look, const json& vacuum) {
  const json* full = sql::option(sql::child(vacuum, "options"), "full");
  if (full == nullptr || !sql::means_true(*full) || !sql::flag(vacuum, "is_vacuumcmd")) return;
  look.report("vacuum-full", "nobody can read the table until it is written again");
}

void altered(Look& look) {
  const std::string table = look.altered_table();
  for (const AlterCommand& command : look.alter_commands()) {
    const json& partition = sql::child(*command.definition, "PartitionCmd");
    const std::string part = sql::relation_name(sql::child(partition, "name"));
    if (command.form == "AT_DetachPartition" && !sql::flag(partition, "concurrent") &&
        !look.scene.is_new(table)) {
      look.report(
          "detach-partition-not-concurrent", fmt::format("every query of {} waits for it", table),
          look.in_its_own_file(fmt::format("ALTER TABLE {} DETACH PARTITION {} CONCURRENTLY", table, part)));
    }
    if (command.form == "AT_AttachPartition" && !look.scene.is_new(part) &&
        !look.scene.checked.contains(table_key(part)))
      look.report("attach-partition-without-check",
                  fmt::format("every row of {} is read to prove its bounds", part));
  }
}

}  // namespace

void check_indexes(Look& look) {
  const json& value = *look.node.value;
  const std::string& type = look.node.type;
  if (type == "IndexStmt") created(look, value);
  if (type == "DropStmt") dropped(look, value);
  if (type == "ReindexStmt") reindexed(look, value);
  if (type == "VacuumStmt") vacuumed(look, value);
  if (type == "AlterTableStmt") altered(look);
  if (type == "ClusterStmt" && (look.facts.tables.empty() || !all_are_new(look)))
    look.report("cluster", "nobody can read the table until it is written again");
  if (type == "RefreshMatViewStmt" && !sql::flag(value, "concurrent") && !sql::flag(value, "skipData") &&
      !all_are_new(look)) {
    look.report("refresh-matview-not-concurrent", "nobody can read the view until its query has ended",
                with_word_after(look.statement.text, "view", "CONCURRENTLY"));
  }
}

}  // namespace godwit::schema::lint
