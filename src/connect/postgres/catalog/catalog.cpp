#include "connect/postgres/catalog/catalog.h"

#include "connect/postgres/catalog/catalog_queries.h"
#include "connect/postgres/catalog/type_modifiers.h"
#include "pg/session.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

namespace godwit::connect::postgres {
namespace {

using TablesByOid = std::unordered_map<std::string, size_t>;

// A JSON array of strings that the server's json_agg wrote; NULL is empty.
std::vector<std::string> strings(const pg::Rows& rows, size_t row, size_t column) {
  if (rows.is_null(row, column)) return {};
  const std::string_view text = rows.text(row, column);
  const auto array = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
  std::vector<std::string> result;
  for (const auto& item : array)
    result.push_back(item.get<std::string>());
  return result;
}

char letter(const pg::Rows& rows, size_t row, size_t column) {
  const std::string_view text = rows.text(row, column);
  return text.empty() ? '\0' : text.front();
}

TableKind kind_of(char relkind, bool is_partition) {
  if (is_partition) return TableKind::partition;
  switch (relkind) {
    case 'p':
      return TableKind::partitioned;
    case 'v':
      return TableKind::view;
    case 'm':
      return TableKind::materialized_view;
    case 'f':
      return TableKind::foreign_table;
    default:
      return TableKind::table;
  }
}

const char* action(char code) {
  switch (code) {
    case 'r':
      return "RESTRICT";
    case 'c':
      return "CASCADE";
    case 'n':
      return "SET NULL";
    case 'd':
      return "SET DEFAULT";
    default:
      return "NO ACTION";
  }
}

Generated generated_of(char attgenerated, char attidentity) {
  if (attgenerated == 's' || attgenerated == 'v') return Generated::stored;
  if (attidentity == 'a') return Generated::identity_always;
  if (attidentity == 'd') return Generated::identity_by_default;
  return Generated::no;
}

class CatalogReader {
 public:
  CatalogReader(pg::Session& session, Catalog& catalog) : session_(session), catalog_(catalog) {}

  Status read() {
    RETURN_IF_ERROR(read_tables());
    RETURN_IF_ERROR(each(columns_query(), &CatalogReader::add_column));
    RETURN_IF_ERROR(each(keys_query(), &CatalogReader::add_key));
    RETURN_IF_ERROR(each(foreign_keys_query(), &CatalogReader::add_foreign_key));
    RETURN_IF_ERROR(each(checks_query(), &CatalogReader::add_check));
    RETURN_IF_ERROR(each(triggers_query(), &CatalogReader::add_trigger));
    RETURN_IF_ERROR(each(sequences_query(), &CatalogReader::add_sequence));
    return {};
  }

 private:
  using Add = void (CatalogReader::*)(Table&, const pg::Rows&, size_t);

  Status each(const std::string& sql, Add add) {
    ASSIGN_OR_RETURN(const pg::Rows rows, session_.query(sql));
    for (size_t row = 0; row < rows.size(); ++row) {
      const auto found = tables_.find(rows.string(row, 0));
      if (found != tables_.end()) (this->*add)(catalog_.tables[found->second], rows, row);
    }
    return {};
  }

  Status read_tables() {
    ASSIGN_OR_RETURN(const pg::Rows rows, session_.query(tables_query()));
    for (size_t row = 0; row < rows.size(); ++row) {
      Table table;
      table.name = {rows.string(row, 1), rows.string(row, 2)};
      table.kind = kind_of(letter(rows, row, 3), rows.boolean(row, 4));
      if (!rows.is_null(row, 6)) table.partition_of = TableName{rows.string(row, 5), rows.string(row, 6)};
      const int64_t pages = rows.number(row, 8);
      table.estimated_bytes = rows.number(row, 9);
      table.estimated_rows = std::max<int64_t>(rows.number(row, 7), 0);
      // The statistics are as old as the last analyze: scale them to the pages of now.
      const int64_t pages_now = table.estimated_bytes / 8192;
      if (pages > 0 && pages_now > 0) table.estimated_rows = table.estimated_rows * pages_now / pages;
      if (pages == 0) table.estimated_rows = table.estimated_bytes / 128;  // never analyzed: a guess
      tables_[rows.string(row, 0)] = catalog_.tables.size();
      catalog_.tables.push_back(std::move(table));
    }
    return {};
  }

  void add_column(Table& table, const pg::Rows& rows, size_t row) {
    Column column;
    column.name = rows.string(row, 1);
    column.type_name = rows.string(row, 2);
    column.type_identity = rows.string(row, 3) + "." + rows.string(row, 4);
    column.type_class =
        classify_type(rows.text(row, 5), rows.text(row, 6), letter(rows, row, 7), letter(rows, row, 8));
    if (rows.boolean(row, 15)) column.domain_base = rows.string(row, 5) + "." + rows.string(row, 6);
    apply_type_modifier(column, rows.text(row, 6), static_cast<int>(rows.number(row, 9)));
    column.nullable = !rows.boolean(row, 10);
    column.generated = generated_of(letter(rows, row, 12), letter(rows, row, 13));
    column.has_default = rows.boolean(row, 11) && column.generated == Generated::no;
    column.enum_labels = strings(rows, row, 14);
    column.case_insensitive = rows.text(row, 6) == "citext" || rows.boolean(row, 16);
    table.columns.push_back(std::move(column));
  }

  void add_key(Table& table, const pg::Rows& rows, size_t row) {
    Key key;
    key.name = rows.string(row, 1);
    key.columns = strings(rows, row, 2);
    key.primary = rows.boolean(row, 3);
    key.deferrable = rows.boolean(row, 4);
    key.expression = rows.string(row, 5);
    key.predicate = rows.string(row, 6);
    key.nulls_distinct = rows.boolean(row, 7);
    // The columns beside an expression are not a key by themselves.
    if (!key.expression.empty()) key.columns.clear();
    table.keys.push_back(std::move(key));
  }

  void add_foreign_key(Table& table, const pg::Rows& rows, size_t row) {
    ForeignKey key;
    key.name = rows.string(row, 1);
    key.columns = strings(rows, row, 2);
    key.parent = {rows.string(row, 3), rows.string(row, 4)};
    key.parent_columns = strings(rows, row, 5);
    key.deferrable = rows.boolean(row, 6);
    key.match_full = rows.boolean(row, 7);
    key.on_delete = action(letter(rows, row, 8));
    key.on_update = action(letter(rows, row, 9));
    key.validated = rows.boolean(row, 10);
    table.foreign_keys.push_back(std::move(key));
  }

  void add_check(Table& table, const pg::Rows& rows, size_t row) {
    table.checks.push_back({rows.string(row, 1), rows.string(row, 2)});
  }

  void add_trigger(Table& table, const pg::Rows& rows, size_t row) {
    // The bits of pg_trigger.tgtype (src/include/catalog/pg_trigger.h).
    const int64_t type = rows.number(row, 2);
    Trigger trigger;
    trigger.name = rows.string(row, 1);
    trigger.timing = (type & 64) != 0 ? "INSTEAD OF" : (type & 2) != 0 ? "BEFORE" : "AFTER";
    const auto add_event = [&](int64_t bit, const char* event) {
      if ((type & bit) == 0) return;
      trigger.events += (trigger.events.empty() ? "" : " OR ") + std::string(event);
    };
    add_event(4, "INSERT");
    add_event(16, "UPDATE");
    add_event(8, "DELETE");
    add_event(32, "TRUNCATE");
    const char enabled = letter(rows, row, 3);
    trigger.enabled = enabled == 'O' || enabled == 'A';
    table.triggers.push_back(std::move(trigger));
  }

  void add_sequence(Table& table, const pg::Rows& rows, size_t row) {
    Sequence sequence{rows.string(row, 1), rows.string(row, 2), rows.string(row, 3), std::nullopt};
    if (!rows.is_null(row, 4)) sequence.last_value = rows.number(row, 4);
    table.sequences.push_back(std::move(sequence));
  }

  pg::Session& session_;
  Catalog& catalog_;
  TablesByOid tables_;
};

// Foreign keys that were declared on partitions one by one hold for the table that is moved: the whole. One
// that some partition lacks is not validated: the proof asks for it then.
class PartitionFolding {
 public:
  explicit PartitionFolding(Catalog& catalog) : catalog_(catalog) {
    for (size_t i = 0; i < catalog.tables.size(); ++i)
      index_[catalog.tables[i].name.text()] = i;
  }

  void fold() {
    std::unordered_map<size_t, size_t> declared;  // root → its own foreign keys, before folding
    std::unordered_map<size_t, std::vector<const Table*>> leaves;
    for (const Table& partition : catalog_.tables) {
      if (partition.kind != TableKind::partition) continue;
      const auto root = root_of(partition);
      if (!root) continue;
      Table& whole = catalog_.tables[*root];
      declared.try_emplace(*root, whole.foreign_keys.size());
      leaves[*root].push_back(&partition);
      whole.estimated_rows += partition.estimated_rows;
      whole.estimated_bytes += partition.estimated_bytes;
      for (const ForeignKey& key : partition.foreign_keys) {
        if (!has_edge(whole, key)) whole.foreign_keys.push_back(key);
      }
    }
    for (const auto& [root, first_folded] : declared) {
      auto& keys = catalog_.tables[root].foreign_keys;
      for (size_t i = first_folded; i < keys.size(); ++i) {
        for (const Table* leaf : leaves[root])
          keys[i].validated = keys[i].validated && has_edge(*leaf, keys[i]);
      }
    }
  }

 private:
  static bool has_edge(const Table& table, const ForeignKey& key) {
    return std::any_of(table.foreign_keys.begin(), table.foreign_keys.end(), [&](const ForeignKey& other) {
      return key.columns == other.columns && key.parent == other.parent &&
             key.parent_columns == other.parent_columns;
    });
  }

  std::optional<size_t> root_of(const Table& partition) const {
    const Table* table = &partition;
    while (table->partition_of) {
      const auto above = index_.find(table->partition_of->text());
      if (above == index_.end()) return std::nullopt;
      table = &catalog_.tables[above->second];
    }
    return static_cast<size_t>(table - catalog_.tables.data());
  }

  Catalog& catalog_;
  std::unordered_map<std::string, size_t> index_;
};

}  // namespace

Result<Catalog> read_catalog(pg::Session& session, const std::string& store,
                             const std::string& default_schema) {
  Catalog catalog;
  catalog.store = store;
  catalog.kind = "postgres";
  catalog.server_version = session.facts().server_version_text;
  catalog.default_schema = default_schema.empty() ? "public" : default_schema;
  CatalogReader reader(session, catalog);
  if (const Status status = reader.read(); !status.ok()) {
    return wrap(status.error(), "the catalog of store " + store + " cannot be read");
  }
  PartitionFolding(catalog).fold();
  return catalog;
}

}  // namespace godwit::connect::postgres
