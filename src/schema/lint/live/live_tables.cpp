#include "schema/lint/live/live_tables.h"

#include "base/text.h"
#include "sql/tree.h"

#include <charconv>

namespace godwit::schema::lint {

namespace {

constexpr const char* tables_sql =
    "SELECT n.nspname, c.relname, CASE WHEN pg_table_is_visible(c.oid) THEN 't' ELSE 'f' END,"
    " greatest(c.reltuples, -1)::bigint::text, (c.relpages::bigint * "
    "current_setting('block_size')::bigint)::text,"
    " a.attname, format_type(a.atttypid, a.atttypmod),"
    " CASE WHEN a.attnotnull OR EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = "
    "'c'"
    " AND k.convalidated AND k.conkey = ARRAY[a.attnum]"
    " AND pg_get_constraintdef(k.oid) = format('CHECK ((%I IS NOT NULL))', a.attname)) THEN 't' ELSE 'f' END,"
    " CASE WHEN EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS "
    "NULL"
    " AND i.indkey[0] = a.attnum) THEN 't' ELSE 'f' END"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
    " AND n.nspname NOT LIKE 'pg\\_toast%' ORDER BY 1, 2, a.attnum";

int64_t number(const std::optional<std::string>& text) {
  int64_t value = -1;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

}  // namespace

const LiveTable* LiveTables::find(const std::string& name) const {
  const auto found = tables.find(name);
  return found == tables.end() ? nullptr : &found->second;
}

bool is_small(const LiveTable& table) {
  return table.rows >= 0 && table.rows < small_rows_max && table.bytes < small_bytes_max;
}

bool is_large(const LiveTable& table) {
  return table.rows >= large_rows_min || table.bytes >= large_bytes_min;
}

Result<LiveTables> read_live_tables(Database& database) {
  LiveTables live;
  if (database.dialect() != sql::Dialect::postgres) return live;
  ASSIGN_OR_RETURN(const std::vector<Row> rows, database.rows(tables_sql));
  std::set<std::string> visible;
  for (const Row& row : rows) {
    LiveTable& table = live.tables[sql::qualified({row[0].value_or(""), row[1].value_or("")})];
    table.rows = number(row[3]);
    table.bytes = number(row[4]);
    if (row[2] == "t") visible.insert(sql::qualified({row[0].value_or(""), row[1].value_or("")}));
    if (!row[5]) continue;
    table.columns[*row[5]] = row[6].value_or("");
    if (row[7] == "t") table.never_null.insert(*row[5]);
    if (row[8] == "t") table.indexed.insert(*row[5]);
  }
  for (const std::string& name : visible) {
    const LiveTable table = live.tables[name];
    live.tables.emplace(name.substr(name.find('.') + 1), table);
  }
  return live;
}

}  // namespace godwit::schema::lint
