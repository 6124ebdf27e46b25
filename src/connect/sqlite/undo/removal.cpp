#include "connect/sqlite/undo/removal.h"

#include "base/text.h"
#include "connect/sqlite/catalog.h"

#include <fmt/format.h>

namespace godwit::connect {

Result<Removal> Removal::begin(StoreConnection& connection, const std::string& store) {
  ASSIGN_OR_RETURN(const Catalog* catalog, connection.catalog(store));
  Removal removal(connection, *catalog);
  ASSIGN_OR_RETURN(removal.without_rowid_, tables_without_rowid(connection.database()));
  return removal;
}

RowAddress Removal::address(const Table& table) const {
  return address_of(table, without_rowid_.count(table.name) > 0);
}

Result<RowSet*> Removal::marked(const Table& table) {
  auto found = marked_.find(table.name);
  if (found == marked_.end()) {
    ASSIGN_OR_RETURN(RowSet rows,
                     RowSet::create(connection_->database(), fmt::format("godwit_marked_{}", marked_.size()),
                                    address(table)));
    found = marked_.emplace(table.name, std::move(rows)).first;
  }
  return &found->second;
}

Result<int64_t> Removal::spare(const Table& child, const ForeignKey& key) {
  const auto parents = marked_.find(key.parent);
  if (parents == marked_.end() || key.parent_columns.empty()) return int64_t{0};
  std::string on;
  for (size_t i = 0; i < key.columns.size(); ++i) {
    on += fmt::format("{}c.{} = t.{}", i == 0 ? "" : " AND ", quote_identifier(key.columns[i]),
                      quote_identifier(key.parent_columns[i]));
  }
  const auto children = marked_.find(child.name);
  const std::string outside = children == marked_.end() ? "TRUE" : "NOT " + children->second.contains("c");
  ASSIGN_OR_RETURN(auto unmark,
                   connection_->database().prepare(fmt::format(
                       "DELETE FROM {0} WHERE owned = 0 AND ({1}) IN (SELECT {2} FROM {3} JOIN {4} AS c "
                       "ON {5} WHERE r.owned = 0 AND {6})",
                       parents->second.name(), parents->second.list(""), parents->second.list("r."),
                       parents->second.join(key.parent), table_sql(child.name), on, outside)));
  return unmark.run();
}

Result<std::map<TableName, int64_t>> Removal::spare_referenced() {
  std::map<TableName, int64_t> spared;
  for (bool again = true; again;) {
    again = false;
    for (const Table& child : catalog_->tables) {
      for (const ForeignKey& key : child.foreign_keys) {
        ASSIGN_OR_RETURN(const int64_t rows, spare(child, key));
        if (rows == 0) continue;
        spared[key.parent] += rows;
        again = true;
      }
    }
  }
  return spared;
}

Result<int64_t> Removal::count_orphans(const Table& child, const ForeignKey& key) {
  std::string present;
  std::string on;
  for (size_t i = 0; i < key.columns.size(); ++i) {
    const std::string column = quote_identifier(key.columns[i]);
    present += fmt::format("c.{} IS NOT NULL AND ", column);
    on +=
        fmt::format("{}p.{} = c.{}", i == 0 ? "" : " AND ", quote_identifier(key.parent_columns[i]), column);
  }
  return connection_->database().number(
      fmt::format("SELECT count(*) FROM {} AS c WHERE {}NOT EXISTS (SELECT 1 FROM {} AS p WHERE {})",
                  table_sql(child.name), present, table_sql(key.parent), on));
}

Status Removal::note_orphans() {
  for (const Table& child : catalog_->tables) {
    for (const ForeignKey& key : child.foreign_keys) {
      if (marked_.count(key.parent) == 0 || key.parent_columns.empty()) continue;
      ASSIGN_OR_RETURN((orphans_before_[{child.name, key.name}]), count_orphans(child, key));
    }
  }
  return {};
}

Status Removal::remove_marked() {
  for (const auto& [name, rows] : marked_) {
    ASSIGN_OR_RETURN(auto remove, connection_->database().prepare(fmt::format(
                                      "DELETE FROM {} AS t WHERE {}", table_sql(name), rows.contains("t"))));
    Result<int64_t> removed = remove.run();
    if (!removed.ok()) return wrap(removed.error(), "deleting from " + name.text());
    ASSIGN_OR_RETURN(const int64_t left,
                     connection_->database().number("SELECT count(*) FROM " + rows.join(name)));
    if (left > 0) {
      return make_error(ErrorKind::failed,
                        fmt::format("{} rows of {} could not be deleted", left, name.text()));
    }
  }
  return {};
}

Status Removal::put_back(const Table& table, const std::vector<std::string>& columns,
                         const std::vector<sqlite::Value>& image) {
  std::vector<std::string> names;
  std::vector<std::string> marks;
  for (size_t i = 0; i < columns.size(); ++i) {
    names.push_back(quote_identifier(columns[i]));
    marks.push_back(fmt::format("?{}", i + 1));
  }
  ASSIGN_OR_RETURN(auto insert, connection_->database().prepare(
                                    fmt::format("INSERT INTO {} ({}) VALUES ({})", table_sql(table.name),
                                                join(names, ", "), join(marks, ", "))));
  for (size_t i = 0; i < image.size(); ++i)
    insert.bind_value(static_cast<int>(i) + 1, image[i]);
  Result<int64_t> inserted = insert.run();
  if (!inserted.ok()) return wrap(inserted.error(), "restoring a row of " + table.name.text());
  return {};
}

Result<std::map<TableName, Removal::Missed>> Removal::missed() {
  std::map<TableName, Missed> missed;
  for (const Table& child : catalog_->tables) {
    for (const ForeignKey& key : child.foreign_keys) {
      const auto before = orphans_before_.find({child.name, key.name});
      if (before == orphans_before_.end()) continue;
      ASSIGN_OR_RETURN(const int64_t now, count_orphans(child, key));
      if (now <= before->second) continue;
      Missed& entry = missed[key.parent];
      entry.rows += now - before->second;
      entry.edge += fmt::format("{}{} over {}", entry.edge.empty() ? "" : ", ", child.name.text(), key.name);
    }
  }
  return missed;
}

}  // namespace godwit::connect
